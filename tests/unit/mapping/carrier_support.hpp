// Native messages for the carrier's tests: made by hand, and generated from a seed; and the way they take over SMTP.
#pragma once

#include "mapping/carrier/departure.hpp"
#include "mapping/carrier/restore.hpp"
#include "mapping/message_splitter.hpp"
#include "tests/support/xproto_world.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carrier_test {

namespace carrier = mapping::carrier;

// The three objects.
struct native {
    std::string envelope_xml, headers_xml, body;
    xproto::envelope envelope;
    xproto::headers_object headers;
};

inline native finish(xproto::envelope envelope, xproto::headers_object headers, std::string body)
{
    native made;
    made.headers_xml = xproto::write(headers);
    made.body = std::move(body);
    envelope.objects = {samples::object("message/headers", made.headers_xml),
                        samples::object("message/body", made.body, "text/plain")};
    const auto sender = samples::w().edge.user(envelope.from.address);
    envelope.from.certificate = sender.sha256();
    samples::add_certificate(envelope, sender);
    xproto::sign_originator(envelope, samples::w().edge.user_key);
    samples::hop here;
    here.host = samples::w().edge.name;
    here.certificate = samples::w().edge.host.sha256();
    here.peer = "pc.edge.example";
    here.protocol = "XPROTO";
    here.id = "4f2a";
    here.time = samples::noon + 1;
    here.next = std::string(xproto::smtp_next) + "mail.example";
    sign_hop(envelope, here, envelope.recipients, samples::w().edge.key);
    samples::add_certificate(envelope, samples::w().edge.host);
    envelope.trace.push_back(std::move(here));
    made.envelope_xml = xproto::write(envelope);
    made.envelope = std::move(envelope);
    made.headers = std::move(headers);
    return made;
}

// From alice to bob and carol, with UTF-8 in the header as a native sender writes it, and what SMTP has no place for.
inline native letter(std::string body = "Gr\xc3\xbc\xc3\x9f"
                                        "e\r\nvon Alice\r\n")
{
    auto envelope = samples::message();
    envelope.legacy.clear();
    envelope.from.parameters = {{"ENVID", "x1"}};
    envelope.extensions = {{"1.2.3", false, "<x xmlns=\"urn:x\">&lt;\xc3\xa9</x>"}};
    xproto::headers_object headers;
    headers.fields = {samples::plain("From", " J\xc3\xbcrgen M\xc3\xbcller <alice@edge.example>"),
                      samples::plain("To", " bob@carrier.example, Carol <carol@elsewhere.example>"),
                      samples::plain("Subject", " Sch\xc3\xb6ne Gr\xc3\xbc\xc3\x9f"
                                                "e aus Z\xc3\xbcrich"),
                      samples::plain("X-Ordinary", " a  b\tc")};
    return finish(std::move(envelope), std::move(headers), std::move(body));
}

inline bool has_eight_bits(std::string_view octets)
{
    for (const char c : octets)
        if (static_cast<unsigned char>(c) > 0x7F) return true;
    return false;
}

// As it leaves by SMTP.
struct letter_by_smtp {
    carrier::departure left;
    std::string octets; // all of the message
};

inline letter_by_smtp send(const native& message)
{
    carrier::departure_options options;
    options.eight_bit = has_eight_bits(message.body);
    letter_by_smtp out;
    out.left = carrier::depart({message.envelope_xml, message.headers_xml, message.envelope, message.headers}, options);
    out.octets = out.left.trace + out.left.carrier + out.left.header + message.body;
    return out;
}

// As it is found to be when it comes by SMTP.
struct arrival {
    mapping::message_splitter splitter;
    std::string body;
    carrier::opening opening;
    carrier::restoration back;
};

inline arrival receive(std::string_view octets, const smtp::transaction& transaction)
{
    arrival a;
    const auto take = [&](const mapping::message_splitter::body_pieces& pieces) {
        a.body += pieces.held;
        a.body += pieces.fresh;
    };
    take(a.splitter.push(octets));
    take(a.splitter.finish());
    a.opening = carrier::open(a.splitter.header());
    if (!a.opening.what) return a;
    carrier::arrived_body body;
    body.octets = a.splitter.body_octets();
    body.sha256 = a.splitter.body_digest();
    const auto* sent = a.opening.what->body();
    body.begins_as_sent = sent != nullptr && a.body.size() > sent->octets &&
                          xproto::sha256(std::string_view(a.body).substr(0, sent->octets)) == sent->sha256;
    a.back = carrier::restore(*a.opening.what, transaction, a.splitter.header(), body);
    return a;
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    const auto at = text.find(from);
    if (at != std::string::npos) text.replace(at, from.size(), to);
    return text;
}

// The carried objects, octet for octet, and nothing declared.
inline bool is_whole(const arrival& a, const native& message)
{
    return a.back.message && a.back.message->headers == message.headers_xml &&
           a.opening.what->what.envelope == message.envelope_xml && a.back.message->envelope.next.changes.empty();
}

} // namespace carrier_test
