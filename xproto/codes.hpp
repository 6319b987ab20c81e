// The registry of core result codes: every code the protocol itself answers with, its name, and the text that goes with
// it when nobody has a better one (docs/xproto.md, "Result codes", is printed from this table).
//
// The numbers that the protocol's first description printed are kept: 2.1, 2.2, 3.1, 3.2, 3.5, 3.8, 5.0, 5.9, 5.23 and
// the answer to ABOR, 108.0.2.1. Numbers are never reused.
#pragma once

#include "xproto/result_code.hpp"

#include <span>
#include <string_view>

namespace xproto {

namespace codes {

// Class 2, success.
inline constexpr auto greetings = result_code::core(2, 1);
inline constexpr auto options_set = result_code::core(2, 2);
inline constexpr auto alive = result_code::core(2, 3);
inline constexpr auto goodbye = result_code::core(2, 4);
inline constexpr auto object_received = result_code::core(2, 5);
inline constexpr auto stored = result_code::core(2, 6);
inline constexpr auto already_have = result_code::core(2, 7);
inline constexpr auto held = result_code::core(2, 30);
inline constexpr result_code killed{108, 0, 2, 1};
// Class 3, go on.
inline constexpr auto welcome = result_code::core(3, 1);
inline constexpr auto prove_yourself = result_code::core(3, 2);
inline constexpr auto send_envelope = result_code::core(3, 5);
inline constexpr auto send_headers = result_code::core(3, 6);
inline constexpr auto working = result_code::core(3, 7);
inline constexpr auto send_body = result_code::core(3, 8);
inline constexpr auto more_recipients = result_code::core(3, 9);
// Class 4, try later.
inline constexpr auto busy = result_code::core(4, 1);
inline constexpr auto shutting_down = result_code::core(4, 2);
inline constexpr auto storage_failed = result_code::core(4, 3);
inline constexpr auto timed_out = result_code::core(4, 4);
inline constexpr auto too_many_sessions = result_code::core(4, 5);
inline constexpr auto identity_unchecked = result_code::core(4, 6);
inline constexpr auto local_error = result_code::core(4, 7);
inline constexpr auto connection_lost = result_code::core(4, 8); // never on the wire: what a sender reports to itself
inline constexpr auto not_held = result_code::core(4, 60);
// Class 5, never: the session.
inline constexpr auto options_refused = result_code::core(5, 0);
inline constexpr auto malformed = result_code::core(5, 1);
inline constexpr auto unknown_verb = result_code::core(5, 2);
inline constexpr auto bad_sequence = result_code::core(5, 3);
inline constexpr auto bad_parameter = result_code::core(5, 4);
inline constexpr auto bad_tag = result_code::core(5, 5);
inline constexpr auto unknown_command = result_code::core(5, 6);
inline constexpr auto too_many_errors = result_code::core(5, 7);
inline constexpr auto version_refused = result_code::core(5, 8);
inline constexpr auto option_unknown = result_code::core(5, 9);
inline constexpr auto option_not_offered = result_code::core(5, 10);
inline constexpr auto option_value = result_code::core(5, 11);
inline constexpr auto identity_refused = result_code::core(5, 12);
inline constexpr auto too_many_octets = result_code::core(5, 13);
inline constexpr auto too_late = result_code::core(5, 14);
inline constexpr auto unexpected = result_code::core(5, 15);
// Class 5: the transfer.
inline constexpr auto object_too_large = result_code::core(5, 20);
inline constexpr auto window_exceeded = result_code::core(5, 21);
inline constexpr auto prior_part = result_code::core(5, 22);
inline constexpr auto transfer_failed = result_code::core(5, 23);
inline constexpr auto in_progress = result_code::core(5, 24);
inline constexpr auto bad_fragment = result_code::core(5, 25);
inline constexpr auto policy = result_code::core(5, 26);
inline constexpr auto no_recipients = result_code::core(5, 27);
inline constexpr auto recipient_refused = result_code::core(5, 28);
inline constexpr auto relaying_denied = result_code::core(5, 29);
// Class 5: the objects and the identities in them.
inline constexpr auto not_xml = result_code::core(5, 30);
inline constexpr auto forbidden_xml = result_code::core(5, 31);
inline constexpr auto not_valid = result_code::core(5, 32);
inline constexpr auto object_limit = result_code::core(5, 33);
inline constexpr auto digest_mismatch = result_code::core(5, 34);
inline constexpr auto not_announced = result_code::core(5, 35);
inline constexpr auto critical_extension = result_code::core(5, 36);
inline constexpr auto invalid_trace = result_code::core(5, 37);
inline constexpr auto invalid_sender = result_code::core(5, 38);
inline constexpr auto id_reused = result_code::core(5, 39);
inline constexpr auto too_many_hops = result_code::core(5, 40);
inline constexpr auto invalid_certificate = result_code::core(5, 41);
inline constexpr auto invalid_proof = result_code::core(5, 42);
inline constexpr auto host_mismatch = result_code::core(5, 43);
// Class 5: options and transfers.
inline constexpr auto option_needs_another = result_code::core(5, 50);
inline constexpr auto listed = result_code::core(5, 80);
inline constexpr auto no_secure_path = result_code::core(5, 81);
inline constexpr auto tls_required = result_code::core(5, 90);
inline constexpr auto probe_refused = result_code::core(5, 91);
inline constexpr auto too_many_probes = result_code::core(5, 92);

} // namespace codes

struct code_entry {
    result_code code;
    std::string_view name; // as in docs/xproto.md and in logs
    std::string_view text; // what is sent when there is nothing better to say
};

// All core codes, ascending.
std::span<const code_entry> code_registry();
// The registered text, of a core code or one of a transfer extension; empty for any other code.
std::string_view text_of(const result_code& code);
// The registered name; empty for a code that is not in the registry.
std::string_view name_of(const result_code& code);

} // namespace xproto
