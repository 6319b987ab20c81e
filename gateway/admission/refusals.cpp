// Two tables.
#include "gateway/admission/refusals.hpp"

#include "xproto/codes.hpp"

namespace gateway::admission {

namespace {

using reason = metrics::refusal;
namespace codes = xproto::codes;

struct row {
    xproto::result_code code;
    metrics::refusal why;
};

const row table[] = {
    {codes::invalid_certificate, reason::certificate},
    {codes::invalid_proof, reason::certificate},
    {codes::host_mismatch, reason::certificate},
    {codes::identity_refused, reason::peer},
    {codes::listed, reason::list},
    {codes::invalid_trace, reason::trace},
    {codes::too_many_hops, reason::trace},
    {codes::invalid_sender, reason::sender},
    {codes::relaying_denied, reason::recipient},
    {codes::recipient_refused, reason::recipient},
    {codes::no_recipients, reason::recipient},
    {codes::object_too_large, reason::size},
    {codes::object_limit, reason::size},
    {codes::not_announced, reason::size},
    {codes::critical_extension, reason::option},
    {codes::not_xml, reason::syntax},
    {codes::forbidden_xml, reason::syntax},
    {codes::not_valid, reason::syntax},
    {codes::digest_mismatch, reason::syntax},
};

} // namespace

metrics::refusal reason_of(subject about)
{
    switch (about) {
    case subject::peer: return reason::peer;
    case subject::list: return reason::list;
    case subject::encryption: return reason::encryption;
    case subject::size: return reason::size;
    case subject::sender: return reason::sender;
    case subject::recipient: return reason::recipient;
    case subject::option: return reason::option;
    case subject::media_type: return reason::media_type;
    case subject::field: return reason::field;
    }
    return reason::other;
}

metrics::refusal reason_of(const xproto::result_code& code)
{
    for (const auto& r : table)
        if (r.code == code) return r.why;
    return reason::other;
}

} // namespace gateway::admission
