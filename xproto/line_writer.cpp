// The inverse of line.cpp: whatever is written here is read there as it was meant.
#include "xproto/line_writer.hpp"

#include "xproto/line_octets.hpp"
#include "xproto/utf8.hpp"

#include <charconv>

namespace xproto {

namespace {

std::string_view text_of(word answer)
{
    switch (answer) {
    case word::ok: return "OK";
    case word::err: return "ERR";
    case word::tmp: return "TMP";
    case word::request: break;
    }
    return {};
}

void append_number(std::string& out, std::uint64_t number)
{
    char digits[20];
    out.append(std::begin(digits), std::to_chars(std::begin(digits), std::end(digits), number).ptr);
}

void append_tag(std::string& out, std::uint32_t tag)
{
    out += '[';
    if (tag == 0)
        out += '*';
    else
        append_number(out, tag);
    out += ' ';
}

void append_value(std::string& out, std::string_view value)
{
    if (is_token(value)) {
        out += value;
        return;
    }
    out += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

// No character is cut in two: the limit moves back to the beginning of one.
std::string_view cut(std::string_view text, std::size_t limit)
{
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
    return text.substr(0, limit);
}

// With the space before it. Nothing when nothing is left of it.
void append_text(std::string& out, std::string_view text, std::size_t limit)
{
    text = cut(text, limit);
    if (text.empty()) return;
    out += ' ';
    const bool sound = is_utf8(text);
    for (const char c : text) {
        const bool high = static_cast<unsigned char>(c) >= 0x80;
        if (is(c, in_escape)) out += '\\';
        out += is(c, in_text | in_escape) && (sound || !high) ? c : '?';
    }
}

} // namespace

line_writer::line_writer(std::string& out, std::uint32_t tag, std::string_view verb) : out_(out)
{
    append_tag(out_, tag);
    out_ += verb;
}

line_writer::line_writer(std::string& out, std::uint32_t tag, word answer, const result_code& code) : out_(out)
{
    append_tag(out_, tag);
    out_ += text_of(answer);
    out_ += ' ';
    out_ += code.text();
}

line_writer& line_writer::parameter(std::string_view text)
{
    out_ += ' ';
    append_value(out_, text);
    return *this;
}

line_writer& line_writer::octets(std::uint64_t count)
{
    out_ += " {";
    append_number(out_, count);
    out_ += '}';
    return *this;
}

void line_writer::open(std::string_view name, std::string_view value)
{
    out_ += " (";
    out_ += name;
    if (value.data() == nullptr) return;
    out_ += '=';
    append_value(out_, value);
}

line_writer& line_writer::group(std::string_view name)
{
    open(name, {});
    out_ += ')';
    return *this;
}

line_writer& line_writer::group(std::string_view name, std::string_view value)
{
    open(name, value);
    out_ += ')';
    return *this;
}

line_writer& line_writer::note(std::string_view name, std::string_view text)
{
    open(name, {});
    append_text(out_, text, text.size());
    out_ += ')';
    return *this;
}

line_writer& line_writer::answer(std::string_view name, std::string_view value, word answer, const result_code& code,
                                 std::string_view text, std::size_t limit)
{
    open(name, value);
    out_ += ' ';
    out_ += text_of(answer);
    out_ += ' ';
    out_ += code.text();
    append_text(out_, text, limit);
    out_ += ')';
    return *this;
}

line_writer& line_writer::text(std::string_view text, std::size_t limit)
{
    append_text(out_, text, limit);
    return *this;
}

void line_writer::end()
{
    out_ += "]\r\n";
}

} // namespace xproto
