// Fields that are lists of simple things: message-ids (RFC 5322 3.6.4), keywords (3.6.5), URIs of mailing lists
// (RFC 2369), and the identifier of one (RFC 2919).
#include "mapping/view/lexer.hpp"
#include "mapping/view/phrase.hpp"
#include "mapping/view/syntaxes.hpp"

#include <algorithm>

namespace mapping::view {

namespace {

constexpr octet_set quoting("\"(\\");

// At a <: appends what stands up to the > that closes it, without white space and comments outside of quotations.
bool take_bracketed(lexer& in, std::string& out)
{
    in.advance(1);
    for (;;) {
        if (!in.skip() || in.at_end() || in.peek() == '<') return false;
        if (in.take('>')) return !out.empty();
        const auto begin = in.rest();
        if (in.peek() == '"') {
            std::string ignored;
            if (!in.quoted_string(ignored)) return false;
        } else {
            in.advance(1);
        }
        out += begin.substr(0, begin.size() - in.rest().size());
    }
}

// The same for what may hold parentheses of its own: everything but white space.
bool take_uri(lexer& in, std::string& out)
{
    in.advance(1);
    const auto inside = in.run([](char c) { return c != '>' && c != '<'; });
    std::copy_if(inside.begin(), inside.end(), std::back_inserter(out), [](char c) { return c != ' ' && c != '\t'; });
    return in.take('>') && !out.empty();
}

item make(kind what, std::string value)
{
    item out;
    out.what = what;
    out.value = std::move(value);
    return out;
}

void write_bracketed(field_writer& out, const items& what, std::string_view between)
{
    for (const auto& i : what) {
        out.word("<" + i.value + ">");
        if (&i != &what.back()) out.attach(between);
    }
}

bool can_hold_all(const field_writer& out, const items& what)
{
    return std::all_of(what.begin(), what.end(), [&](const item& i) { return out.can_hold(i.value); });
}

} // namespace

// --- message-ids ----------------------------------------------------------------------------------------------------

// In-Reply-To may have phrases between them (RFC 5322 4.5.4), which say nothing to a machine.
bool read_ids(std::string_view text, items& out)
{
    lexer in(text);
    for (;;) {
        if (!in.skip()) return false;
        if (in.at_end()) return !out.empty();
        if (in.peek() != '<') {
            if (!in.pass()) return false;
            continue;
        }
        std::string id;
        if (out.size() == most_items || !take_bracketed(in, id)) return false;
        std::replace(id.begin(), id.end(), '\t', ' ');
        out.push_back(make(kind::id, std::move(id)));
    }
}

bool write_ids(field_writer& out, const items& what)
{
    if (!are_all(what, kind::id) || !can_hold_all(out, what)) return false;
    write_bracketed(out, what, "");
    return true;
}

bool are_plain_ids(std::string_view text)
{
    return !quoting.is_in(text);
}

// --- keywords -------------------------------------------------------------------------------------------------------

bool read_keywords(std::string_view text, items& out)
{
    for (lexer in(text);;) {
        const auto begin = in.rest();
        while (!in.at_end() && in.peek() != ',')
            if (!in.pass()) return false;
        auto word = read_phrase(begin.substr(0, begin.size() - in.rest().size()));
        if (!word || out.size() == most_items) return false;
        if (!word->empty()) out.push_back(make(kind::keyword, *std::move(word)));
        if (!in.take(',')) return !out.empty();
    }
}

bool write_keywords(field_writer& out, const items& what)
{
    if (!are_all(what, kind::keyword)) return false;
    for (const auto& i : what) {
        if (i.value.empty()) return false;
        write_phrase(out, i.value);
        if (&i != &what.back()) out.attach(",");
    }
    return true;
}

bool are_plain_keywords(std::string_view text)
{
    return !quoting.is_in(text) && text.find("=?") == std::string_view::npos;
}

// --- the identifier of a list ---------------------------------------------------------------------------------------

bool read_list_id(std::string_view text, items& out)
{
    lexer in(text);
    while (!in.at_end() && in.peek() != '<')
        if (!in.pass()) return false;
    item list;
    list.what = kind::list;
    auto name = read_phrase(text.substr(0, in.position()));
    if (!name) return false;
    if (in.at_end()) { // without brackets, as some write it
        list.value = *std::move(name);
        out.push_back(std::move(list));
        return is_dot_atom(out.back().value);
    }
    list.name = *std::move(name);
    if (!take_bracketed(in, list.value) || !in.skip() || !in.at_end()) return false;
    out.push_back(std::move(list));
    return true;
}

bool is_plain_list_id(std::string_view text)
{
    const auto open = text.find('"');
    if (open == std::string_view::npos) return are_plain_keywords(text);
    auto close = open;
    return trimmed(text.substr(0, open)).empty() && pass_plain_name(text, close) &&
           are_plain_keywords(text.substr(close + 1));
}

bool write_list_id(field_writer& out, const items& what)
{
    if (what.size() != 1 || !are_all(what, kind::list) || !can_hold_all(out, what)) return false;
    if (!what.front().name.empty()) write_phrase(out, what.front().name);
    write_bracketed(out, what, "");
    return true;
}

// --- URIs -----------------------------------------------------------------------------------------------------------

// List-Post: NO
bool read_uris(std::string_view text, items& out)
{
    lexer in(text);
    for (;;) {
        if (!in.skip()) return false;
        if (in.take(',')) continue;
        if (in.at_end()) return !out.empty();
        std::string found;
        if (out.size() == most_items) return false;
        if (in.peek() == '<') {
            if (!take_uri(in, found)) return false;
            out.push_back(make(kind::uri, std::move(found)));
            continue;
        }
        found = in.atom();
        if (found.empty() || !out.empty() || !in.skip() || !in.at_end()) return false;
        out.push_back(make(kind::value, std::move(found)));
    }
}

bool write_uris(field_writer& out, const items& what)
{
    if (!can_hold_all(out, what)) return false;
    if (what.size() == 1 && what.front().what == kind::value) {
        out.word(what.front().value);
        return true;
    }
    if (!are_all(what, kind::uri)) return false;
    write_bracketed(out, what, ",");
    return true;
}

// URIs between angle brackets that have no white space in them, and commas between; or one word.
bool are_plain_uris(std::string_view text)
{
    for (text = trimmed(text); text.starts_with('<');) {
        const auto end = text.find_first_of("> \t");
        if (end == std::string_view::npos || text[end] != '>') return false;
        text = trimmed(text.substr(end + 1));
        if (text.empty()) return true;
        if (!text.starts_with(',')) return false;
        text = trimmed(text.substr(1));
    }
    return text.find_first_of("<(, \t") == std::string_view::npos;
}

} // namespace mapping::view
