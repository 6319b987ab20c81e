// What the tests of views share: views of a field's text, and random ones.
#pragma once

#include "mapping/view/describe.hpp"
#include "mapping/view/regenerate.hpp"
#include "mapping/view/view_xml.hpp"

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace mapping_test {

using mapping::view::header_charset;
using mapping::view::item;
using mapping::view::items;
using mapping::view::kind;

inline xproto::field field(std::string name, std::string text, std::string view = {})
{
    xproto::field f;
    f.name = std::move(name);
    f.text = std::move(text);
    f.view = std::move(view);
    return f;
}

// Everything that the text says, as XML; empty when it cannot be read.
inline std::string view_of(std::string_view name, std::string_view text)
{
    const auto what = mapping::view::read(mapping::view::syntax_of(name), text);
    return what ? mapping::view::to_xml(*what) : std::string();
}

inline item make(kind what, std::string value, std::string name = {}, bool member = false)
{
    item i;
    i.what = what;
    i.value = std::move(value);
    i.name = std::move(name);
    i.member = member;
    return i;
}

// A field name and a view that it can have, reproducible.
class random_views {
  public:
    explicit random_views(unsigned seed) : engine_(seed) {}

    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
    bool one_in(std::size_t n) { return below(n) == 0; }
    std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

    std::string any_name()
    {
        static const std::vector<std::string> names{"Subject",
                                                    "X-Anything",
                                                    "From",
                                                    "to",
                                                    "Date",
                                                    "Message-ID",
                                                    "References",
                                                    "Keywords",
                                                    "List-Id",
                                                    "List-Help",
                                                    "Content-Type",
                                                    "Content-Disposition",
                                                    "DKIM-Signature",
                                                    "ARC-Seal",
                                                    "Autocrypt",
                                                    "Received-SPF",
                                                    "Authentication-Results",
                                                    "ARC-Authentication-Results"};
        return pick(names);
    }

    items view_for(std::string_view name)
    {
        using mapping::view::syntax;
        switch (mapping::view::syntax_of(name)) {
        case syntax::text: return {make(kind::text, text(30))};
        case syntax::addresses: return addresses();
        case syntax::date: return {make(kind::date, date())};
        case syntax::ids: return list(kind::id, [this] { return word() + '@' + word(); });
        case syntax::keywords: return list(kind::keyword, [this] { return word() + text(4); });
        case syntax::parameters: return parameters();
        case syntax::tags: return tags();
        case syntax::results: return results(false);
        case syntax::spf: return results(true);
        case syntax::list_id: return {make(kind::list, word() + ".example", one_in(3) ? "" : text(5))};
        case syntax::uris: return list(kind::uri, [this] { return "mailto:" + word() + "?subject=(" + word() + ")"; });
        case syntax::none: break;
        }
        return {};
    }

  private:
    // Clean text of up to so many pieces, everything that could be taken for syntax among them.
    std::string text(std::size_t most)
    {
        static const std::vector<std::string> pieces{
            "a",
            "word",
            " ",
            " ",
            " ",
            "  ",
            "\"",
            "\\",
            "(",
            ")",
            "<",
            ">",
            "@",
            ",",
            ";",
            ":",
            ".",
            "=?",
            "?=",
            "=?utf-8?q?x?=",
            "_",
            "=",
            "=41",
            "ü",
            "Grüße",
            "例え",
            "\xF0\x9F\x93\xA7",
            "'",
            "%",
            "*",
            "[",
            "]",
            "\xC2\xA0",
            "]]>",
            "&amp;",
            "&",
            "Bcc: x@y",
            "\xE2\x80\xA8",
            "-->",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
        std::string out;
        for (auto n = below(most + 1); n > 0; --n) out += pick(pieces);
        if (one_in(200)) out += std::string(2000, 'x');
        if (one_in(200)) out += std::string(30, ' ') + "ü";
        return out;
    }
    static std::string ascii(std::string text)
    {
        for (auto& c : text)
            if ((static_cast<unsigned char>(c) & 0x80) != 0) c = 'a';
        return text;
    }
    std::string word()
    {
        std::string out;
        for (auto n = 1 + below(one_in(20) ? 60 : 8); n > 0; --n) out += static_cast<char>('a' + below(26));
        return out;
    }
    std::string address()
    {
        static const std::vector<std::string> locals{"\"a b\"", "\"a\\\"b\"", "\"\"",        "a.b+c",   "\"a..b\"",
                                                     "\"a@b\"", "o'neil",     "\"(x),<;>\"", "\"\\\\\""};
        const auto local = one_in(3) ? pick(locals) : word();
        return local + '@' + (one_in(8) ? "[IPv6:2001:db8::1]" : word() + ".example");
    }
    items addresses()
    {
        items out;
        auto in_group = false;
        for (auto n = 1 + below(6); n > 0; --n) {
            if (one_in(5)) {
                out.push_back(make(kind::group, "", word() + text(5)));
                in_group = true;
                continue;
            }
            in_group = in_group && !one_in(3);
            out.push_back(make(kind::mailbox, address(), one_in(3) ? "" : text(8), in_group));
        }
        return out;
    }
    std::string date()
    {
        const auto two = [this](std::size_t from, std::size_t to) {
            const auto number = std::to_string(from + below(to - from + 1));
            return number.size() == 1 ? "0" + number : number;
        };
        return std::to_string(1900 + below(8100)) + '-' + two(1, 12) + '-' + two(1, 28) + 'T' + two(0, 23) + ':' +
               two(0, 59) + ':' + two(0, 60) + (one_in(2) ? '+' : '-') + two(0, 23) + ':' + two(0, 59);
    }
    template <class Make> items list(kind what, Make value)
    {
        items out;
        for (auto n = 1 + below(6); n > 0; --n) out.push_back(make(what, value()));
        return out;
    }
    items parameters()
    {
        items out{make(kind::value, one_in(2) ? "text/plain" : "attachment")};
        for (auto n = below(4); n > 0; --n) out.push_back(make(kind::parameter, text(20), word() + std::to_string(n)));
        return out;
    }
    items tags()
    {
        items out;
        for (auto n = 1 + below(6); n > 0; --n) out.push_back(make(kind::tag, one_in(4) ? "" : word(), word()));
        if (one_in(2)) out.push_back(make(kind::tag, std::string(below(400), 'A') + "==", "b"));
        if (one_in(2)) out.push_back(make(kind::tag, "from:to:subject:" + word() + ":" + word() + ":" + word(), "h"));
        if (one_in(2)) out.push_back(make(kind::tag, word() + " " + word(), "n"));
        return out;
    }
    items results(bool spf)
    {
        items out;
        if (!spf) out.push_back(make(kind::value, word() + ".example"));
        for (auto n = spf ? 1 : below(4); n > 0; --n) {
            out.push_back(make(kind::result, "pass", spf ? "spf" : "dkim"));
            for (auto p = below(4); p > 0; --p)
                out.push_back(make(kind::property, ascii(text(4)).substr(0, 200), "header." + word()));
        }
        return out;
    }

    std::mt19937 engine_;
};

} // namespace mapping_test
