// How fast mail crosses the mapping, without signatures and disk: splitter and objects one way, objects and octets
// back, for each class of messages.
#include "mapping/parts/scan.hpp"
#include "mapping/parts/split.hpp"
#include "mapping/sender_certificate.hpp"
#include "mapping/to_smtp.hpp"
#include "mapping/to_xproto.hpp"
#include "mapping/view/describe.hpp"
#include "mapping/view/regenerate.hpp"
#include "tests/bench/allocations.hpp"
#include "tests/bench/messages.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t piece = 65536; // what a driver reads at once

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

void split(benchmark::State& state, const std::string& message)
{
    const auto before = allocations::count;
    for (auto _ : state) {
        mapping::message_splitter splitter;
        feed(splitter, message);
        benchmark::DoNotOptimize(splitter.body_octets());
    }
    allocations::report(state, message.size(), before);
}

// What the gateway does with a message that SMTP brought: both objects as XML.
void smtp_to_xproto(benchmark::State& state, const std::string& message)
{
    const auto from_to = transaction();
    const auto before = allocations::count;
    for (auto _ : state) {
        mapping::message_splitter splitter;
        feed(splitter, message);
        const auto made = mapping::to_xproto(from_to, splitter, "0123456789abcdef@mx.example", 1763775062);
        benchmark::DoNotOptimize(xproto::write(made.envelope));
    }
    allocations::report(state, message.size(), before);
}

// What it does with one that xproto brought: both objects read, and the header's octets. The body needs nothing but its
// digest, which the receiver has taken.
void xproto_to_smtp(benchmark::State& state, const std::string& message)
{
    mapping::message_splitter splitter;
    feed(splitter, message);
    const auto made = mapping::to_xproto(transaction(), splitter, "0123456789abcdef@mx.example", 1763775062);
    const auto envelope_xml = xproto::write(made.envelope);
    const auto before = allocations::count;
    for (auto _ : state) {
        const auto envelope = xproto::read_envelope(envelope_xml);
        const auto headers = xproto::read_headers(made.headers);
        const auto back = mapping::to_smtp(*envelope, *headers);
        benchmark::DoNotOptimize(back.header.data());
        const auto digest = xproto::sha256(std::string_view(message).substr(back.header.size()));
        benchmark::DoNotOptimize(digest);
    }
    allocations::report(state, message.size(), before);
}

// The parts of the body, found while it streams.
void scan_parts(benchmark::State& state, const std::string& message)
{
    mapping::message_splitter splitter;
    feed(splitter, message);
    const auto header = splitter.header().octets();
    const auto body = std::string_view(message).substr(header.size());
    const auto before = allocations::count;
    for (auto _ : state) {
        mapping::parts::scanner scanner(header);
        for (std::size_t at = 0; at < body.size(); at += piece) scanner.push(body.substr(at, piece));
        scanner.finish();
        benchmark::DoNotOptimize(scanner.parts().data());
    }
    allocations::report(state, message.size(), before);
}

// A skeleton and leaves of it, all digested.
void split_body(benchmark::State& state, const std::string& message)
{
    mapping::message_splitter splitter;
    feed(splitter, message);
    const auto header = splitter.header().octets();
    const auto body = std::string_view(message).substr(header.size());
    const auto leaves = mapping::parts::large_leaves(mapping::parts::scan(header, body));
    const auto before = allocations::count;
    for (auto _ : state) {
        mapping::parts::body_splitter parts(leaves);
        for (auto rest = body; !rest.empty();) benchmark::DoNotOptimize(parts.take(rest));
        benchmark::DoNotOptimize(parts.finish());
    }
    allocations::report(state, message.size(), before);
}

std::vector<xproto::field> fields_of(const std::string& message, mapping::view::wanted views)
{
    mapping::message_splitter splitter;
    feed(splitter, message);
    mapping::mapping_options options;
    options.views = views;
    const auto made = mapping::to_xproto(transaction(), splitter, "0123456789abcdef@mx.example", 0, {}, options);
    return xproto::read_headers(made.headers)->fields;
}

// What the views of one header cost on the way in: only those that say more than the text (0), or all of them (1).
void views_made(benchmark::State& state)
{
    const auto wanted = state.range(0) == 0 ? mapping::view::wanted::needed : mapping::view::wanted::all;
    const auto fields = fields_of(bench::one_kilobyte(), wanted);
    for (auto _ : state) {
        std::size_t room = mapping::mapping_limits().view_octets;
        for (const auto& field : fields) benchmark::DoNotOptimize(mapping::view::describe(field, wanted, room));
    }
    state.SetItemsProcessed(state.iterations());
}

// And on the way out: has nobody changed them?
void views_compared(benchmark::State& state)
{
    const auto wanted = state.range(0) == 0 ? mapping::view::wanted::needed : mapping::view::wanted::all;
    const auto fields = fields_of(bench::one_kilobyte(), wanted);
    for (auto _ : state)
        for (const auto& field : fields) benchmark::DoNotOptimize(mapping::view::is_edited(field));
    state.SetItemsProcessed(state.iterations());
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

using measure = void (*)(benchmark::State&, const std::string&);

constexpr std::pair<std::string_view, measure> measures[] = {
    {"split", split},           {"smtp_to_xproto", smtp_to_xproto}, {"xproto_to_smtp", xproto_to_smtp},
    {"scan_parts", scan_parts}, {"split_body", split_body},
};

[[maybe_unused]] const bool registered = [] {
    for (const auto& [name, run] : measures)
        for (const auto& kind : bench::message_classes)
            benchmark::RegisterBenchmark((std::string(name) + '/' + std::string(kind.name)).c_str(), run, kind.make());
    return true;
}();

} // namespace

BENCHMARK(views_made)->ArgName("all")->Arg(0)->Arg(1);
BENCHMARK(views_compared)->ArgName("all")->Arg(0)->Arg(1);
BENCHMARK(sender_certificate)->ArgName("new")->Arg(0)->Arg(1);
