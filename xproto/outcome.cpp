// Writing and reading outcomes. A recipient's answer that got lost here would be a lost mail, so nothing is skipped.
#include "xproto/outcome.hpp"

#include "xproto/line_writer.hpp"

#include <algorithm>

namespace xproto {

namespace {

constexpr std::size_t recipient_text = 256;

// 200 to 599, as RFC 5321 has them.
bool is_smtp_code(std::int64_t number)
{
    return number >= 200 && number <= 599;
}

std::string recipient_value(const recipient_answer& recipient)
{
    auto value = std::to_string(recipient.number);
    if (is_smtp_code(recipient.smtp_code)) value += ';' + std::to_string(recipient.smtp_code);
    return value;
}

void write_recipient(line_writer& line, const recipient_answer& recipient)
{
    const bool named = recipient.code.size() != 0;
    const auto& code = named ? recipient.code : recipient.accepted ? codes::object_received : codes::recipient_refused;
    line.answer("RCPT", recipient_value(recipient), recipient.accepted ? word::ok : word::err, code, recipient.text,
                recipient_text);
}

std::optional<int> smtp_code_from(std::string_view digits)
{
    const auto number = plain_number(digits);
    if (!number || !is_smtp_code(static_cast<std::int64_t>(*number))) return std::nullopt;
    return static_cast<int>(*number);
}

std::optional<recipient_answer> read_recipient(const group_item& item)
{
    if (!item.value || (item.answer != word::ok && item.answer != word::err)) return std::nullopt;
    const auto semicolon = item.value->find(';');
    const auto number = plain_number(item.value->substr(0, semicolon));
    if (!number || *number == 0 || *number > 0xffffffff) return std::nullopt;
    recipient_answer recipient;
    recipient.number = static_cast<std::uint32_t>(*number);
    recipient.accepted = item.answer == word::ok;
    recipient.code = item.code;
    recipient.text = unescape(item.text);
    if (semicolon == std::string_view::npos) return recipient;
    const auto smtp = smtp_code_from(item.value->substr(semicolon + 1));
    if (!smtp) return std::nullopt;
    recipient.smtp_code = *smtp;
    return recipient;
}

} // namespace

void write_answer(std::string& out, std::uint32_t tag, word answer, const result_code& code, std::string_view text)
{
    if (text.empty()) text = text_of(code);
    line_writer(out, tag, answer, code).text(text, text.size()).end();
}

void write_leaving(std::string& out, std::uint32_t last, const outcome* host, const session_limits& limits)
{
    line_writer line(out, 0, word::err, codes::shutting_down);
    line.group("LAST", std::to_string(last));
    if (host != nullptr) line.answer("HOST", {}, word::err, host->code, host->text, limits.text);
    line.text(text_of(codes::shutting_down), limits.text).end();
}

void write_outcome(std::string& out, std::uint32_t tag, word answer, const outcome& what, const session_limits& limits)
{
    // The most that the last line needs beside its recipients, and that one recipient needs: every octet escaped.
    const std::size_t last_line = 256 + 2 * limits.text;
    const std::size_t one_recipient = 256 + 2 * recipient_text;
    const std::size_t a_line = limits.line > last_line + one_recipient ? (limits.line - last_line) / one_recipient : 1;

    auto next = what.recipients.begin();
    auto left = what.recipients.size();
    for (; left > a_line; left -= a_line) {
        line_writer line(out, tag, word::tmp, codes::more_recipients);
        for (std::size_t i = 0; i < a_line; ++i) write_recipient(line, *next++);
        line.end();
    }
    line_writer line(out, tag, answer, what.code);
    while (next != what.recipients.end()) write_recipient(line, *next++);
    if (is_smtp_code(what.smtp_code)) line.note("SMTP", std::to_string(what.smtp_code));
    line.text(what.text.empty() ? text_of(what.code) : std::string_view(what.text), limits.text);
    line.end();
}

bool read_outcome(const line& response, outcome& what, const session_limits& limits)
{
    if (response.kind != word::tmp) {
        what.code = response.code;
        what.text = unescape(response.text);
        what.smtp_code = 0;
    }
    group_reader reader(response.groups);
    while (const auto item = reader.next()) {
        if (item->name == "SMTP") {
            const auto smtp = smtp_code_from(item->text);
            if (!smtp) return false;
            what.smtp_code = *smtp;
            continue;
        }
        if (item->name != "RCPT") continue;
        const auto recipient = read_recipient(*item);
        if (!recipient) return false;
        const auto earlier =
            std::find_if(what.recipients.begin(), what.recipients.end(),
                         [&](const recipient_answer& known) { return known.number == recipient->number; });
        if (earlier != what.recipients.end())
            *earlier = *recipient;
        else if (what.recipients.size() < limits.recipients)
            what.recipients.push_back(*recipient);
        else
            return false;
    }
    return true;
}

} // namespace xproto
