// Law L2 for any header and body: as the objects of a message born in xproto they go out as standard mail with a
// carrier, and come back octet for octet. The input is a message; its first octet chooses what else the envelope has.
#include "mapping/carrier/verify.hpp"
#include "mapping/field.hpp"
#include "mapping/message_splitter.hpp"
#include "mapping/view/describe.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

enum choice : unsigned { smtputf8 = 1, utf8_address = 2, views = 4, bare_end = 8, extension = 16 };

xproto::headers_object headers_of(const mapping::header_section& header, unsigned chosen)
{
    xproto::headers_object made;
    made.end = (chosen & bare_end) != 0 ? xproto::separator::lf : xproto::separator::crlf;
    std::size_t room = 1 << 20;
    for (std::size_t i = 0; i < header.size(); ++i) {
        auto field = mapping::to_field(header[i]);
        if (field.raw && !field.octets.ends_with('\n')) field.octets += "\r\n"; // only the last one of all may lack it
        if ((chosen & views) != 0) field.view = mapping::view::describe(field, mapping::view::wanted::all, room);
        made.fields.push_back(std::move(field));
    }
    return made;
}

xproto::object_reference object(std::string_view type, std::string_view octets)
{
    xproto::object_reference made;
    made.type = type;
    made.octets = octets.size();
    made.sha256 = xproto::sha256(octets);
    return made;
}

xproto::envelope envelope_of(std::string_view headers_xml, std::string_view body, unsigned chosen)
{
    xproto::envelope made;
    made.id = "fuzz@edge.example";
    made.created = 1763775062;
    made.from.address = (chosen & utf8_address) != 0 ? "d\xc3\xb6mi@edge.example" : "alice@edge.example";
    if ((chosen & smtputf8) != 0) made.from.parameters.push_back({"SMTPUTF8", {}});
    xproto::recipient to;
    to.number = 1;
    to.address = "bob@carrier.example";
    made.recipients.push_back(std::move(to));
    made.objects = {object("message/headers", headers_xml), object("message/body", body)};
    if ((chosen & extension) != 0) made.extensions.push_back({"1.2.3", false, "<x xmlns=\"urn:x\">&lt;</x>"});
    return made;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::string_view message(reinterpret_cast<const char*>(data) + 1, size - 1);
    mapping::message_splitter splitter;
    std::string body;
    const auto take = [&](const mapping::message_splitter::body_pieces& pieces) {
        body += pieces.held;
        body += pieces.fresh;
    };
    take(splitter.push(message));
    take(splitter.finish());
    const auto headers_xml = xproto::write(headers_of(splitter.header(), data[0]));
    const auto envelope_xml = xproto::write(envelope_of(headers_xml, body, data[0]));
    const auto wrong = mapping::carrier::verify_round_trip(envelope_xml, headers_xml, body);
    if (!wrong) return 0;
    std::fprintf(stderr, "%s\n%s%s", wrong->c_str(), envelope_xml.c_str(), headers_xml.c_str());
    std::abort();
}
