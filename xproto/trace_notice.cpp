// [* OK 99.3.11.0.2.1 (MSG=id) (HOP=1) (HOST=here) (AT=time) (RCPT=1;2) (NEXT=there OK 99.0.2.6 text) Sent on.]
#include "xproto/trace_notice.hpp"

#include "xproto/extensions.hpp"
#include "xproto/line_writer.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>

namespace xproto {

namespace {

constexpr std::string_view sent_on_text = "Sent on.";
constexpr std::array own_codes{code_entry{codes::sent_on, "sent-on", sent_on_text}};

constexpr std::uint64_t most_hops = 64;
constexpr std::size_t longest_name = 512;

std::string numbers_text(const std::vector<std::uint32_t>& numbers)
{
    std::string text;
    for (const auto n : numbers) text += (text.empty() ? "" : ";") + std::to_string(n);
    return text;
}

bool read_numbers(std::string_view text, std::vector<std::uint32_t>& numbers)
{
    for (;;) {
        const auto end = text.find(';');
        const auto number = plain_number(text.substr(0, end));
        if (!number || *number == 0 || *number > 0xffffffff || numbers.size() == most_noted_recipients) return false;
        numbers.push_back(static_cast<std::uint32_t>(*number));
        if (end == std::string_view::npos) return true;
        text.remove_prefix(end + 1);
    }
}

bool read_name(const group_item& item, std::string& into)
{
    into = unquote(item.value.value_or(""));
    return !into.empty() && into.size() <= longest_name;
}

bool read_item(const group_item& item, hop_notice& into)
{
    if (item.name == "MSG") return read_name(item, into.message_id);
    if (item.name == "HOST") return read_name(item, into.host);
    if (item.name == "RCPT") return read_numbers(item.value.value_or(""), into.recipients);
    if (item.name == "HOP") {
        const auto number = plain_number(item.value.value_or(""));
        into.hop = static_cast<std::uint32_t>(number.value_or(0));
        return number && *number >= 1 && *number <= most_hops;
    }
    if (item.name == "AT") {
        const auto time = xml::from_timestamp(item.value.value_or(""));
        into.time = time.value_or(0);
        return time.has_value();
    }
    if (item.name != "NEXT") return true;
    into.outcome = item.answer;
    into.code = item.code;
    into.text = unescape(item.text);
    return item.answer != word::request && read_name(item, into.next);
}

} // namespace

constinit const transfer_extension trace_extension{
    option::trace, "TRACE",    "99.3.11",          {.known = true, .trusted = true},
    std::nullopt,  on_and_off, codes::options_set, own_codes,
};

void write_hop_notice(std::string& out, const hop_notice& what, const session_limits& limits)
{
    line_writer line(out, 0, word::ok, codes::sent_on);
    line.group("MSG", what.message_id).group("HOP", std::to_string(what.hop)).group("HOST", what.host);
    line.group("AT", xml::timestamp(what.time));
    if (!what.recipients.empty()) line.group("RCPT", numbers_text(what.recipients));
    line.answer("NEXT", what.next, what.outcome, what.code, what.text, limits.text);
    line.text(sent_on_text, limits.text).end();
}

std::optional<hop_notice> read_hop_notice(const line& received)
{
    if (received.tag != 0 || received.kind != word::ok || received.code != codes::sent_on) return std::nullopt;
    hop_notice found;
    group_reader groups(received.groups);
    while (const auto item = groups.next())
        if (!read_item(*item, found)) return std::nullopt;
    if (found.message_id.empty() || found.host.empty() || found.next.empty()) return std::nullopt;
    return found;
}

} // namespace xproto
