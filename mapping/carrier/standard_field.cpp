// Words beyond ASCII become encoded words (RFC 2047), in phrases and comments as well; everything else stays.
#include "mapping/carrier/standard_field.hpp"

#include "mapping/field.hpp"
#include "mapping/folded_field.hpp"
#include "mapping/header_section.hpp"
#include "mapping/text.hpp"
#include "mapping/view/regenerate.hpp"
#include "mapping/view/write.hpp"
#include "smtp/address.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace mapping::carrier {

namespace {

constexpr std::size_t longest_line = 998;        // RFC 5322 2.1.1
constexpr std::size_t longest_name = 200;        // beyond it, who knows what it is
constexpr std::size_t longest_text = 256 * 1024; // of a field that has to be written anew

// Fields whose values are addresses, and so have a grammar that encoded words must keep to.
constexpr std::array<std::string_view, 13> address_fields{
    "From",        "Sender",        "Reply-To",  "To",        "Cc",         "Bcc",
    "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Bcc", "Disposition-Notification-To",
    "Return-Path"};

bool is_address_field(std::string_view name)
{
    return std::any_of(address_fields.begin(), address_fields.end(),
                       [&](std::string_view other) { return same_name(name, other); });
}

bool is_line(std::string_view line, bool utf8)
{
    if (line.size() > longest_line) return false;
    const auto* at = line.data();
    const auto* const end = at + line.size();
    while (at != end) {
        const auto c = static_cast<unsigned char>(*at);
        const auto size = c < 0x80 ? std::size_t{1} : xproto::xml::character(at, end);
        if (size == 0 || (size > 1 && !utf8) || (c < ' ' && c != '\t') || c == 0x7F) return false;
        at += size;
    }
    return true;
}

bool is_name(std::string_view name)
{
    return !name.empty() && name.size() <= longest_name &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7F && c != ':'; });
}

// What follows the colon, unfolded, with whatever is no character replaced.
std::string value_of(const xproto::field& field)
{
    std::string_view text = field.text;
    if (field.raw) text = std::string_view(field.octets).substr(field.octets.find(':', field.name.size()) + 1);
    auto out = printable(text, true, longest_text);
    out.erase(out.find_last_not_of(' ') + 1);
    out.erase(0, out.find_first_not_of(' '));
    return out;
}

// --- addresses ------------------------------------------------------------------------------------------------------

// A piece of an address field: a quoted string, a comment's words, an angle bracket with all in it, an atom, or one
// special character.
struct token {
    enum class kind { word, quoted, other } what = kind::other;
    std::string text;   // of a word or quoted string: what it says
    bool space = false; // does white space stand before it?
};

std::string_view take_quoted(std::string_view& rest, std::string& said)
{
    std::size_t at = 1;
    for (; at < rest.size() && rest[at] != '"'; ++at) {
        if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
        said += rest[at];
    }
    const auto whole = rest.substr(0, std::min(at + 1, rest.size()));
    rest.remove_prefix(whole.size());
    return whole;
}

std::vector<token> tokens(std::string_view rest)
{
    constexpr std::string_view specials = "(),;:";
    std::vector<token> out;
    bool space = false;
    while (!rest.empty()) {
        if (rest.front() == ' ') {
            space = true;
            rest.remove_prefix(1);
            continue;
        }
        token one;
        one.space = space;
        space = false;
        if (rest.front() == '"') {
            std::string said;
            const auto whole = take_quoted(rest, said);
            // One that is a local part (`"a b"@example`) or all ASCII stays as it is.
            const bool encodable = !smtp::is_ascii(said) && !rest.starts_with('@');
            one.what = encodable ? token::kind::quoted : token::kind::other;
            one.text = encodable ? said : std::string(whole);
        } else if (rest.front() == '<') {
            const auto size = std::min(rest.find('>'), rest.size() - 1) + 1;
            one.text = rest.substr(0, size);
            rest.remove_prefix(size);
        } else if (specials.find(rest.front()) != std::string_view::npos) {
            one.text = rest.substr(0, 1);
            rest.remove_prefix(1);
        } else {
            const auto size = std::min(rest.find_first_of(" \"<(),;:"), rest.size());
            one.text = rest.substr(0, size);
            rest.remove_prefix(size);
            if (!smtp::is_ascii(one.text) && one.text.find('@') == std::string::npos) one.what = token::kind::word;
        }
        out.push_back(std::move(one));
    }
    return out;
}

// An address list that nobody understands: its characters beyond ASCII encoded where a grammar of words would be.
std::optional<std::string> addresses(std::string_view name, std::string_view text)
{
    view::field_writer out(name, view::header_charset::ascii);
    const auto all = tokens(text);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].what != token::kind::other) {
            auto said = all[i].text;
            while (i + 1 < all.size() && all[i + 1].what != token::kind::other)
                said += (all[i + 1].space ? " " : "") + all[i + 1].text, ++i;
            out.encoded(said);
            continue;
        }
        const auto shown = printable(all[i].text, false, all[i].text.size());
        if (all[i].space || i == 0)
            out.word(shown);
        else
            out.attach(shown);
    }
    return std::move(out).take();
}

std::optional<std::string> text_field(std::string_view name, std::string value, view::header_charset charset)
{
    view::items what(1);
    what.front().value = std::move(value);
    return view::write(name, view::syntax::text, what, charset);
}

// What the field says can be told from neither its octets nor its view: its text, as near as mail has it.
std::string nearest(const xproto::field& field, bool utf8)
{
    const auto value = value_of(field);
    const auto charset = utf8 ? view::header_charset::utf8 : view::header_charset::ascii;
    const auto out =
        !utf8 && is_address_field(field.name) ? addresses(field.name, value) : text_field(field.name, value, charset);
    if (out && is_standard(*out, utf8)) return *out;
    // A word longer than a line may be: cut, as there is no place to fold it.
    folded_field cut(field.name);
    const auto shown = printable(value, utf8, longest_text);
    for (std::size_t at = 0; at < shown.size();) {
        auto size = std::min<std::size_t>(900, shown.size() - at);
        while (at + size < shown.size() && (static_cast<unsigned char>(shown[at + size]) & 0xC0) == 0x80) --size;
        cut.words(std::string_view(shown).substr(at, size));
        at += size;
    }
    return cut.take();
}

} // namespace

bool is_sendable(const xproto::field& field)
{
    return is_name(field.name);
}

bool is_standard(std::string_view octets, bool utf8)
{
    if (!is_name(octets.substr(0, octets.find(':'))) || !octets.ends_with("\r\n")) return false;
    bool first = true;
    while (!octets.empty()) {
        const auto end = octets.find("\r\n");
        const auto line = octets.substr(0, end);
        if (!is_line(line, utf8)) return false;
        // A continuation line has white space before it, and something after that (RFC 5322 3.2.2).
        if (!first && (line.empty() || (line.front() != ' ' && line.front() != '\t') ||
                       line.find_first_not_of(" \t") == std::string_view::npos))
            return false;
        first = false;
        octets.remove_prefix(end + 2);
    }
    return true;
}

bool needs_utf8(const xproto::field& field)
{
    if (!is_address_field(field.name)) return false;
    const auto all = tokens(value_of(field));
    return std::any_of(all.begin(), all.end(), [](const token& one) {
        return one.what == token::kind::other && !smtp::is_ascii(one.text) &&
               (one.text.find('@') != std::string::npos || one.text.starts_with('"'));
    });
}

view::edit append_standard(std::string& out, const xproto::field& field, bool utf8)
{
    const auto charset = utf8 ? view::header_charset::utf8 : view::header_charset::ascii;
    std::string octets;
    const auto done = view::append_current(octets, field, charset);
    if (!is_standard(octets, utf8)) {
        if (!is_sendable(field)) return done;
        auto anew = view::regenerate(field, charset);
        const bool fits = anew && anew->starts_with(field.name + ':') && is_standard(*anew, utf8);
        octets = fits ? *std::move(anew) : nearest(field, utf8);
    }
    out += octets;
    return done;
}

} // namespace mapping::carrier
