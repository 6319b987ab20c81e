// A value and parameters (RFC 2045 5.1), parameters in sections and charsets (RFC 2231), and the encoded words that
// some put into them instead. Content-Type, Content-Disposition and their like.
#include "mapping/view/charset.hpp"
#include "mapping/view/encoded_word.hpp"
#include "mapping/view/lexer.hpp"
#include "mapping/view/syntaxes.hpp"

#include <algorithm>
#include <map>

namespace mapping::view {

namespace {

constexpr std::size_t most_sections = 1000;
constexpr std::size_t longest_quoted = 900; // above it, in sections
constexpr std::size_t longest_section = 70;

struct section {
    std::string value;
    bool extended = false; // percent-encoded; the first one begins with charset and language
};

// One parameter as it is written, in as many sections as it has.
struct written_parameter {
    std::string plain; // from name=value
    bool has_plain = false;
    std::map<std::size_t, section> sections; // from name*0= and so on; name*= counts as number 0
};

std::string lower(std::string_view text)
{
    std::string out(text);
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    return out;
}

// --- reading --------------------------------------------------------------------------------------------------------

// `text/plain`, `attachment`, `1.0`.
bool take_value(lexer& in, std::string& out)
{
    for (;;) {
        if (!in.skip()) return false;
        const auto token = in.token();
        if (token.empty() || !in.skip()) return false;
        out += token;
        if (!in.take('/')) return in.at_end() || in.peek() == ';';
        out += '/';
    }
}

// What follows the equals sign. Unquoted, it may hold spaces, though it should not.
bool take_parameter_value(lexer& in, std::string& out)
{
    if (!in.skip()) return false;
    if (in.peek() == '"') return in.quoted_string(out) && in.skip() && (in.at_end() || in.peek() == ';');
    auto ahead = in;
    out = ahead.token();
    if (ahead.skip() && (ahead.at_end() || ahead.peek() == ';')) {
        in = ahead;
        return true;
    }
    out = trimmed(in.run([](char c) { return c != ';'; }));
    std::replace(out.begin(), out.end(), '\t', ' ');
    return out.find('"') == std::string::npos;
}

// Splits `name*12*` into its parts; false when it is none of the forms.
bool split_name(std::string_view written, std::string& name, std::size_t& number, bool& in_sections, bool& extended)
{
    extended = written.ends_with('*');
    if (extended) written.remove_suffix(1);
    const auto star = written.find('*');
    name = lower(written.substr(0, star));
    in_sections = extended || star != std::string_view::npos;
    number = 0;
    if (name.empty() || star == std::string_view::npos) return !name.empty();
    const auto digits = written.substr(star + 1);
    if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string_view::npos)
        return false;
    for (const auto c : digits) number = number * 10 + static_cast<std::size_t>(c - '0');
    return true;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

bool append_percent_decoded(std::string& out, std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (text.size() - i < 3) return false;
        const auto high = hex_digit(text[i + 1]);
        const auto low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return false;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return true;
}

// The sections put together and decoded. None may be missing.
std::optional<std::string> joined(const std::map<std::size_t, section>& sections)
{
    std::string octets;
    std::string_view charset = "utf-8";
    std::size_t expected = 0;
    for (const auto& [number, part] : sections) {
        if (number != expected++) return {};
        std::string_view value = part.value;
        if (number == 0 && part.extended) {
            const auto language = value.find('\'');
            const auto text = language == std::string_view::npos ? language : value.find('\'', language + 1);
            if (text == std::string_view::npos) return {};
            if (language != 0) charset = value.substr(0, language);
            value.remove_prefix(text + 1);
        }
        if (!part.extended)
            octets += value;
        else if (!append_percent_decoded(octets, value))
            return {};
    }
    return to_utf8(charset, octets);
}

class parameter_reader {
  public:
    bool add(std::string_view written, std::string value)
    {
        std::string name;
        std::size_t number = 0;
        bool in_sections = false, extended = false;
        if (!split_name(written, name, number, in_sections, extended) || number >= most_sections) return false;
        const auto [at, is_new] = parameters_.try_emplace(name);
        if (is_new) order_.push_back(at);
        auto& parameter = at->second;
        if (in_sections) return parameter.sections.try_emplace(number, section{std::move(value), extended}).second;
        if (parameter.has_plain) return false; // twice the same: which one counts?
        parameter.has_plain = true;
        parameter.plain = std::move(value);
        return order_.size() <= most_items;
    }

    // Where there are both, the extended form counts (RFC 6266 4.3): the other one is for those who cannot read it.
    bool finish(items& out) const
    {
        for (const auto& at : order_) {
            const auto& [name, written] = *at;
            auto value = written.sections.empty() ? decode_words(written.plain) : joined(written.sections);
            if (!value) return false;
            item i;
            i.what = kind::parameter;
            i.name = name;
            i.value = *std::move(value);
            out.push_back(std::move(i));
        }
        return true;
    }

  private:
    using map = std::map<std::string, written_parameter>;
    map parameters_;
    std::vector<map::const_iterator> order_;
};

// --- writing --------------------------------------------------------------------------------------------------------

bool is_attribute_character(char c)
{
    constexpr std::string_view others = "!#$&+-.^_`{|}~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
}

void append_percent_encoded(std::string& out, std::string_view text)
{
    constexpr std::string_view hex = "0123456789ABCDEF";
    for (const auto c : text) {
        if (is_attribute_character(c)) {
            out += c;
            continue;
        }
        const auto value = static_cast<unsigned char>(c);
        out += '%';
        out += hex[value >> 4];
        out += hex[value & 15];
    }
}

// The next character, or the whole of it percent-encoded.
std::string next_character(std::string_view& text, bool extended)
{
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
    std::string out;
    if (extended)
        append_percent_encoded(out, text.substr(0, size));
    else
        out = quoted(text.substr(0, size)).substr(1, std::string::npos);
    if (!extended) out.pop_back();
    text.remove_prefix(size);
    return out;
}

// name*0*=utf-8''...; name*1*=...
void write_sections(field_writer& out, const item& parameter, bool extended)
{
    std::string_view rest = parameter.value;
    std::string held;
    for (std::size_t number = 0; number == 0 || !held.empty(); ++number) {
        auto part = parameter.name + '*' + std::to_string(number) + (extended ? "*=" : "=\"");
        if (number == 0 && extended) part += "utf-8''";
        auto any = false;
        for (;;) {
            if (held.empty() && !rest.empty()) held = next_character(rest, extended);
            if (held.empty() || (any && part.size() + held.size() > longest_section)) break;
            part += held;
            held.clear();
            any = true;
        }
        if (!extended) part += '"';
        out.word(part);
        if (!held.empty()) out.attach(";");
    }
}

void write_extended(field_writer& out, const item& parameter)
{
    auto whole = parameter.name + "*=utf-8''";
    append_percent_encoded(whole, parameter.value);
    if (whole.size() <= longest_section) return out.word(whole);
    write_sections(out, parameter, true);
}

bool write_parameter(field_writer& out, const item& parameter)
{
    const auto& [what, value, name, member] = parameter;
    if (what != kind::parameter || name.find_first_of("*'%") != std::string::npos || !is_token(name)) return false;
    if (!out.can_hold(value) || value.find("=?") != std::string::npos)
        write_extended(out, parameter);
    else if (value.size() > longest_quoted)
        write_sections(out, parameter, false);
    else
        out.word(name + '=' + (is_token(value) ? value : quoted(value)));
    return true;
}

} // namespace

bool read_parameters(std::string_view text, items& out)
{
    lexer in(text);
    item value;
    value.what = kind::value;
    if (!take_value(in, value.value)) return false;
    out.push_back(std::move(value));
    parameter_reader parameters;
    for (;;) {
        if (!in.skip()) return false;
        if (in.take(';')) continue;
        if (in.at_end()) return parameters.finish(out);
        const auto name = in.token();
        std::string parameter;
        if (name.empty() || !in.skip() || !in.take('=') || !take_parameter_value(in, parameter)) return false;
        if (!parameters.add(name, std::move(parameter))) return false;
    }
}

bool write_parameters(field_writer& out, const items& what)
{
    if (what.empty() || what.front().what != kind::value || !out.can_hold(what.front().value)) return false;
    out.word(what.front().value);
    for (auto at = std::next(what.begin()); at != what.end(); ++at) {
        out.attach(";");
        if (!write_parameter(out, *at)) return false;
    }
    return true;
}

// Quotations are easily taken off, as long as they hide no semicolon.
bool are_plain_parameters(std::string_view text)
{
    static constexpr octet_set telling("(\\*");
    text = without_last_comment(text);
    if (text.find("=?") != std::string_view::npos) return false;
    for (;;) {
        const auto open = text.find('"');
        if (telling.is_in(text.substr(0, open))) return false;
        if (open == std::string_view::npos) return true;
        const auto close = text.find('"', open + 1);
        if (close == std::string_view::npos) return true; // cannot be read
        if (text.substr(open, close - open).find_first_of(";\\") != std::string_view::npos) return false;
        text.remove_prefix(close + 1);
    }
}

} // namespace mapping::view
