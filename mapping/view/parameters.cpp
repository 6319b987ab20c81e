// A value and parameters (RFC 2045 5.1), parameters in sections and charsets (RFC 2231), and the encoded words that
// some put into them instead. Content-Type, Content-Disposition and their like.
#include "mapping/parts/parameters.hpp"
#include "mapping/parts/sections.hpp"
#include "mapping/view/charset.hpp"
#include "mapping/view/encoded_word.hpp"
#include "mapping/view/lexer.hpp"
#include "mapping/view/syntaxes.hpp"

#include <algorithm>
#include <map>

namespace mapping::view {

namespace {

constexpr std::size_t longest_quoted = 900; // above it, in sections
constexpr std::size_t longest_section = 70;

// --- reading --------------------------------------------------------------------------------------------------------

// `text/plain`, `attachment`, `1.0`: tokens with slashes between, perhaps with white space around them.
bool is_value(std::string& value)
{
    value.erase(std::remove_if(value.begin(), value.end(), [](char c) { return c == ' ' || c == '\t'; }), value.end());
    std::string_view rest = value;
    for (;;) {
        const auto slash = rest.find('/');
        if (!is_token(rest.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        rest.remove_prefix(slash + 1);
    }
}

// One parameter as it is written, in as many sections as it has.
struct written_parameter {
    std::string plain; // from name=value
    bool has_plain = false;
    parts::section_joiner sections;
};

class parameters_reader {
  public:
    bool add(parts::parameter p)
    {
        const auto as = parts::split_section_name(p.name);
        if (!as || !is_token(p.name)) return false;
        const auto [at, is_new] = parameters_.try_emplace(std::string(as->name));
        if (is_new) order_.push_back(at);
        auto& parameter = at->second;
        std::replace(p.value.begin(), p.value.end(), '\t', ' ');
        if (as->is_section) {
            parameter.sections.add(*as, std::move(p.value));
            return true;
        }
        if (parameter.has_plain) return false; // twice the same: which one counts?
        parameter.has_plain = true;
        parameter.plain = std::move(p.value);
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
    static std::optional<std::string> joined(const parts::section_joiner& sections)
    {
        const auto whole = sections.join();
        if (whole.is_flawed) return {};
        return to_utf8(whole.charset.empty() ? "utf-8" : whole.charset, whole.octets);
    }

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
    parts::parameter_reader in(text);
    item value;
    value.what = kind::value;
    value.value = in.value();
    if (!is_value(value.value)) return false;
    out.push_back(std::move(value));
    parameters_reader parameters;
    while (auto p = in.next())
        if (in.is_flawed() || !parameters.add(*std::move(p))) return false;
    return !in.is_flawed() && parameters.finish(out);
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
