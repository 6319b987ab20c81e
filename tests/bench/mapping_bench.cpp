// How fast mail crosses the mapping, without signatures and disk: splitter and objects one way, objects and octets
// back. A message has an ordinary header of about a kilobyte and a body of the size named.
#include "mapping/sender_certificate.hpp"
#include "mapping/to_smtp.hpp"
#include "mapping/to_xproto.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

constexpr std::size_t piece = 65536; // what a driver reads at once

const std::string header = "Received: from mail.sender.example (mail.sender.example [192.0.2.17])\r\n"
                           "\tby mx.recipient.example with ESMTPS id 4ZkLm12zXyzABC\r\n"
                           "\tfor <bob@recipient.example>; Sat, 22 Nov 2025 02:31:05 +0100 (CET)\r\n"
                           "DKIM-Signature: v=1; a=rsa-sha256; q=dns/txt; c=relaxed/relaxed; d=sender.example;\r\n"
                           "\ts=2025; h=Content-Transfer-Encoding:Content-Type:Subject:To:From:Date:Message-ID;\r\n"
                           "\tbh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=NhIyzCcVW1jNQ5PqsCbGVyzWCP\r\n"
                           "\tzCZgQwNr2iHrIxTlIhFkQnDmRN0GWZ1qGKqkU2PtO2XHZFq4sAk2FgKCp4uWb3lUYBgFOLuXKY1Y9\r\n"
                           "\teGRhX0wG1wpHbTBBGmqqjULxW9zHYr2bCDv8=;\r\n"
                           "Message-ID: <8f2c1f0e-6a7b-4d52-9a40-0c5d1e1f7a33@sender.example>\r\n"
                           "Date: Sat, 22 Nov 2025 02:31:02 +0100\r\n"
                           "From: Alice Example <alice@sender.example>\r\n"
                           "To: Bob Example <bob@recipient.example>\r\n"
                           "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= vom =?UTF-8?Q?B=C3=BCro?=\r\n"
                           "MIME-Version: 1.0\r\n"
                           "Content-Type: text/plain; charset=UTF-8\r\n"
                           "Content-Transfer-Encoding: 8bit\r\n"
                           "\r\n";

std::string message_of(std::size_t body)
{
    std::string out = header;
    while (out.size() < header.size() + body)
        out += "A line of text that is as long as lines of text in mail tend to be.\r\n";
    out.resize(header.size() + body);
    return out;
}

smtp::transaction transaction()
{
    smtp::transaction t;
    t.reverse_path = "alice@sender.example";
    t.parameters = {{"SIZE", "2048"}, {"BODY", "8BITMIME"}};
    t.recipients = {{"bob@recipient.example", {}}};
    return t;
}

void feed(mapping::message_splitter& splitter, std::string_view message)
{
    for (std::size_t at = 0; at < message.size(); at += piece)
        benchmark::DoNotOptimize(splitter.push(message.substr(at, piece)));
    splitter.finish();
}

void report(benchmark::State& state, const std::string& message)
{
    state.SetBytesProcessed(static_cast<std::int64_t>(message.size()) * state.iterations());
    state.SetItemsProcessed(state.iterations());
}

void split(benchmark::State& state)
{
    const auto message = message_of(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        mapping::message_splitter splitter;
        feed(splitter, message);
        benchmark::DoNotOptimize(splitter.body_octets());
    }
    report(state, message);
}

// What the gateway does with a message that SMTP brought: both objects as XML.
void smtp_to_xproto(benchmark::State& state)
{
    const auto message = message_of(static_cast<std::size_t>(state.range(0)));
    const auto from_to = transaction();
    for (auto _ : state) {
        mapping::message_splitter splitter;
        feed(splitter, message);
        const auto made = mapping::to_xproto(from_to, splitter, "0123456789abcdef@mx.example", 1763775062);
        benchmark::DoNotOptimize(xproto::write(made.envelope));
    }
    report(state, message);
}

// What it does with one that xproto brought: both objects read, and the header's octets. The body needs nothing but its
// digest, which the receiver has taken.
void xproto_to_smtp(benchmark::State& state)
{
    const auto message = message_of(static_cast<std::size_t>(state.range(0)));
    mapping::message_splitter splitter;
    feed(splitter, message);
    const auto made = mapping::to_xproto(transaction(), splitter, "0123456789abcdef@mx.example", 1763775062);
    const auto envelope_xml = xproto::write(made.envelope);
    for (auto _ : state) {
        const auto envelope = xproto::read_envelope(envelope_xml);
        const auto headers = xproto::read_headers(made.headers);
        const auto back = mapping::to_smtp(*envelope, *headers);
        benchmark::DoNotOptimize(back.header.data());
        const auto digest = xproto::sha256(std::string_view(message).substr(back.header.size()));
        benchmark::DoNotOptimize(digest);
    }
    report(state, message);
}

void sender_certificate(benchmark::State& state)
{
    const auto is_new = state.range(0) != 0;
    constexpr xproto::unix_seconds now = 1763775062;
    mapping::sender_certificates senders(xproto::make_ca("edge.example", {now, now + 86400 * 365}).value(),
                                         xproto::private_key::generate_ed25519(), "mx1.edge.example");
    std::uint64_t number = 0;
    for (auto _ : state) {
        const auto address = "alice" + std::to_string(is_new ? number++ : 0) + "@sender.example";
        benchmark::DoNotOptimize(senders.find(address, mapping::assurance::nothing, now));
    }
    state.SetItemsProcessed(state.iterations());
}

constexpr std::int64_t kib = 1 << 10, mib = 1 << 20;

} // namespace

BENCHMARK(split)->Arg(0)->Arg(kib)->Arg(10 * kib)->Arg(100 * kib)->Arg(10 * mib);
BENCHMARK(smtp_to_xproto)->Arg(0)->Arg(kib)->Arg(10 * kib)->Arg(100 * kib)->Arg(10 * mib);
BENCHMARK(xproto_to_smtp)->Arg(0)->Arg(kib)->Arg(10 * kib)->Arg(100 * kib)->Arg(10 * mib);
BENCHMARK(sender_certificate)->ArgName("new")->Arg(0)->Arg(1);
