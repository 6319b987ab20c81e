// Whatever stands in a header as a carrier: it is read whole or not at all, what is read writes the same fields again,
// and what is restored from it fits together. The first octet says where the rest is from: fields as they arrive, or
// what is carried, so that the digest is no obstacle.
#include "mapping/carrier/restore.hpp"
#include "mapping/carrier/undo_encoding.hpp"
#include "mapping/message_splitter.hpp"
#include "mapping/to_smtp.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

namespace carrier = mapping::carrier;

void demand(bool holds, const char* what)
{
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

struct message {
    mapping::message_splitter splitter;
    std::string body;

    explicit message(std::string_view octets)
    {
        take(splitter.push(octets));
        take(splitter.finish());
    }
    void take(const mapping::message_splitter::body_pieces& pieces)
    {
        body += pieces.held;
        body += pieces.fresh;
    }
};

void check_fields(const mapping::header_section& header)
{
    const auto found = carrier::find_fields(header);
    demand(found.any == !found.where.empty(), "fields without places");
    if (!found.what) return demand(!found.any || !found.reason.empty(), "no reason");
    const auto again = carrier::write_fields(*found.what, std::size_t{1} << 30);
    demand(again.has_value(), "what was read cannot be written");
    const message second(*again + "\r\n");
    demand(carrier::find_fields(second.splitter.header()).what == found.what, "what was written is read otherwise");
}

void check_restored(const carrier::opened& carried, const carrier::restored& made, const message& came)
{
    const auto& how = made.envelope;
    if (how.next.changes.empty()) demand(made.headers == carried.what.headers, "a silent change of the headers");
    for (const auto& change : how.next.changes) {
        demand(!change.reason.empty(), "a change without a reason");
        demand(change.before != change.after, "a change that is none");
        if (change.object == "message/headers")
            demand(change.after == xproto::sha256(made.headers), "a digest of other headers");
        if (change.object == "message/body")
            demand(change.after == came.splitter.body_digest(), "a digest of another body");
    }
    if (!carried.is_control()) demand(xproto::read_headers(made.headers).has_value(), "headers that cannot be read");
}

void check(std::string_view octets)
{
    const message came(octets);
    const auto& header = came.splitter.header();
    check_fields(header);
    const auto opening = carrier::open(header);
    demand(opening.any || !opening.what, "a carrier out of nothing");
    if (!opening.what) return;
    const auto& carried = *opening.what;
    if (const auto body = carrier::undo_encoding(carried, header, came.body))
        demand(xproto::sha256(*body) == carried.body()->sha256, "another body than the one that was sent");
    carrier::arrived_body body;
    body.octets = came.splitter.body_octets();
    body.sha256 = came.splitter.body_digest();
    auto transaction = mapping::transaction_of(carried.envelope);
    transaction.recipients.push_back({"one.more@example.org", {}});
    const auto back = carrier::restore(carried, transaction, header, body);
    demand(back.message.has_value() || !back.reason.empty(), "no reason");
    if (back.message) check_restored(carried, *back.message, came);
}

// The parts of what is carried and the message below, each up to a NUL.
std::string build(std::string_view input)
{
    const auto part = [&] {
        const auto size = input.find('\0');
        std::string out(input.substr(0, size));
        input.remove_prefix(size == std::string_view::npos ? input.size() : size + 1);
        return out;
    };
    carrier::content what;
    what.envelope = part();
    what.headers = part();
    what.header = part();
    what.added = what.header.size() % 4;
    return carrier::write_fields(what, std::size_t{1} << 30).value() + std::string(input);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 2 == 0)
        check(input);
    else
        check(build(input));
    return 0;
}
