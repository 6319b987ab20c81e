// What the objects of a small message cost: 30 header fields, 2 recipients, one hop, certificates inside.
#include "tests/bench/allocations.hpp"
#include "tests/support/xproto_world.hpp"
#include "xproto/base64.hpp"
#include "xproto/identity.hpp"
#include "xproto/xml_scan.hpp"

namespace {

using namespace xproto;

headers_object header_of_30_fields()
{
    headers_object h;
    const auto add = [&](std::string name, std::string text) {
        h.fields.push_back(samples::plain(std::move(name), std::move(text)));
    };
    add("DKIM-Signature", " v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=20230601; t=1795348800;        "
                          "h=to:subject:message-id:date:from:mime-version:from:to:cc:subject:date:message-id:reply-to;"
                          "        bh=g3zLYH4xKxcPrHOD18z9YfpQcnk/GaJedfustWU5uGs=;        b=" +
                              std::string(344, 'A'));
    h.fields.back().folds = {85};
    add("From", " Alice Example <alice@example.com>");
    add("To", " Bob Example <bob@example.org>, Carol Example <carol@example.net>");
    add("Subject", " Re: The meeting on Friday, and what we should bring along");
    add("Date", " Sun, 22 Nov 2026 12:00:00 +0000");
    add("Message-ID", " <CAF=abcdefghijklmnopqrstuvwxyz0123456789@mail.example.com>");
    add("MIME-Version", " 1.0");
    add("Content-Type", " multipart/alternative; boundary=\"000000000000a1b2c3d4e5f60718\"");
    for (int i = 8; i < 30; ++i)
        add("X-Example-Header-" + std::to_string(i), " some value that a mail system thought worth telling & <more>");
    return h;
}

const std::string& headers_xml()
{
    static const auto xml = write(header_of_30_fields());
    return xml;
}

const envelope& journeyed()
{
    static const auto e = samples::journey();
    return e;
}

const std::string& envelope_xml()
{
    static const auto xml = write(journeyed());
    return xml;
}

void per_octet(benchmark::State& state, std::size_t octets)
{
    state.SetBytesProcessed(static_cast<std::int64_t>(octets) * static_cast<std::int64_t>(state.iterations()));
}

void write_headers(benchmark::State& state)
{
    const auto object = header_of_30_fields();
    const auto before = allocations::count;
    for (auto _ : state) benchmark::DoNotOptimize(write(object));
    allocations::report(state, headers_xml().size(), before);
}
BENCHMARK(write_headers);

void read_headers_object(benchmark::State& state)
{
    const auto before = allocations::count;
    for (auto _ : state) benchmark::DoNotOptimize(read_headers(headers_xml()));
    allocations::report(state, headers_xml().size(), before);
}
BENCHMARK(read_headers_object);

void write_fresh_envelope(benchmark::State& state)
{
    const auto e = samples::message();
    const auto before = allocations::count;
    for (auto _ : state) benchmark::DoNotOptimize(write(e));
    allocations::report(state, write(e).size(), before);
}
BENCHMARK(write_fresh_envelope);

void read_fresh_envelope(benchmark::State& state)
{
    const auto xml = write(samples::message());
    const auto before = allocations::count;
    for (auto _ : state) benchmark::DoNotOptimize(read_envelope(xml));
    allocations::report(state, xml.size(), before);
}
BENCHMARK(read_fresh_envelope);

void write_envelope_of_three_hops(benchmark::State& state)
{
    const auto before = allocations::count;
    for (auto _ : state) benchmark::DoNotOptimize(write(journeyed()));
    allocations::report(state, envelope_xml().size(), before);
}
BENCHMARK(write_envelope_of_three_hops);

void read_envelope_of_three_hops(benchmark::State& state)
{
    const auto before = allocations::count;
    for (auto _ : state) benchmark::DoNotOptimize(read_envelope(envelope_xml()));
    allocations::report(state, envelope_xml().size(), before);
}
BENCHMARK(read_envelope_of_three_hops);

void forward_envelope(benchmark::State& state)
{
    const auto next = journeyed().trace.back();
    const auto before = allocations::count;
    for (auto _ : state) benchmark::DoNotOptimize(forward(envelope_xml(), {2}, next, journeyed().certificates));
    allocations::report(state, envelope_xml().size(), before);
}
BENCHMARK(forward_envelope);

void scan_headers(benchmark::State& state)
{
    const auto before = allocations::count;
    for (auto _ : state) benchmark::DoNotOptimize(xml::scan(headers_xml(), "headers", "urn:xproto:headers:1", {}));
    allocations::report(state, headers_xml().size(), before);
}
BENCHMARK(scan_headers);

void encode_base64(benchmark::State& state)
{
    const std::string octets(65536, 'x');
    for (auto _ : state) benchmark::DoNotOptimize(to_base64(octets));
    per_octet(state, octets.size());
}
BENCHMARK(encode_base64);

void decode_base64(benchmark::State& state)
{
    const auto text = to_base64(std::string(65536, 'x'));
    for (auto _ : state) benchmark::DoNotOptimize(from_base64(text));
    per_octet(state, 65536);
}
BENCHMARK(decode_base64);

void digest_of_one_kilobyte(benchmark::State& state)
{
    const std::string octets(1024, 'x');
    for (auto _ : state) benchmark::DoNotOptimize(sha256(octets));
    per_octet(state, octets.size());
}
BENCHMARK(digest_of_one_kilobyte);

void sign_one_hop(benchmark::State& state)
{
    const auto& site = state.range(0) == 0 ? samples::w().edge : samples::w().relay;
    auto step = journeyed().trace.back();
    for (auto _ : state) sign_hop(journeyed(), step, journeyed().recipients, site.key);
    state.SetLabel(std::string(site.key.algorithm()));
}
BENCHMARK(sign_one_hop)->Arg(0)->Arg(1);

void verify_originator_and_three_hops(benchmark::State& state)
{
    auto x = samples::expectations();
    validation_cache cache;
    x.parse = [&](const digest& name, std::string_view der) { return cache.parse(name, der); };
    x.validate = [&](const certificate& leaf, const std::vector<certificate>& others, purpose use, unix_seconds at) {
        return cache.validate(samples::w().store, leaf, others, use, at);
    };
    for (auto _ : state) benchmark::DoNotOptimize(verify_trace(journeyed(), x));
}
BENCHMARK(verify_originator_and_three_hops);

void validate_fresh_certificate(benchmark::State& state)
{
    const auto& edge = samples::w().edge;
    const auto user = edge.user("alice@edge.example");
    for (auto _ : state) {
        const auto parsed = certificate::from_der(user.der());
        benchmark::DoNotOptimize(samples::w().store.validate_user(*parsed, {}, "alice@edge.example", samples::noon));
    }
}
BENCHMARK(validate_fresh_certificate);

void issue_user_certificate(benchmark::State& state)
{
    const auto& edge = samples::w().edge;
    for (auto _ : state) benchmark::DoNotOptimize(edge.user("alice@edge.example"));
}
BENCHMARK(issue_user_certificate);

void make_and_verify_proof(benchmark::State& state)
{
    const auto& edge = samples::w().edge;
    for (auto _ : state) {
        const auto der = *make_proof({edge.host}, edge.key, "transcript");
        benchmark::DoNotOptimize(verify_proof(der, "transcript", {&samples::w().store}, samples::noon));
    }
}
BENCHMARK(make_and_verify_proof);

} // namespace
