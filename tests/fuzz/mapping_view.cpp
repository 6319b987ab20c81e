// Views of any octets. The first octet chooses a field's name and what the rest is: its text, from which a view is read
// that must say no more and no less when it is written; or its view, which somebody else has written and which must not
// get out of its field.
#include "mapping/view/describe.hpp"
#include "mapping/view/encoded_word.hpp"
#include "mapping/view/regenerate.hpp"
#include "mapping/view/view_xml.hpp"
#include "smtp/address.hpp"
#include "xproto/headers_object.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using mapping::view::header_charset;

constexpr std::array<const char*, 12> names{"Subject",      "From",         "Date",           "References",
                                            "Keywords",     "Content-Type", "DKIM-Signature", "Authentication-Results",
                                            "Received-SPF", "List-Id",      "List-Post",      "Received"};

void demand(bool holds, const char* what)
{
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

std::string described(const xproto::field& field, mapping::view::wanted which)
{
    std::size_t room = 1 << 20;
    return mapping::view::describe(field, which, room);
}

void check_lines(const std::string& octets, header_charset charset)
{
    demand(octets.ends_with("\r\n"), "no line end");
    demand(charset == header_charset::ascii ? smtp::is_ascii(octets) : smtp::is_utf8(octets), "wrong charset");
    for (std::size_t begin = 0; begin < octets.size();) {
        const auto end = octets.find("\r\n", begin);
        const auto line = std::string_view(octets).substr(begin, end - begin);
        demand(line.size() <= 998, "a line is too long");
        demand(line.find_first_not_of(" \t") != std::string_view::npos, "a line is empty");
        demand(begin == 0 || line.front() == ' ', "a line begins another field");
        for (const auto c : line) demand(static_cast<unsigned char>(c) >= ' ' && c != '\x7F', "a control character");
        begin = end + 2;
    }
}

void check_regenerated(const xproto::field& field)
{
    for (const auto charset : {header_charset::ascii, header_charset::utf8})
        if (const auto octets = mapping::view::regenerate(field, charset)) check_lines(*octets, charset);
}

void check_text(xproto::field field, std::string_view text)
{
    field.raw = true;
    field.octets = field.name + ":" + std::string(text);
    for (auto& c : field.octets)
        if (c == '\n') c = ' ';
    field.octets += "\r\n";
    field.view = described(field, mapping::view::wanted::all);
    demand(!mapping::view::is_edited(field), "a view is an edit of the text that it was read from");
    if (field.view.empty()) return;
    const auto what = mapping::view::from_xml(field.view);
    demand(what && mapping::view::to_xml(*what) == field.view, "a view does not come back from XML");
    xproto::headers_object object;
    object.fields.push_back(field);
    const auto read = xproto::read_headers(xproto::write(object));
    demand(read && *read == object, "a view does not come back from the headers object");
    check_regenerated(field);
}

void check_view(xproto::field field, std::string_view view)
{
    field.view = view;
    mapping::view::is_edited(field);
    check_regenerated(field);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    xproto::field field;
    field.name = names[data[0] / 2 % names.size()];
    data[0] % 2 == 0 ? check_text(field, rest) : check_view(field, rest);
    return 0;
}
