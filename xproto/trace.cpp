// Signing: the originator once, then each hop over the signature before it.
#include "xproto/trace.hpp"

#include "xproto/trace_records.hpp"

#include <openssl/rand.h>

#include <cassert>
#include <stdexcept>

namespace xproto {

namespace {

constexpr std::size_t salt_octets = 16;

const signature* last_signature(const envelope& message)
{
    if (!message.trace.empty()) return &message.trace.back().sign;
    return message.from.sign ? &*message.from.sign : nullptr;
}

signature plain_signature(const private_key& key, std::string_view octets)
{
    signature s;
    s.algorithm = key.algorithm();
    s.value = key.sign(octets);
    return s;
}

} // namespace

bool is_smtp_protocol(std::string_view keyword)
{
    return keyword.find("SMTP") != std::string_view::npos || keyword.find("LMTP") != std::string_view::npos;
}

bool is_native(const envelope& message)
{
    return !message.trace.empty() && !is_smtp_protocol(message.trace.front().protocol);
}

bool is_unsent(const hop& step)
{
    return step.next == step.host;
}

std::string origin_octets(const envelope& message)
{
    return trace_records::origin(message, trace_records::states_of(message.objects));
}

std::string hop_octets(const envelope& message, const hop& step)
{
    const auto after = trace_records::states_of(message.objects);
    auto born = after;
    bool fits = trace_records::undo(born, step.changes);
    for (auto h = message.trace.rbegin(); fits && h != message.trace.rend(); ++h)
        fits = trace_records::undo(born, h->changes);
    const auto origin = sha256(trace_records::origin(message, born));
    return trace_records::hop_step(message.trace.size() + 1, origin, last_signature(message), after, step);
}

std::size_t add_hop(signature_batch& batch, std::string_view octets, const hop& step)
{
    return batch.add(octets, step.reception ? reception_octets(*step.reception) : std::string());
}

bool covers_reception(const hop& step)
{
    const auto& s = step.sign;
    if (!step.reception) return true;
    return !s.path.empty() && s.leaf % 2 == 0 &&
           s.path.front() == trace_records::leaf_of(reception_octets(*step.reception));
}

void salt_recipients(envelope& message)
{
    for (auto& r : message.recipients) {
        if (!r.salt.empty()) continue;
        r.salt.resize(salt_octets);
        if (RAND_bytes(reinterpret_cast<unsigned char*>(r.salt.data()), static_cast<int>(salt_octets)) != 1)
            throw std::runtime_error("libcrypto has no random octets");
    }
}

void sign_originator(envelope& message, const private_key& key)
{
    assert(message.from.certificate && message.trace.empty());
    salt_recipients(message);
    message.from.sign = plain_signature(key, origin_octets(message));
}

void sign_hop(const envelope& message, hop& step, const std::vector<recipient>& kept, const private_key& key)
{
    step.recipients = recipients_digest(kept);
    signature_batch alone;
    add_hop(alone, hop_octets(message, step), step);
    step.sign = alone.sign(key).front();
}

} // namespace xproto
