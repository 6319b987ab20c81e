// An opening paragraph "Hi. This is the PROGRAM at HOST.", then a paragraph `<address>:` and a reason for each
// recipient, up to one that begins with a hyphen.
#include "mapping/report/qmail_bounce.hpp"

#include <algorithm>

namespace mapping {

namespace {

constexpr std::string_view opening = "Hi. This is the ";

std::string_view take_line(std::string_view& text)
{
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// The host in "Hi. This is the qmail-send program at HOST."
std::string_view host_in(std::string_view line)
{
    const auto at = line.find(" at ");
    if (at == std::string_view::npos) return {};
    auto host = line.substr(at + 4);
    if (host.ends_with('.')) host.remove_suffix(1);
    const auto is_host = host.find(' ') == std::string_view::npos;
    return is_host ? host : std::string_view();
}

// The status that qmail writes at the end of a reason: "(#5.1.1)".
std::optional<enhanced_code> status_in(std::string_view reason)
{
    const auto begin = reason.rfind("(#");
    if (begin == std::string_view::npos || !reason.ends_with(')')) return {};
    return status_from_text(reason.substr(begin + 2, reason.size() - begin - 3));
}

} // namespace

bool read_qmail_bounce(std::string_view body, error_report& to, const error_report_limits& limits)
{
    while (body.starts_with('\n') || body.starts_with("\r\n")) take_line(body);
    if (!body.starts_with(opening)) return false;
    if (const auto host = host_in(take_line(body)); !host.empty() && host.size() <= limits.text)
        to.reporter = {"dns", std::string(host)};

    bool begins = false; // is this the first line of a paragraph?
    recipient_report* open = nullptr;
    while (!body.empty()) {
        const auto line = take_line(body);
        if (line.empty()) {
            begins = true;
            open = nullptr;
            continue;
        }
        if (begins && line.starts_with('-')) break;
        const auto names = begins && line.starts_with('<') && line.ends_with(">:") && line.size() <= limits.text;
        begins = false;
        if (names && to.recipients.size() < limits.recipients) {
            recipient_report about;
            about.final = {"rfc822", std::string(line.substr(1, line.size() - 3))};
            about.action = report_action::failed; // the format knows nothing else
            open = &to.recipients.emplace_back(std::move(about));
        } else if (open != nullptr) {
            auto& reason = open->diagnostic;
            if (reason.text.size() + line.size() + 1 > limits.text) continue;
            reason.type = "x-qmail";
            if (!reason.text.empty()) reason.text += ' ';
            reason.text += line;
        }
    }
    for (auto& about : to.recipients) about.status = status_in(about.diagnostic.text);
    return true;
}

} // namespace mapping
