// A parser for exactly what the writer writes; everything that came from elsewhere has been through a true XML parser.
#include "mapping/view/view_xml.hpp"

#include "xproto/field_xml.hpp"
#include "xproto/xml_text.hpp"

#include <array>

namespace mapping::view {

namespace {

constexpr auto kinds = static_cast<std::size_t>(kind::uri) + 1;

void open(std::string& out, const item& i)
{
    out.append(1, '<').append(xproto::view_prefix).append(1, ':').append(to_text(i.what));
    if (!i.name.empty()) xproto::xml::append_attribute(out, "name", i.name);
    out += '>';
    xproto::xml::append_text(out, i.value);
}

void close(std::string& out, kind what)
{
    out.append("</").append(xproto::view_prefix).append(1, ':').append(to_text(what)).append(1, '>');
}

struct escape {
    std::string_view written;
    char meant;
};
constexpr std::array<escape, 5> escapes{{{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&#9;", ' '}}};

class xml_reader {
  public:
    explicit xml_reader(std::string_view xml) : rest_(xml) {}

    std::optional<items> run()
    {
        items out;
        bool in_group = false;
        while (!rest_.empty()) {
            if (in_group && take_end(kind::group)) {
                in_group = false;
                continue;
            }
            item next;
            next.member = in_group;
            if (out.size() == most_items || !take_start(next)) return {};
            if (in_group && next.what != kind::mailbox) return {};
            in_group = in_group || next.what == kind::group;
            if (next.what != kind::group && !take_end(next.what)) return {};
            if (!is_clean(next.name) || !is_clean(next.value)) return {};
            out.push_back(std::move(next));
        }
        if (in_group || out.empty()) return {};
        return out;
    }

  private:
    bool take(std::string_view expected)
    {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    // `<v:kind name="...">value`
    bool take_start(item& out)
    {
        if (!take("<") || !take(xproto::view_prefix) || !take(":")) return false;
        const auto word = rest_.substr(0, rest_.find_first_of(" >"));
        std::size_t which = 0;
        while (which < kinds && to_text(static_cast<kind>(which)) != word) ++which;
        if (which == kinds) return false;
        out.what = static_cast<kind>(which);
        rest_.remove_prefix(word.size());
        if (take(" name=\"") && !(take_text(out.name, '"') && take("\""))) return false;
        return take(">") && take_text(out.value, '<');
    }
    bool take_end(kind what)
    {
        const auto before = rest_;
        if (take("</") && take(xproto::view_prefix) && take(":") && take(to_text(what)) && take(">")) return true;
        rest_ = before;
        return false;
    }
    bool take_text(std::string& out, char end)
    {
        const auto size = rest_.find(end);
        if (size == std::string_view::npos) return false;
        auto text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        while (!text.empty()) {
            const auto plain = text.substr(0, text.find('&'));
            out += plain;
            text.remove_prefix(plain.size());
            if (text.empty()) break;
            const auto before = text.size();
            for (const auto& [written, meant] : escapes) {
                if (!text.starts_with(written)) continue;
                out += meant;
                text.remove_prefix(written.size());
                break;
            }
            if (text.size() == before) return false;
        }
        return true;
    }

    std::string_view rest_;
};

} // namespace

std::string to_xml(const items& what)
{
    std::string out;
    bool in_group = false;
    for (const auto& i : what) {
        if (in_group && !i.member) close(out, kind::group);
        in_group = i.what == kind::group || (in_group && i.member);
        open(out, i);
        if (i.what != kind::group) close(out, i.what);
    }
    if (in_group) close(out, kind::group);
    return out;
}

std::optional<items> from_xml(std::string_view xml)
{
    return xml_reader(xml).run();
}

} // namespace mapping::view
