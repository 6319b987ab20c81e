// A message out of the spool as xproto sends it on.
#include "gateway/delivery/native_content.hpp"

#include "gateway/delivery/own_step.hpp"
#include "gateway/runtime/limits.hpp"
#include "gateway/site/identity.hpp"
#include "mapping/to_smtp.hpp"
#include "xproto/headers_object.hpp"
#include "xproto/trace.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {

mapping::verdict unreadable(const std::string& why)
{
    return mapping::verdict::deferred({4, 3, 0}, "the message cannot be read at the moment", why);
}

} // namespace

struct native_content::unsigned_part {
    std::string xml;
    xproto::envelope envelope;
    own_step step;
    std::size_t number = 0;
};

native_content::native_content() = default;
native_content::~native_content() = default;

std::optional<mapping::verdict> native_content::open(const runtime& gateway, const site::identity& identity,
                                                     const job& work, const std::string& next,
                                                     xproto::signature_batch& batch,
                                                     std::unique_ptr<native_content>& made)
{
    const auto& message = *work.message;
    auto reader = gateway.spool.open(message);
    if (!reader) return unreadable(reader.error().message());
    auto xml = (*reader)->envelope();
    if (!xml) return unreadable(xml.error().message());
    auto headers = (*reader)->headers();
    if (!headers) return unreadable(headers.error().message());
    auto envelope = xproto::read_envelope(*xml, envelope_limits(*gateway.settings));
    if (!envelope) return unreadable(envelope.error().where + ": " + envelope.error().what);

    std::vector<std::uint32_t> keep;
    for (const auto index : work.recipients) keep.push_back(message.recipients[index].number);
    auto step = begin_step(gateway, identity, message, *envelope, next);
    const auto octets = step.prepare(*envelope, keep);
    if (!octets) return unreadable(octets.error().where + ": " + octets.error().what);

    made.reset(new native_content);
    made->message_id_ = envelope->id;
    made->envelope_only_ = envelope->objects.empty();
    made->needs_tls_ = mapping::asks_for(*envelope, "REQUIRETLS");
    for (const auto& object : envelope->objects)
        if (object.type == to_text(xproto::object_type::body)) {
            made->media_type_ = object.media_type;
            made->body_digest_ = xproto::to_text(object.sha256);
        }
    made->headers_ = std::move(*headers);
    made->body_octets_ = message.place.body_octets;
    made->reader_ = std::move(*reader);
    made->unsigned_ = std::make_unique<unsigned_part>();
    made->unsigned_->xml = std::move(*xml);
    made->unsigned_->envelope = std::move(*envelope);
    made->unsigned_->step = std::move(step);
    made->unsigned_->number = xproto::add_hop(batch, *octets, made->unsigned_->step.hop);
    return std::nullopt;
}

std::size_t native_content::signature_number() const
{
    return unsigned_->number;
}

std::optional<mapping::verdict> native_content::seal(const site::identity& identity, xproto::signature made)
{
    const auto open = std::move(unsigned_);
    auto forwarded = open->step.send(open->xml, open->envelope, std::move(made), identity);
    if (!forwarded) return unreadable(forwarded.error().where + ": " + forwarded.error().what);
    envelope_ = std::move(*forwarded);
    return std::nullopt;
}

std::uint64_t native_content::octets(xproto::object_type type) const
{
    switch (type) {
    case xproto::object_type::envelope: return envelope_.size();
    case xproto::object_type::headers: return headers_.size();
    case xproto::object_type::skeleton: return plan_ ? plan_->skeleton_octets() : 0;
    case xproto::object_type::body:
    case xproto::object_type::leaf: break;
    }
    return body_octets_;
}

std::string native_content::digest_of(xproto::object_type type, std::size_t leaf) const
{
    return type == xproto::object_type::leaf ? xproto::to_text(plan_->leaves()[leaf].sha256) : body_digest_;
}

bool native_content::plan_split()
{
    if (!plan_) {
        const auto headers = xproto::read_headers(headers_);
        if (!headers) return true; // the next hop will say what is wrong with them
        plan_.emplace(*headers, body_octets_);
    }
    if (!plan_->read_some(*reader_)) return false;
    if (plan_->leaves().empty()) plan_.reset();
    piece_ = {};
    return true;
}

xproto::outgoing native_content::outgoing(std::uint64_t handle) const
{
    using xproto::object_type;
    xproto::outgoing message;
    message.handle = handle;
    message.message_id = message_id_;
    message.envelope_octets = octets(object_type::envelope);
    message.headers_octets = octets(object_type::headers);
    message.body_octets = octets(object_type::body);
    message.media_type = media_type_;
    message.envelope_only = envelope_only_;
    if (!plan_) return message;
    message.skeleton_octets = octets(object_type::skeleton);
    for (std::size_t i = 0; i < plan_->leaves().size(); ++i) {
        const auto& leaf = plan_->leaves()[i];
        const auto& is = plan_->descriptions()[i];
        message.leaves.push_back({leaf.octets, xproto::to_text(leaf.sha256), is.media_type, is.file_name});
    }
    return message;
}

boost::system::result<std::string_view> native_content::read(xproto::object_type type, std::uint64_t offset,
                                                             std::size_t most, std::size_t leaf)
{
    switch (type) {
    case xproto::object_type::envelope: return std::string_view(envelope_).substr(offset, most);
    case xproto::object_type::headers: return std::string_view(headers_).substr(offset, most);
    case xproto::object_type::leaf: return read_body(plan_->leaves()[leaf].offset + offset, most);
    case xproto::object_type::body: return read_body(offset, most);
    case xproto::object_type::skeleton: break;
    }
    const std::string_view table = plan_->table_octets();
    if (offset < table.size()) return table.substr(offset, most);
    const auto place = plan_->place_of(offset);
    return read_body(place.offset, std::min<std::uint64_t>(place.octets, most));
}

boost::system::result<std::string_view> native_content::read_body(std::uint64_t offset, std::uint64_t most)
{
    // The spool checks and hands out larger pieces than a chunk: each is fetched once.
    if (offset < piece_offset_ || offset >= piece_offset_ + piece_.size()) {
        const auto fetched = reader_->body(offset);
        if (!fetched) return fetched.error();
        piece_ = *fetched;
        piece_offset_ = offset;
    }
    return piece_.substr(offset - piece_offset_, most);
}

} // namespace gateway::delivery
