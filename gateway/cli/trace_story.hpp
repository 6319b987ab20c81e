// What a trace says, in sentences for whoever runs mail: who signed the message, which way it took outside of xproto,
// what was changed, where, and by whom.
#pragma once

#include "xproto/trace.hpp"

#include <string>
#include <vector>

namespace gateway::cli {

// How a host knew who it had the message from: "valid by delegation of ehsco.com in the DNS, unknown otherwise".
std::string reception_text(const xproto::reception& said);
// One sentence or two each, oldest first; text from the envelope is printable.
std::vector<std::string> trace_story(const xproto::envelope& envelope, const xproto::trace_report& report);
// What a broken link means: what still holds, who could have done it. Nothing when the trace is intact.
std::vector<std::string> trace_meaning(const xproto::envelope& envelope, const xproto::trace_report& report);

} // namespace gateway::cli
