#include "gateway/tools/dialogue.hpp"

#include "gateway/cli/text.hpp"
#include "xproto/line.hpp"

#include <algorithm>

namespace gateway::tools {

namespace {

bool asks_for_pipelining(std::string_view groups)
{
    xproto::group_reader items(groups);
    while (const auto item = items.next())
        if (item->name == "PIPE" && item->value == "ON") return true;
    return false;
}

} // namespace

void dialogue::watch(side& from, side& to, std::string_view octets)
{
    while (!octets.empty()) {
        if (from.bare > 0) {
            const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(from.bare, octets.size()));
            octets.remove_prefix(taken);
            from.bare -= taken;
            if (from.bare == 0) show(from, "(" + std::to_string(from.run) + " octets)");
            continue;
        }
        const auto end = octets.find('\n');
        const auto room = max_line - from.line.size();
        const auto taken = std::min(end == octets.npos ? octets.size() : end + 1, room);
        from.line += octets.substr(0, taken);
        octets.remove_prefix(taken);
        if (from.line.ends_with('\n') || from.line.size() == max_line) take_line(from, to);
    }
}

void dialogue::take_line(side& from, side& to)
{
    std::string_view line = from.line;
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    show(from, line);
    understand(from, to, line);
    from.line.clear();
}

void dialogue::understand(side& from, side& to, std::string_view octets)
{
    const auto line = xproto::parse_line(octets);
    if (!line) return;
    if (line->kind == xproto::word::request) {
        if (line->verb == "DATA") {
            if (const auto octet_count = xproto::braced_number(line->parameters[0])) begin_run(from, *octet_count);
        } else if (line->verb == "OPT" && asks_for_pipelining(line->groups)) {
            from.option_tag = line->tag;
        } else if (line->verb == "HELO" || (line->verb == "XFER" && !from.pipelined)) {
            // `HELO {octets}`, `HELO host {octets}`, `XFER id type {octets} {pending}`
            const std::size_t place = line->verb == "XFER" ? 2 : line->parameter_count - 1;
            if (place >= line->parameter_count || from.asked.size() >= max_open) return;
            if (const auto octet_count = xproto::braced_number(line->parameters[place]))
                from.asked[line->tag] = *octet_count;
        }
        return;
    }
    if (line->kind == xproto::word::ok && line->tag != 0 && line->tag == to.option_tag) to.pipelined = true;
    const auto asked = to.asked.extract(line->tag);
    if (!asked.empty() && line->kind == xproto::word::tmp) begin_run(to, asked.mapped());
}

void dialogue::begin_run(side& of, std::uint64_t octets)
{
    of.bare = octets;
    of.run = octets;
}

void dialogue::show(const side& from, std::string_view text) const
{
    show_(std::string(from.arrow) + cli::printable(text));
}

} // namespace gateway::tools
