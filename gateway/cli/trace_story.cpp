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

// The number of the first broken link: 0 the originator, 1 and on the hops.
std::size_t first_broken(const xproto::trace_report& report)
{
    if (report.originator && !report.originator->intact) return 0;
    const auto broken =
        std::find_if(report.hops.begin(), report.hops.end(), [](const auto& link) { return !link.intact; });
    return static_cast<std::size_t>(broken - report.hops.begin()) + 1;
}

std::string link_text(const xproto::envelope& envelope, std::size_t link)
{
    if (link > 0) return "hop " + std::to_string(link) + " (" + printable(envelope.trace[link - 1].host) + ")";
    return envelope.from.address.empty() ? "the sending mail system" : "<" + printable(envelope.from.address) + ">";
}

} // namespace

std::string reception_text(const xproto::reception& said)
{
    const auto authority = printable(said.authority);
    if (said.by == "trusted") return "trusted by the configuration itself, with a certificate of " + authority;
    const auto standing = said.standing == "unknown" ? ", unknown otherwise" : ", " + printable(said.standing);
    if (said.by == "store") return "valid by the CA " + authority + " of the local store" + standing;
    if (said.by == "dns") return "valid by delegation of " + authority + " in the DNS" + standing;
    if (said.by == "ldap") return "valid by delegation of " + authority + " in a directory" + standing;
    return "valid by \"" + printable(said.by) + "\" of " + authority + standing;
}

std::vector<std::string> trace_meaning(const xproto::envelope& envelope, const xproto::trace_report& report)
{
    if (report.intact()) return {};
    const auto link = first_broken(report);
    if (link > report.hops.size())
        return {"The trace as a whole is not one that a message can have; nothing in it can be relied on."};
    std::vector<std::string> out;
    if (link > (report.originator ? 0U : 1U))
        out.push_back("What was signed before " + link_text(envelope, link) + " was not changed since.");
    auto after = "Either " + link_text(envelope, link) +
                 " never signed what stands here in its name, or somebody changed it later: ";
    for (auto i = link; i < report.hops.size(); ++i) after += link_text(envelope, i + 1) + ", ";
    if (link < report.hops.size()) after += "or ";
    out.push_back(after + "whoever the message comes from now.");
    out.push_back("Do not believe this message about who sent it, to whom, or which way it came from there on.");
    return out;
}

std::vector<std::string> trace_story(const xproto::envelope& envelope, const xproto::trace_report& report)
{
    std::vector<std::string> out{originator_text(envelope, report)};
    bool by_smtp = false;
    for (std::size_t i = 0; i < envelope.trace.size(); ++i) {
        const auto& here = envelope.trace[i];
        if (here.reception)
            out.push_back("For " + printable(here.host) + " the host it came from, " + printable(here.peer) + ", was " +
                          reception_text(*here.reception) + ".");
        for (const auto& change : here.changes) out.push_back(change_text(here, change, by_smtp));
        by_smtp = here.next.starts_with(xproto::smtp_next);
        if (by_smtp) out.push_back(passage_text(envelope, i));
        if (xproto::is_unsent(here)) out.push_back(printable(here.host) + " has it and has not sent it on yet.");
    }
    return out;
}

} // namespace gateway::cli
