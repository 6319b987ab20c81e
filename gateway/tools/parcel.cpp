#include "gateway/tools/parcel.hpp"

#include "gateway/runtime/random.hpp"
#include "mapping/message_splitter.hpp"
#include "mapping/to_xproto.hpp"
#include "xproto/trace.hpp"

#include <algorithm>

namespace gateway::tools {

using xproto::object_type;

namespace {

constexpr std::size_t id_characters = 26; // 130 random bits
constexpr std::uint64_t max_xml_octets = 64 << 20;
constexpr std::uint64_t max_body_octets = std::uint64_t{4} << 30;

bool is_ascii(std::string_view octets)
{
    return std::all_of(octets.begin(), octets.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool needs_smtputf8(const smtp::transaction& transaction, std::string_view header)
{
    const auto& to = transaction.recipients;
    return !is_ascii(header) || !is_ascii(transaction.reverse_path) ||
           std::any_of(to.begin(), to.end(), [](const auto& r) { return !is_ascii(r.address); });
}

std::string media_type_in(const xproto::envelope& envelope)
{
    for (const auto& object : envelope.objects)
        if (!object.media_type.empty()) return object.media_type;
    return {};
}

shared_octets share(std::string octets)
{
    return std::make_shared<const std::string>(std::move(octets));
}

} // namespace

std::string_view parcel::octets(object_type type, std::size_t leaf) const
{
    if (type == object_type::envelope) return envelope;
    if (type == object_type::skeleton) return split->skeleton;
    if (type == object_type::leaf) {
        const auto& place = split->places[leaf];
        return octets(object_type::body).substr(place.offset, place.octets);
    }
    const auto& part = type == object_type::headers ? headers : body;
    if (!part) return {};
    const std::string_view all = *part;
    return type == object_type::body ? all.substr(body_begin) : all;
}

xproto::outgoing parcel::outgoing(std::uint64_t handle, bool may_split) const
{
    xproto::outgoing made;
    made.handle = handle;
    made.message_id = id;
    made.envelope_octets = octets(object_type::envelope).size();
    made.headers_octets = octets(object_type::headers).size();
    made.body_octets = octets(object_type::body).size();
    made.envelope_only = envelope_only;
    made.media_type = media_type;
    made.fragment_octets = fragment_octets;
    if (may_split && split) {
        made.skeleton_octets = split->skeleton.size();
        made.leaves = split->leaves;
    }
    return made;
}

attempt<objects_on_disk> read_objects(const std::filesystem::path& folder)
{
    objects_on_disk found;
    auto envelope = read_file(folder / "envelope.xml", max_xml_octets);
    if (!envelope) return envelope.error();
    found.envelope = std::move(*envelope);
    const bool more = std::filesystem::exists(folder / "headers.xml") || std::filesystem::exists(folder / "body");
    if (!more) return found;
    auto headers = read_file(folder / "headers.xml", max_xml_octets);
    if (!headers) return headers.error();
    auto body = read_file(folder / "body", max_body_octets);
    if (!body) return body.error();
    found.headers = share(std::move(*headers));
    found.body = share(std::move(*body));
    return found;
}

draft make_draft(shared_octets message, smtp::transaction transaction)
{
    mapping::message_splitter splitter;
    splitter.push(*message);
    splitter.finish();
    const auto& parameters = transaction.parameters;
    const bool said = std::any_of(parameters.begin(), parameters.end(),
                                  [](const smtp::parameter& p) { return p.keyword == "SMTPUTF8"; });
    if (!said && needs_smtputf8(transaction, splitter.header().octets()))
        transaction.parameters.push_back({"SMTPUTF8", std::nullopt});
    auto objects = mapping::to_xproto(transaction, splitter, {}, 0);
    draft made;
    made.envelope = std::move(objects.envelope);
    made.headers = share(std::move(objects.headers));
    made.body_begin = message->size() - static_cast<std::size_t>(splitter.body_octets());
    made.body = std::move(message);
    return made;
}

packer::packer(const credentials& who, std::string next, std::int64_t now)
    : who_(who), next_(std::move(next)), now_(now)
{
    if (who.user_ca) users_.emplace(*who.user_ca, xproto::private_key::generate(), who.host);
}

std::optional<std::string> packer::certify_originator(xproto::envelope& envelope)
{
    xproto::salt_recipients(envelope);
    if (!users_) return std::nullopt;
    const auto certificate = users_->find(envelope.from.address, mapping::assurance::nothing, now_);
    if (!certificate) return "the sender cannot be certified: " + certificate.error().what;
    mapping::put_certificate(envelope, **certificate);
    return std::nullopt;
}

std::optional<std::string> packer::sign_originator(xproto::envelope& envelope)
{
    auto wrong = certify_originator(envelope);
    if (!wrong && users_) xproto::sign_originator(envelope, users_->key());
    return wrong;
}

xproto::hop packer::make_hop(const xproto::envelope& envelope) const
{
    xproto::hop here;
    here.host = who_.host;
    here.certificate = who_.chain.front().sha256();
    here.peer = "localhost";
    here.id = envelope.id.substr(0, envelope.id.find('@'));
    here.time = now_;
    here.next = next_;
    return here;
}

xproto::hop packer::sign_hop(const xproto::envelope& envelope) const
{
    auto here = make_hop(envelope);
    xproto::sign_hop(envelope, here, envelope.recipients, who_.key);
    return here;
}

xproto::envelope packer::begin(const draft& message) const
{
    auto envelope = message.envelope;
    envelope.id = random_text(id_characters) + "@" + who_.host;
    envelope.created = now_;
    return envelope;
}

parcel packer::finish(const draft& message, xproto::envelope envelope, xproto::hop here) const
{
    const auto& own = who_.chain.front();
    envelope.certificates.emplace_back(own.sha256(), own.der());
    envelope.trace.push_back(std::move(here));
    parcel made;
    made.id = envelope.id;
    made.media_type = media_type_in(envelope);
    made.envelope = xproto::write(envelope);
    made.headers = message.headers;
    made.body = message.body;
    made.body_begin = message.body_begin;
    made.recipients = std::move(envelope.recipients);
    return made;
}

attempt<parcel> packer::seal(const draft& message)
{
    auto envelope = begin(message);
    if (const auto wrong = sign_originator(envelope)) return failure{*wrong};
    auto here = sign_hop(envelope);
    return finish(message, std::move(envelope), std::move(here));
}

attempt<std::vector<parcel>> packer::seal(const draft& message, std::size_t count, std::size_t batch)
{
    std::vector<parcel> made;
    while (made.size() < count) {
        std::vector<xproto::envelope> envelopes(std::min(batch, count - made.size()));
        xproto::signature_batch origins, hops;
        for (auto& envelope : envelopes) {
            envelope = begin(message);
            if (const auto wrong = certify_originator(envelope)) return failure{*wrong};
            origins.add(xproto::origin_octets(envelope));
        }
        if (users_) {
            const auto signatures = origins.sign(users_->key());
            for (std::size_t i = 0; i < envelopes.size(); ++i) envelopes[i].from.sign = signatures[i];
        }
        std::vector<xproto::hop> steps;
        for (const auto& envelope : envelopes) {
            auto& here = steps.emplace_back(make_hop(envelope));
            here.recipients = xproto::recipients_digest(envelope.recipients);
            hops.add(xproto::hop_octets(envelope, here));
        }
        const auto signatures = hops.sign(who_.key);
        for (std::size_t i = 0; i < envelopes.size(); ++i) {
            steps[i].sign = signatures[i];
            made.push_back(finish(message, std::move(envelopes[i]), std::move(steps[i])));
        }
    }
    return {boost::system::in_place_value, std::move(made)};
}

attempt<parcel> packer::forward(objects_on_disk objects)
{
    auto read = xproto::read_envelope(objects.envelope);
    if (!read) return failure{"envelope.xml: " + read.error().where + ": " + read.error().what};
    auto& envelope = *read;
    const bool signed_before = envelope.from.sign || !envelope.trace.empty();
    if (!signed_before) {
        if (const auto wrong = sign_originator(envelope)) return failure{*wrong};
        objects.envelope = xproto::write(envelope);
    }
    std::vector<std::uint32_t> keep;
    for (const auto& to : envelope.recipients) keep.push_back(to.number);
    const auto& own = who_.chain.front();
    auto forwarded = xproto::forward(objects.envelope, keep, sign_hop(envelope), {{own.sha256(), own.der()}});
    if (!forwarded) return failure{"envelope.xml: " + forwarded.error().where + ": " + forwarded.error().what};
    parcel made;
    made.id = envelope.id;
    made.media_type = media_type_in(envelope);
    made.envelope = std::move(*forwarded);
    made.envelope_only = !objects.headers;
    made.headers = std::move(objects.headers);
    made.body = std::move(objects.body);
    made.recipients = std::move(envelope.recipients);
    return made;
}

attempt<parcel> as_it_is(objects_on_disk objects, const std::string& id)
{
    parcel made;
    auto read = xproto::read_envelope(objects.envelope);
    if (!read && id.empty()) return failure{"envelope.xml cannot be read, so name the message with --id"};
    made.id = id;
    if (read) {
        if (id.empty()) made.id = read->id;
        made.media_type = media_type_in(*read);
        made.recipients = std::move(read->recipients);
    }
    made.envelope = std::move(objects.envelope);
    made.envelope_only = !objects.headers;
    made.headers = std::move(objects.headers);
    made.body = std::move(objects.body);
    return made;
}

} // namespace gateway::tools
