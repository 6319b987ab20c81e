// Writes and reads the record's format. Both functions go through the fields in the same order.
#include "gateway/spool/record_codec.hpp"

#include "gateway/spool/octets.hpp"

#include <algorithm>

namespace gateway::spool {
namespace {

constexpr std::uint64_t last_origin = static_cast<std::uint64_t>(origin::local);
constexpr std::uint64_t last_state = static_cast<std::uint64_t>(recipient_state::repeated);

std::uint64_t flags_of(const record& value)
{
    std::uint64_t flags = 0;
    int bit = 0;
    for (const bool flag : {value.reception.tls.verified, value.content.eight_bit, value.content.bare_newlines,
                            value.content.smtputf8, value.delay_notice_sent, value.held})
        flags |= static_cast<std::uint64_t>(flag) << bit++;
    return flags;
}

void take_flags(octet_source& in, record& value)
{
    auto flags = in.number((1 << 6) - 1);
    for (bool* flag : {&value.reception.tls.verified, &value.content.eight_bit, &value.content.bare_newlines,
                       &value.content.smtputf8, &value.delay_notice_sent, &value.held}) {
        *flag = (flags & 1) != 0;
        flags >>= 1;
    }
}

void put(std::string& out, const recipient& value)
{
    put_number(out, value.number);
    put_text(out, value.address);
    put_number(out, value.parameters.size());
    for (const auto& parameter : value.parameters) put_text(out, parameter);
    put_number(out, static_cast<std::uint64_t>(value.state));
    put_number(out, value.attempts);
    put_signed(out, value.next_attempt);
    put_text(out, value.last_code);
    put_text(out, value.last_text);
}

recipient take_recipient(octet_source& in, const record_limits& limits)
{
    recipient value;
    value.number = static_cast<std::uint32_t>(in.number(~std::uint32_t{0}));
    value.address = in.text(limits.text_octets);
    value.parameters.resize(in.count(limits.parameters, 1));
    for (auto& parameter : value.parameters) parameter = in.text(limits.text_octets);
    value.state = static_cast<recipient_state>(in.number(last_state));
    value.attempts = static_cast<std::uint32_t>(in.number(~std::uint32_t{0}));
    value.next_attempt = in.signed_number();
    value.last_code = in.text(limits.text_octets);
    value.last_text = in.text(limits.text_octets);
    return value;
}

void put(std::string& out, const placement& value)
{
    put_number(out, value.body_octets);
    put_number(out, value.envelope_octets);
    put_number(out, value.headers_octets);
    put_number(out, value.extents.size());
    for (const auto& run : value.extents) {
        put_number(out, run.segment);
        put_number(out, run.offset);
        put_number(out, run.octets);
    }
    put_word(out, value.envelope_check);
    put_word(out, value.headers_check);
    put_number(out, value.body_checks.size());
    for (const auto check : value.body_checks) put_word(out, check);
}

placement take_placement(octet_source& in, const record_limits& limits)
{
    placement value;
    value.body_octets = in.number();
    value.envelope_octets = in.number();
    value.headers_octets = in.number();
    value.extents.resize(in.count(limits.extents, 3));
    for (auto& run : value.extents) {
        run.segment = in.number();
        run.offset = in.number();
        run.octets = in.number();
    }
    value.envelope_check = in.word();
    value.headers_check = in.word();
    value.body_checks.resize(in.count(limits.body_checks, 4));
    for (auto& check : value.body_checks) check = in.word();
    return value;
}

bool within(const record& value, const record_limits& limits)
{
    const auto fits = [&limits](const std::string& text) { return text.size() <= limits.text_octets; };
    const auto recipient_fits = [&](const recipient& r) {
        return fits(r.address) && fits(r.last_code) && fits(r.last_text) && r.parameters.size() <= limits.parameters &&
               std::all_of(r.parameters.begin(), r.parameters.end(), fits);
    };
    const auto& from = value.reception;
    for (const auto* text : {&value.message_id, &value.sender, &value.peer_identity, &from.peer, &from.peer_address,
                             &from.protocol, &from.tls.version, &from.tls.cipher, &from.tls.peer, &from.proof.by,
                             &from.proof.standing, &from.proof.certificate, &from.proof.authority})
        if (!fits(*text)) return false;
    return value.recipients.size() <= limits.recipients &&
           std::all_of(value.recipients.begin(), value.recipients.end(), recipient_fits) &&
           value.place.extents.size() <= limits.extents && value.place.body_checks.size() <= limits.body_checks;
}

} // namespace

bool consistent(const placement& value)
{
    // Far above any size; below it no sum of three overflows.
    constexpr std::uint64_t most = std::uint64_t{1} << 62;
    const auto& [body, envelope, headers, extents, envelope_check, headers_check, body_checks] = value;
    if (body > most || envelope > most || headers > most) return false;
    if (body_checks.size() != (body + placement::check_octets - 1) / placement::check_octets) return false;
    std::uint64_t octets = 0;
    for (const auto& run : extents) {
        if (run.octets == 0 || run.octets > most || run.offset > most) return false;
        octets += run.octets;
        if (octets > 3 * most) return false;
    }
    return octets == value.octets();
}

boost::system::result<std::string> encode(const record& value, const record_limits& limits)
{
    if (!within(value, limits)) return errc::record_too_large;
    if (!consistent(value.place)) return errc::malformed_record;

    std::string out;
    out.reserve(256 + 64 * value.recipients.size());
    const auto& proof = value.reception.proof;
    const bool proved = !proof.by.empty();
    out.push_back(proved ? '\2' : '\1');
    put_number(out, value.id.value());
    put_text(out, value.message_id);
    put_number(out, static_cast<std::uint64_t>(value.from));
    put_text(out, value.sender);
    put_signed(out, value.created);
    put_signed(out, value.expires);
    put_text(out, value.peer_identity);
    put_text(out, value.reception.peer);
    put_text(out, value.reception.peer_address);
    put_text(out, value.reception.protocol);
    put_signed(out, value.reception.time);
    put_text(out, value.reception.tls.version);
    put_text(out, value.reception.tls.cipher);
    put_text(out, value.reception.tls.peer);
    if (proved)
        for (const auto* text : {&proof.by, &proof.standing, &proof.certificate, &proof.authority})
            put_text(out, *text);
    put_number(out, flags_of(value));
    put_number(out, value.recipients.size());
    for (const auto& recipient : value.recipients) put(out, recipient);
    put(out, value.place);
    if (out.size() > limits.octets) return errc::record_too_large;
    return out;
}

boost::system::result<record> decode(std::string_view octets, const record_limits& limits)
{
    if (octets.empty() || octets.size() > limits.octets) return errc::malformed_record;
    const auto version = static_cast<unsigned char>(octets.front());
    if (version == 0 || version > record_version) return errc::unknown_version;
    octet_source in(octets.substr(1));

    record value;
    value.id = entry_id(in.number(entry_id::largest));
    value.message_id = in.text(limits.text_octets);
    value.from = static_cast<origin>(in.number(last_origin));
    value.sender = in.text(limits.text_octets);
    value.created = in.signed_number();
    value.expires = in.signed_number();
    value.peer_identity = in.text(limits.text_octets);
    value.reception.peer = in.text(limits.text_octets);
    value.reception.peer_address = in.text(limits.text_octets);
    value.reception.protocol = in.text(limits.text_octets);
    value.reception.time = in.signed_number();
    value.reception.tls.version = in.text(limits.text_octets);
    value.reception.tls.cipher = in.text(limits.text_octets);
    value.reception.tls.peer = in.text(limits.text_octets);
    if (version == 2) {
        auto& proof = value.reception.proof;
        for (auto* text : {&proof.by, &proof.standing, &proof.certificate, &proof.authority})
            *text = in.text(limits.text_octets);
        if (proof.by.empty()) return errc::malformed_record; // that is version 1
    }
    take_flags(in, value);
    const auto recipients = in.count(limits.recipients, 8);
    value.recipients.reserve(recipients);
    for (std::size_t i = 0; i < recipients && !in.failed(); ++i) value.recipients.push_back(take_recipient(in, limits));
    value.place = take_placement(in, limits);
    if (in.failed() || !in.at_end() || !consistent(value.place)) return errc::malformed_record;
    return value;
}

void clip_status(record& value, const record_limits& limits)
{
    for (auto& recipient : value.recipients) {
        for (auto* text : {&recipient.last_code, &recipient.last_text}) {
            if (text->size() <= limits.status_octets) continue;
            auto end = limits.status_octets;
            while (end > 0 && (static_cast<unsigned char>((*text)[end]) & 0xc0) == 0x80) --end; // not inside UTF-8
            text->resize(end);
        }
    }
}

} // namespace gateway::spool
