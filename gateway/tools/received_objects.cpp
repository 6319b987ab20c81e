#include "gateway/tools/received_objects.hpp"

#include "xproto/headers_object.hpp"

#include <algorithm>

namespace gateway::tools {

using xproto::object_type;

namespace {

// The name of the file that an object is kept in.
std::string file_of(object_type type)
{
    switch (type) {
    case object_type::envelope: return "envelope.xml";
    case object_type::headers: return "headers.xml";
    case object_type::body:
    case object_type::skeleton:
    case object_type::leaf: break;
    }
    return "body";
}

} // namespace

received_objects::received_objects(std::string id, std::unique_ptr<message_folder::entry> content)
    : id_(std::move(id)), content_(std::move(content))
{
}

void received_objects::append(object_type type, std::string_view octets)
{
    if (content_) content_->write(file_of(type), octets);
    switch (type) {
    case object_type::envelope: envelope_xml_ += octets; return;
    case object_type::headers: headers_xml_ += octets; return;
    case object_type::body:
    case object_type::skeleton:
    case object_type::leaf: break;
    }
    body_digest_.update(octets);
    body_octets_ += octets.size();
}

void received_objects::finish_envelope(const xproto::trace_expectations& expected)
{
    auto read = xproto::read_envelope(envelope_xml_);
    if (!read) {
        trace_ = "unknown";
        return blame("envelope: " + read.error().where + ": " + read.error().what);
    }
    if (read->id != id_) blame("envelope: it is that of another message, " + read->id);
    const auto report = xproto::verify_trace(*read, expected);
    trace_ = !report.intact() ? "broken: " + report.broken : report.valid() ? "valid" : "intact";
    envelope_ = std::move(*read);
}

void received_objects::finish_headers()
{
    compare(to_text(object_type::headers), headers_xml_.size(), xproto::sha256(headers_xml_));
    const auto read = xproto::read_headers(headers_xml_);
    if (!read) blame("headers: " + read.error().where + ": " + read.error().what);
}

void received_objects::finish_body()
{
    if (content_) content_->write(file_of(object_type::body), {}); // there is a file even of an empty body
    compare(to_text(object_type::body), body_octets_, body_digest_.finish());
}

void received_objects::compare(std::string_view type, std::uint64_t octets, const xproto::digest& found)
{
    if (!envelope_) return;
    for (const auto& object : envelope_->objects) {
        if (object.type != type) continue;
        if (object.octets != octets || object.sha256 != found)
            blame(std::string(type) + ": its octets are not those that the envelope announces");
        return;
    }
    blame(std::string(type) + ": the envelope does not announce it");
}

// Only the first flaw is told.
void received_objects::blame(const std::string& what)
{
    if (objects_ == "sound") objects_ = what;
}

receipt received_objects::describe() const
{
    receipt made;
    made.id = id_;
    made.octets = envelope_xml_.size() + headers_xml_.size() + body_octets_;
    made.trace = trace_;
    made.objects = objects_;
    if (!envelope_) return made;
    made.sender = envelope_->from.address;
    for (const auto& to : envelope_->recipients) {
        const bool no =
            std::any_of(refused.begin(), refused.end(), [&](const auto& r) { return r.number == to.number; });
        if (!no) made.recipients.push_back(to.address);
    }
    return made;
}

} // namespace gateway::tools
