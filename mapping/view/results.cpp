// Results of authentication: Authentication-Results (RFC 8601 2.2), the same in an ARC set (RFC 8617 4.1.1), and
// Received-SPF (RFC 7208 9.1). Comments are left out; they are the largest part of some.
#include "mapping/view/lexer.hpp"
#include "mapping/view/syntaxes.hpp"

#include <algorithm>

namespace mapping::view {

namespace {

bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

bool is_value_character(char c)
{
    return c != ' ' && c != '\t' && c != ';' && c != '(' && c != ')' && c != '"' && c != '\\';
}

// A token, or a quotation. Not empty unless quoted.
bool take_value(lexer& in, std::string& out)
{
    if (!in.skip()) return false;
    if (in.peek() == '"') return in.quoted_string(out);
    out = in.run(is_value_character);
    return !out.empty();
}

bool take_name(lexer& in, std::string& out)
{
    if (!in.skip()) return false;
    out = in.run(is_name_character);
    return !out.empty() && in.skip();
}

// name=value
bool take_pair(lexer& in, item& out)
{
    return take_name(in, out.name) && in.take('=') && take_value(in, out.value);
}

// What stands between the semicolons: method[/version]=result, then properties.
bool take_result(lexer& in, items& out)
{
    item result;
    result.what = kind::result;
    if (!take_name(in, result.name)) return false;
    if (in.take('/') && (!in.skip() || in.token().empty() || !in.skip())) return false;
    if (in.at_end() && result.name == "none") return true; // there are no results
    if (!in.take('=') || !take_value(in, result.value) || !in.skip()) return false;
    out.push_back(std::move(result));
    while (!in.at_end() && in.peek() != ';') {
        item property;
        property.what = kind::property;
        if (out.size() == most_items || !take_pair(in, property) || !in.skip()) return false;
        out.push_back(std::move(property));
    }
    return true;
}

// `i=1;` in an ARC set, then who says it, and the version of the format. Some leave the name out.
bool take_beginning(lexer& in, items& out)
{
    auto ahead = in;
    item tag;
    tag.what = kind::tag;
    if (take_pair(ahead, tag) && tag.name == "i" && ahead.skip() && ahead.take(';')) {
        out.push_back(std::move(tag));
        in = ahead;
    }
    ahead = in;
    item said_by;
    said_by.what = kind::value;
    if (!take_value(ahead, said_by.value) || !ahead.skip()) return false;
    ahead.run([](char c) { return c >= '0' && c <= '9'; });
    if (!ahead.skip()) return false;
    if (!ahead.at_end() && ahead.peek() != ';') return true; // the first result, it seems
    if (said_by.value.find('=') != std::string::npos) return true;
    out.push_back(std::move(said_by));
    in = ahead;
    return true;
}

// token, or local@domain (RFC 8601 2.2, pvalue); everything else in quotation marks.
std::string written(const std::string& value)
{
    const auto at = value.find('@');
    const auto domain = at == std::string::npos ? std::string() : value.substr(at + 1);
    const auto local = value.substr(0, at);
    const auto is_address = at != std::string::npos && is_token(domain) && (local.empty() || is_token(local));
    return is_token(value) || is_address ? value : quoted(value);
}

bool is_name(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), is_name_character);
}

bool can_write(const field_writer& out, const item& i)
{
    return out.can_hold(i.value) && (i.what == kind::value || is_name(i.name));
}

} // namespace

bool read_results(std::string_view text, items& out)
{
    lexer in(text);
    if (!take_beginning(in, out)) return false;
    for (;;) {
        if (!in.skip()) return false;
        if (in.take(';')) continue;
        if (in.at_end()) return !out.empty();
        if (out.size() >= most_items || !take_result(in, out)) return false;
        if (!in.at_end() && in.peek() != ';') return false;
    }
}

bool write_results(field_writer& out, const items& what)
{
    auto any_result = false;
    for (const auto& i : what) {
        if (!can_write(out, i)) return false;
        if (i.what == kind::result && &i != &what.front()) out.attach(";");
        switch (i.what) {
        case kind::tag:
            if (i.name != "i" || &i != &what.front()) return false;
            out.word("i=" + written(i.value));
            out.attach(";");
            break;
        case kind::value: out.word(written(i.value)); break;
        case kind::result: out.word(i.name + '=' + written(i.value)); break;
        case kind::property: out.word(i.name + '=' + written(i.value)); break;
        default: return false;
        }
        any_result = any_result || i.what == kind::result;
    }
    if (!any_result) out.attach("; none");
    return !what.empty();
}

bool are_plain_results(std::string_view text)
{
    static constexpr octet_set quoting("(\"\\");
    return !quoting.is_in(text);
}

bool read_spf(std::string_view text, items& out)
{
    lexer in(text);
    item result;
    result.what = kind::result;
    result.name = "spf";
    if (!take_name(in, result.value)) return false;
    out.push_back(std::move(result));
    for (;;) {
        if (!in.skip()) return false;
        if (in.take(';')) continue;
        if (in.at_end()) return true;
        item property;
        property.what = kind::property;
        if (out.size() == most_items || !take_pair(in, property)) return false;
        out.push_back(std::move(property));
    }
}

bool write_spf(field_writer& out, const items& what)
{
    for (const auto& i : what) {
        const auto is_first = &i == &what.front();
        if (!can_write(out, i) || i.what != (is_first ? kind::result : kind::property)) return false;
        out.word(is_first ? i.value : i.name + '=' + written(i.value));
        if (!is_first && &i != &what.back()) out.attach(";");
    }
    return !what.empty() && what.front().name == "spf";
}

} // namespace mapping::view
