// The configured limits in the words of the parts that obey them.
#pragma once

#include "gateway/config/settings.hpp"
#include "xproto/envelope.hpp"
#include "xproto/session.hpp"

namespace gateway {

inline xproto::envelope_limits envelope_limits(const config::settings& settings)
{
    xproto::envelope_limits limits;
    limits.octets = settings.limits.envelope_object_octets;
    limits.recipients = settings.limits.recipients;
    limits.hops = settings.limits.hops;
    limits.extensions = settings.limits.extensions;
    return limits;
}

inline xproto::session_limits session_limits(const config::settings& settings)
{
    xproto::session_limits limits;
    limits.chunk = settings.limits.chunk_octets;
    limits.envelope = settings.limits.envelope_object_octets;
    limits.headers = settings.limits.headers_object_octets;
    limits.body = settings.limits.message_octets;
    limits.recipients = static_cast<std::uint32_t>(settings.limits.recipients);
    limits.octets_before_helo = settings.limits.helo_octets;
    limits.errors = settings.limits.errors_per_session;
    limits.unasked = settings.limits.unasked_octets;
    return limits;
}

} // namespace gateway
