// A message out of the spool as xproto sends it on.
#include "gateway/delivery/native_content.hpp"

#include "gateway/delivery/own_step.hpp"
#include "gateway/runtime/limits.hpp"
#include "gateway/site/identity.hpp"

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
    for (const auto& object : envelope->objects)
        if (!object.media_type.empty()) made->media_type_ = object.media_type;
    made->headers_ = std::move(*headers);
    made->body_octets_ = message.place.body_octets;
    made->reader_ = std::move(*reader);
    made->unsigned_ = std::make_unique<unsigned_part>();
    made->unsigned_->xml = std::move(*xml);
    made->unsigned_->envelope = std::move(*envelope);
    made->unsigned_->step = std::move(step);
    made->unsigned_->number = batch.add(*octets);
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
    case xproto::object_type::body: break;
    }
    return body_octets_;
}

boost::system::result<std::string_view> native_content::read(xproto::object_type type, std::uint64_t offset,
                                                             std::size_t most)
{
    switch (type) {
    case xproto::object_type::envelope: return std::string_view(envelope_).substr(offset, most);
    case xproto::object_type::headers: return std::string_view(headers_).substr(offset, most);
    case xproto::object_type::body: break;
    }
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
