// Law L1 for any octets: the message that a transaction brought comes out again octet for octet, its parameters too,
// and it makes no difference into which pieces it was cut. The first octet says how the rest is divided into
// transaction and message, the second how the message is cut.
#include "mapping/to_smtp.hpp"
#include "mapping/to_xproto.hpp"
#include "mapping/verify.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void demand(bool holds, const char* what)
{
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

// Takes what stands before the next semicolon off the front.
std::string take(std::string_view& text)
{
    const auto size = text.find(';');
    std::string out(text.substr(0, size));
    text.remove_prefix(size == std::string_view::npos ? text.size() : size + 1);
    return out;
}

// Addresses and parameters of any octets: reverse-path;keyword;value;address;keyword;value;address...
smtp::transaction read_transaction(std::string_view text)
{
    const auto take_parameters = [&] {
        std::vector<smtp::parameter> out;
        while (text.starts_with('=')) {
            text.remove_prefix(1);
            smtp::parameter p{take(text), {}};
            if (text.starts_with('=')) continue;
            p.value = take(text);
            out.push_back(std::move(p));
        }
        return out;
    };
    smtp::transaction t;
    t.reverse_path = take(text);
    t.parameters = take_parameters();
    while (!text.empty() && t.recipients.size() < 20) {
        smtp::recipient r{take(text), {}};
        r.parameters = take_parameters();
        t.recipients.push_back(std::move(r));
    }
    return t;
}

// Small limits, so that small inputs pass them.
void check_small_limits(std::string_view message, std::size_t piece)
{
    mapping::message_splitter splitter({64, 4});
    std::string body;
    const auto take_body = [&](const mapping::message_splitter::body_pieces& pieces) {
        body += pieces.held;
        body += pieces.fresh;
    };
    for (std::size_t at = 0; at < message.size(); at += piece) take_body(splitter.push(message.substr(at, piece)));
    take_body(splitter.finish());
    demand(splitter.header().octets().size() <= 64 && splitter.header().size() <= 4, "a limit was passed");
    const auto made = mapping::to_xproto({}, splitter, "fuzz@isthmus.invalid", 0, {2, 40});
    const auto headers = xproto::read_headers(made.headers);
    demand(headers.has_value(), "the headers object cannot be read");
    const auto back = mapping::to_smtp(made.envelope, *headers);
    demand(back.header + body == message, "the message differs with small limits");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
    const auto transaction = input.substr(0, data[0]);
    const auto message = input.substr(transaction.size());
    if (const auto failure = mapping::verify_round_trip(message, read_transaction(transaction)))
        demand(false, failure->c_str());
    check_small_limits(message, std::size_t{1} + data[1] % 61);
    return 0;
}
