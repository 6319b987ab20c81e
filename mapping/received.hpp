// Trace fields (RFC 5321 4.4) both ways: what a Received or Return-Path field says, as it is found in the wild, and the
// Received line of a hop. Every Received field goes the whole way raw as well, so nothing depends on the reading.
#pragma once

#include "xproto/envelope.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapping {

// Names and values, in the order in which they stood.
using trace_view = std::vector<std::pair<std::string, std::string>>;

// What a longer field says is left unread.
constexpr std::size_t longest_trace_field = 8192;

// The clauses of a Received field's body: `from` and `by` (what the host called itself, or its address literal),
// `from-address` and `by-address` (the IP address beside it, without brackets), `from-comment` and `by-comment` (what
// stood in parentheses), `via`, `with`, `id`, `for`, `date`. Comments elsewhere, repeated clauses and unknown ones are
// left out. Values are trimmed UTF-8 text. Empty when the field is too long, has an unfinished comment or quotation,
// holds control characters or no UTF-8, or says none of these things.
trace_view read_received(std::string_view body);

// `path`: what stands between the < and > of a Return-Path field, which may be nothing. The same refusals.
trace_view read_return_path(std::string_view body);

// Is it a field that hosts put on top of a message when it passes them, to say what they did or found: Received,
// Return-Path, Authentication-Results, DKIM-Signature and their like?
bool is_passing_field(std::string_view name);

// The Received line (RFC 5321 4.4) of one hop, CRLF at the end, for prepending; lines are folded before octet 78 where
// there is a place to. `hop.protocol` becomes the with clause; a single recipient may be named in the for clause,
// several never are (RFC 5321 7.2: it would disclose a Bcc). Safe for any octets in the facts: a name that is no domain
// name and no address literal is put into a comment with everything doubtful in it replaced by '?', a recipient that is
// no mailbox is left out. UTF-8 appears only when `utf8` says that the message needs SMTPUTF8 anyway (RFC 6531).
std::string received_line(const xproto::hop& hop, const std::string& only_recipient, bool utf8 = false);

// All hops as Received lines, newest first, each followed by the trace fields that the message came to it with.
std::string received_lines(const std::vector<xproto::hop>& trace, bool utf8 = false);
// The same for a message that leaves with this envelope: the newest line may name its recipient.
std::string trace_header(const xproto::envelope& envelope, bool utf8 = false);

} // namespace mapping
