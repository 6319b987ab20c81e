// From the view when there is one, from the text when there is none. What was written is read again before it counts: a
// view can hold anything, and only what comes back the same has gone into the field, and nothing else has.
#include "mapping/view/regenerate.hpp"

#include "mapping/field.hpp"
#include "mapping/view/field_text.hpp"
#include "mapping/view/view_xml.hpp"
#include "mapping/view/write.hpp"
#include "smtp/address.hpp"

#include <algorithm>
#include <array>

namespace mapping::view {

namespace {

// Octets that may stand in a header of this charset as they are.
bool fits(std::string_view octets, header_charset charset)
{
    return charset == header_charset::ascii ? smtp::is_ascii(octets) : smtp::is_utf8(octets);
}

// Other ways to write the same value, made the one that readers of fields give.
void normalise(item& i)
{
    if (i.what == kind::parameter)
        for (auto& c : i.name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    if (i.what == kind::date && (i.value.ends_with('Z') || i.value.ends_with('z')))
        i.value.replace(i.value.size() - 1, 1, "+00:00");
    if (i.what != kind::mailbox) return;
    const auto address = read(syntax::addresses, i.value);
    if (address && address->size() == 1 && address->front().what == kind::mailbox && address->front().name.empty())
        i.value = address->front().value;
}

std::optional<items> items_of_view(const xproto::field& field)
{
    auto what = from_xml(field.view);
    if (what) std::for_each(what->begin(), what->end(), normalise);
    return what;
}

std::optional<items> items_of_text(const xproto::field& field)
{
    std::string unfolded;
    const auto text = field_text(field, unfolded);
    return text ? read(syntax_of(field.name), *text) : std::nullopt;
}

bool is_ascii(const items& what)
{
    return std::all_of(what.begin(), what.end(), [](const item& i) { return smtp::is_ascii(i.value); });
}

// An address beyond ASCII cannot come back from a header in ASCII; it was shown in a name (RFC 6857).
bool shows_addresses(const items& what, header_charset charset)
{
    return charset == header_charset::ascii && std::any_of(what.begin(), what.end(), [](const item& i) {
               return i.what == kind::mailbox && !smtp::is_ascii(i.value);
           });
}

// Message-ids beyond ASCII go under another name, as text (RFC 6857): a header in ASCII must not lose them.
std::optional<std::string> write_downgraded(std::string_view name, const items& what)
{
    constexpr std::array<std::string_view, 3> names{"Message-ID", "In-Reply-To", "References"};
    const auto is_named = [name](std::string_view known) { return same_name(name, known); };
    if (std::none_of(names.begin(), names.end(), is_named)) return {};
    items text(1);
    for (const auto& i : what) {
        if (i.what != kind::id) return {};
        if (!text.front().value.empty()) text.front().value += ' ';
        text.front().value += '<' + i.value + '>';
    }
    return write("Downgraded-" + std::string(name), syntax::text, text, header_charset::ascii);
}

bool says(std::string_view octets, std::string_view name, const items& what)
{
    xproto::field written;
    written.raw = true;
    written.name = name;
    written.octets = octets;
    return items_of_text(written) == what;
}

// Told by the view alone; whether there is a form for it is not asked.
edit what_was_done(const xproto::field& field)
{
    if (field.view.empty()) return edit::none;
    const auto text = items_of_text(field);
    if (text && to_xml(*text) == field.view) return edit::none;
    const auto view = items_of_view(field);
    if (!view) return edit::refused;
    return view == text ? edit::none : edit::written;
}

} // namespace

bool is_edited(const xproto::field& field)
{
    return what_was_done(field) == edit::written;
}

std::optional<std::string> regenerate(const xproto::field& field, header_charset charset)
{
    if (field.view.empty()) {
        std::string octets;
        append_octets(octets, field, line_end::crlf);
        if (fits(octets, charset) && octets.ends_with("\r\n")) return octets;
    }
    if (field.name.empty()) return {};
    const auto what = field.view.empty() ? items_of_text(field) : items_of_view(field);
    if (!what) return {};
    auto octets = write(field.name, syntax_of(field.name), *what, charset);
    if (!octets && charset == header_charset::ascii && !is_ascii(*what)) return write_downgraded(field.name, *what);
    if (!octets || !fits(*octets, charset)) return {};
    if (!shows_addresses(*what, charset) && !says(*octets, field.name, *what)) return {};
    return octets;
}

edit append_current(std::string& out, const xproto::field& field, header_charset charset)
{
    auto done = what_was_done(field);
    if (done == edit::written) {
        if (auto anew = regenerate(field, charset)) {
            if (field.bare_lf) std::erase(*anew, '\r'); // as the lines around it
            out += *anew;
            return done;
        }
        done = edit::refused;
    }
    append_octets(out, field);
    return done;
}

} // namespace mapping::view
