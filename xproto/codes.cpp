// The table behind xproto/codes.hpp. One row, one code; docs/xproto.md prints the same rows, and a test compares them.
#include "xproto/codes.hpp"

#include "xproto/extensions.hpp"

#include <algorithm>
#include <array>

namespace xproto {

namespace {

// clang-format off
constexpr std::array registry{
    code_entry{codes::greetings,           "greetings",           "Greetings friend."},
    code_entry{codes::options_set,         "options-set",         "Go ahead."},
    code_entry{codes::alive,               "alive",               "Still here."},
    code_entry{codes::goodbye,             "goodbye",             "Goodbye."},
    code_entry{codes::object_received,     "object-received",     "Received."},
    code_entry{codes::stored,              "stored",              "Stored; the message is ours now."},
    code_entry{codes::already_have,        "already-have",        "We already have it."},
    code_entry{codes::held,                "held",                "What is here of it."},
    code_entry{codes::welcome,             "welcome",             "Hi there."},
    code_entry{codes::prove_yourself,      "prove-yourself",      "Friend or foe?"},
    code_entry{codes::send_envelope,       "send-envelope",       "Go ahead with envelope."},
    code_entry{codes::send_headers,        "send-headers",        "Go ahead with headers."},
    code_entry{codes::working,             "working",             "Still working on it."},
    code_entry{codes::send_body,           "send-body",           "Go ahead with message body."},
    code_entry{codes::more_recipients,     "more-recipients",     "More about the recipients follows."},
    code_entry{codes::busy,                "busy",                "Busy; try again later."},
    code_entry{codes::shutting_down,       "shutting-down",       "Shutting down; try again later."},
    code_entry{codes::storage_failed,      "storage-failed",      "Cannot store it now; try again later."},
    code_entry{codes::timed_out,           "timed-out",           "Waited too long for you."},
    code_entry{codes::too_many_sessions,   "too-many-sessions",   "Too many sessions; try again later."},
    code_entry{codes::identity_unchecked,  "identity-unchecked",  "Your identity cannot be checked now; try again later."},
    code_entry{codes::local_error,         "local-error",         "Something is wrong here; try again later."},
    code_entry{codes::connection_lost,     "connection-lost",     "The connection was lost."},
    code_entry{codes::not_held,            "not-held",            "Not held here; begin anew."},
    code_entry{codes::options_refused,     "options-refused",     "Nothing was changed."},
    code_entry{codes::malformed,           "malformed",           "Malformed line."},
    code_entry{codes::unknown_verb,        "unknown-verb",        "Unknown verb."},
    code_entry{codes::bad_sequence,        "bad-sequence",        "Not now."},
    code_entry{codes::bad_parameter,       "bad-parameter",       "Wrong parameters."},
    code_entry{codes::bad_tag,             "bad-tag",             "Tags must increase."},
    code_entry{codes::unknown_command,     "unknown-command",     "No such command is under way."},
    code_entry{codes::too_many_errors,     "too-many-errors",     "Too many errors."},
    code_entry{codes::version_refused,     "version-refused",     "No such version."},
    code_entry{codes::option_unknown,      "option-unknown",      "Unknown."},
    code_entry{codes::option_not_offered,  "option-not-offered",  "Not offered to you."},
    code_entry{codes::option_value,        "option-value",        "Not a value of this option."},
    code_entry{codes::identity_refused,    "identity-refused",    "We do not talk to you."},
    code_entry{codes::too_many_octets,     "too-many-octets",     "Too much at once."},
    code_entry{codes::too_late,            "too-late",            "Too late."},
    code_entry{codes::unexpected,          "unexpected",          "Nobody asked for that."},
    code_entry{codes::object_too_large,    "object-too-large",    "Too large."},
    code_entry{codes::window_exceeded,     "window-exceeded",     "Too many messages at once."},
    code_entry{codes::prior_part,          "prior-part",          "The message is over, or the part before was not asked for."},
    code_entry{codes::transfer_failed,     "transfer-failed",     "Transfer failed."},
    code_entry{codes::in_progress,         "in-progress",         "Already under way."},
    code_entry{codes::bad_fragment,        "bad-fragment",        "Not the fragment that comes next."},
    code_entry{codes::policy,              "policy",              "Refused by policy."},
    code_entry{codes::no_recipients,       "no-recipients",       "No recipient was accepted."},
    code_entry{codes::recipient_refused,   "recipient-refused",   "This recipient was refused."},
    code_entry{codes::relaying_denied,     "relaying-denied",     "Not a recipient that you may send to here."},
    code_entry{codes::not_xml,             "not-xml",             "Not well-formed XML in UTF-8."},
    code_entry{codes::forbidden_xml,       "forbidden-xml",       "XML outside of what is allowed here."},
    code_entry{codes::not_valid,           "not-valid",           "Not valid by the schema."},
    code_entry{codes::object_limit,        "object-limit",        "Over a limit."},
    code_entry{codes::digest_mismatch,     "digest-mismatch",     "Not the octets that the envelope names."},
    code_entry{codes::not_announced,       "not-announced",       "The envelope announces no such object."},
    code_entry{codes::critical_extension,  "critical-extension",  "Unknown critical extension."},
    code_entry{codes::invalid_trace,       "invalid-trace",       "Invalid trace."},
    code_entry{codes::invalid_sender,      "invalid-sender",      "Invalid sender certificate or signature."},
    code_entry{codes::id_reused,           "id-reused",           "Another message had this id."},
    code_entry{codes::too_many_hops,       "too-many-hops",       "Too many hops."},
    code_entry{codes::invalid_certificate, "invalid-certificate", "Invalid certificate."},
    code_entry{codes::invalid_proof,       "invalid-proof",       "Invalid proof of identity."},
    code_entry{codes::host_mismatch,       "host-mismatch",       "Not the host that was meant."},
    code_entry{codes::option_needs_another, "option-needs-another", "Works only with another option."},
    code_entry{codes::listed,              "listed",              "Listed by a block list."},
    code_entry{codes::no_secure_path,      "no-secure-path",      "No secure path onwards."},
    code_entry{codes::tls_required,        "tls-required",        "Not in clear."},
    code_entry{codes::probe_refused,       "probe-refused",       "Probes are not for you."},
    code_entry{codes::too_many_probes,     "too-many-probes",     "Too many probes."},
    code_entry{codes::killed,              "killed",              "Command killed."},
};
// clang-format on

// The rows are ascending, so that a code is found in a few steps; every answer that is written looks here.
const code_entry* find(const result_code& code)
{
    const auto found = std::lower_bound(registry.begin(), registry.end(), code,
                                        [](const code_entry& row, const result_code& c) { return row.code < c; });
    return found != registry.end() && found->code == code ? &*found : nullptr;
}

} // namespace

std::span<const code_entry> code_registry()
{
    return registry;
}

std::string_view text_of(const result_code& code)
{
    if (const auto* row = find(code)) return row->text;
    for (const auto* extension : known_transfer_extensions())
        for (const auto& own : extension->codes)
            if (own.code == code) return own.text;
    return {};
}

std::string_view name_of(const result_code& code)
{
    const auto* row = find(code);
    return row ? row->name : std::string_view();
}

} // namespace xproto
