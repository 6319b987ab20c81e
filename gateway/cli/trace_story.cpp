// One sentence for each thing that is not as usual.
#include "gateway/cli/trace_story.hpp"

#include "gateway/cli/text.hpp"
#include "mapping/header_section.hpp"

#include <algorithm>

namespace gateway::cli {
namespace {

std::string object_text(const std::string& type)
{
    if (type == "message/headers") return "the header (" + type + ")";
    if (type == "message/body") return "the body (" + type + ")";
    return printable(type);
}

std::string originator_text(const xproto::envelope& envelope, const xproto::trace_report& report)
{
    const auto name = envelope.from.address.empty() ? std::string("The sending mail system")
                                                    : "<" + printable(envelope.from.address) + ">";
    if (!report.originator) return name + " did not sign the message.";
    if (!report.originator->intact) return "The signature of " + name + " does not hold.";
    bool changed = false;
    for (const auto& hop : envelope.trace) changed = changed || !hop.changes.empty();
    return name + " signed the message as it was born" +
           (changed ? ", which is not what it is now: see below." : ", and it is still that, octet for octet.");
}

// By SMTP: where the trace has no signatures.
std::string passage_text(const xproto::envelope& envelope, std::size_t i)
{
    const auto& here = envelope.trace[i];
    auto out =
        printable(here.host) + " handed it to SMTP at " + printable(here.next.substr(xproto::smtp_next.size())) + ". ";
    if (i + 1 == envelope.trace.size()) return out + "From there on nobody signs.";
    const auto& next = envelope.trace[i + 1];
    out += printable(next.host) + " took it by " + printable(next.protocol) + " from " + printable(next.peer);
    const auto lines = std::count_if(next.legacy.begin(), next.legacy.end(),
                                     [](const auto& f) { return mapping::same_name(f.octets.name, "Received"); });
    return out + ", with " + std::to_string(lines) +
           (lines == 1 ? " Received line of a host" : " Received lines of hosts") + " between them.";
}

std::string change_text(const xproto::hop& here, const xproto::change& change, bool came_by_smtp)
{
    const auto who = printable(here.host);
    auto out = came_by_smtp ? who + " found " + object_text(change.object) + " changed when it came: "
                            : who + " changed " + object_text(change.object) + ": ";
    return out + printable(change.reason) + ". Signatures before this one cover what it was, not what it is.";
}

} // namespace

std::vector<std::string> trace_story(const xproto::envelope& envelope, const xproto::trace_report& report)
{
    std::vector<std::string> out{originator_text(envelope, report)};
    bool by_smtp = false;
    for (std::size_t i = 0; i < envelope.trace.size(); ++i) {
        const auto& here = envelope.trace[i];
        for (const auto& change : here.changes) out.push_back(change_text(here, change, by_smtp));
        by_smtp = here.next.starts_with(xproto::smtp_next);
        if (by_smtp) out.push_back(passage_text(envelope, i));
        if (xproto::is_unsent(here)) out.push_back(printable(here.host) + " has it and has not sent it on yet.");
    }
    return out;
}

} // namespace gateway::cli
