// Objects for tests of xproto: a small realistic envelope and header, and random ones whose strings hold any octets.
#pragma once

#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <random>
#include <string>
#include <vector>

namespace samples {

using xproto::envelope;
using xproto::field;

inline field plain(std::string name, std::string text, std::vector<std::uint32_t> folds = {})
{
    field f;
    f.name = std::move(name);
    f.text = std::move(text);
    f.folds = std::move(folds);
    return f;
}

inline field raw(std::string name, std::string octets)
{
    field f;
    f.name = std::move(name);
    f.raw = true;
    f.octets = std::move(octets);
    return f;
}

inline xproto::object_reference object(std::string type, std::string_view octets, std::string media_type = {})
{
    xproto::object_reference o;
    o.type = std::move(type);
    o.octets = octets.size();
    o.sha256 = xproto::sha256(octets);
    o.media_type = std::move(media_type);
    return o;
}

inline xproto::recipient recipient(std::uint32_t number, std::string address)
{
    xproto::recipient r;
    r.number = number;
    r.address = std::move(address);
    return r;
}

constexpr xproto::unix_seconds noon = 1'795'348'800; // 2026-11-22T12:00:00Z

// A message from alice to bob and carol, as a gateway has just made it of an SMTP transaction.
inline envelope message()
{
    envelope e;
    e.id = "k3v7mqx2h5w4t6zr@edge.example";
    e.created = noon;
    e.from.address = "alice@edge.example";
    e.from.parameters = {{"SIZE", "4711"}, {"SMTPUTF8", std::nullopt}};
    e.recipients = {recipient(1, "bob@carrier.example"), recipient(2, "carol@elsewhere.example")};
    e.recipients[0].parameters = {{"NOTIFY", "SUCCESS,FAILURE"}, {"ORCPT", "rfc822;bob@carrier.example"}};
    e.objects = {object("message/headers", "<headers/>"), object("message/body", "Hello\r\n", "text/plain")};
    xproto::legacy_field received;
    received.place = 0;
    received.octets =
        plain("Received", " from pc.edge.example by mx1.edge.example; Sun, 22 Nov 2026 12:00:00 +0000", {42});
    received.view = {{"from", "pc.edge.example"}, {"by", "mx1.edge.example"}};
    e.legacy = {received};
    return e;
}

// Random values, reproducible.
class random_values {
  public:
    explicit random_values(unsigned seed) : engine_(seed) {}

    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
    bool one_in(std::size_t n) { return below(n) == 0; }

    // Any octets, with what XML makes a difference of more often than by chance.
    std::string octets()
    {
        static const std::vector<std::string> pieces{"",
                                                     "a",
                                                     " ",
                                                     "\t",
                                                     "\r",
                                                     "\n",
                                                     "\r\n",
                                                     std::string(1, '\0'),
                                                     "<",
                                                     ">",
                                                     "&",
                                                     "\"",
                                                     "'",
                                                     "]]>",
                                                     "&amp;",
                                                     "&#9;",
                                                     "\x01",
                                                     "\x7f",
                                                     "=",
                                                     "==",
                                                     "\xc3\xa9",
                                                     "\xe4\xbe\x8b",
                                                     "\xf0\x9f\x99\x82",
                                                     "\xff",
                                                     "\xc3",
                                                     "\xed\xa0\x80",
                                                     "\xef\xbf\xbe",
                                                     "]",
                                                     "]]",
                                                     "-->",
                                                     "name@host.example",
                                                     "sha-256:"};
        std::string out;
        for (auto n = below(5); n > 0; --n) {
            if (one_in(4))
                out += static_cast<char>(below(256));
            else
                out += pieces[below(pieces.size())];
        }
        return out;
    }

    // Octets that may be the text of a plain field.
    std::string text()
    {
        std::string out;
        for (auto n = below(6); n > 0; --n)
            if (auto piece = octets(); xproto::is_plain_text(piece)) out += piece;
        return out;
    }

    field any_field()
    {
        static const std::vector<std::string> names{"Subject", "SUBJECT",  "From",        "X-Foo", "content-type",
                                                    "field",   "Received", "Return-Path", "a",     "RFC822.Subject",
                                                    "{}",      "\"<&'"};
        auto name = names[below(names.size())];
        if (one_in(3)) {
            auto text_octets = octets();
            for (auto& c : text_octets)
                if (c == '\n') c = '\r';
            const auto ends = std::vector<std::string>{"\r\n", "\n", "\r\n more\r\n", "\n\tmore\n"};
            return raw(name, name + (one_in(2) ? ":" : " \t:") + text_octets + ends[below(ends.size())]);
        }
        auto f = plain(name, text());
        for (std::uint32_t i = 0; i < f.text.size(); ++i)
            if ((f.text[i] == ' ' || f.text[i] == '\t') && one_in(2)) f.folds.push_back(i);
        return f;
    }

    xproto::digest digest()
    {
        const auto text = octets() + std::to_string(engine_());
        return xproto::sha256(text);
    }

    xproto::unix_seconds time() { return static_cast<xproto::unix_seconds>(below(253402300800)); }

    std::vector<xproto::parameter> parameters()
    {
        std::vector<xproto::parameter> list;
        for (auto n = below(3); n > 0; --n) {
            list.push_back({octets(), std::nullopt});
            if (one_in(2)) list.back().value = octets();
        }
        return list;
    }

    xproto::signature signature()
    {
        xproto::signature s;
        s.algorithm = one_in(2) ? "ed25519" : "something-new-1";
        s.value = octets();
        if (one_in(4)) s.leaf = below(1000);
        if (one_in(4)) s.path = {digest(), digest()};
        return s;
    }

    xproto::legacy_field legacy_field()
    {
        xproto::legacy_field f;
        f.place = static_cast<std::uint32_t>(below(100));
        f.octets = any_field();
        for (auto v = below(3); v > 0; --v) f.view.emplace_back(one_in(2) ? "from" : octets(), octets());
        return f;
    }

    xproto::hop hop()
    {
        xproto::hop h;
        h.host = octets();
        if (one_in(2)) h.certificate = digest();
        h.peer = octets();
        h.peer_address = octets();
        h.protocol = octets();
        h.id = octets();
        h.time = time();
        h.next = octets();
        h.recipients = digest();
        for (auto n = below(3); n > 0; --n) h.changes.push_back({octets(), digest(), digest(), octets()});
        for (auto n = below(3); n > 0; --n) h.legacy.push_back(legacy_field());
        if (one_in(3))
            h.reception = xproto::reception{one_in(2) ? "store" : "dns", "known", digest(), octets().substr(0, 512)};
        h.sign = signature();
        return h;
    }

    envelope any_envelope()
    {
        static const std::vector<std::string> contents{"", "text &amp; more",
                                                       "<x:stamp xmlns:x=\"urn:x\" bits=\"20\">1:20:040428</x:stamp>\n",
                                                       "<s xmlns=\"urn:s\"/>"};
        envelope e;
        e.id = octets();
        e.created = time();
        e.from.address = octets();
        if (one_in(2)) e.from.certificate = digest();
        e.from.parameters = parameters();
        if (one_in(2)) e.from.sign = signature();
        for (std::uint32_t i = 1; i <= below(4); ++i) {
            e.recipients.push_back(recipient(i * 3, octets()));
            e.recipients.back().parameters = parameters();
            if (one_in(2)) e.recipients.back().salt = octets();
        }
        for (auto n = below(3); n > 0; --n) e.objects.push_back(object(octets(), octets(), octets()));
        for (auto n = below(3); n > 0; --n) e.legacy.push_back(legacy_field());
        for (auto n = below(3); n > 0; --n)
            e.extensions.push_back({"2.25.329800735698586629295641978511506172918", one_in(2), contents[below(4)]});
        for (auto n = below(3); n > 0; --n) {
            const auto der = octets() + std::to_string(n);
            e.certificates.emplace_back(xproto::sha256(der), der);
        }
        for (auto n = below(3); n > 0; --n) e.trace.push_back(hop());
        return e;
    }

    xproto::headers_object any_headers()
    {
        static const std::vector<std::string> views{"", "", "<v:text>a &amp; b</v:text>",
                                                    "<v:mailbox name=\"&quot;\">a@b</v:mailbox><v:id>c</v:id>",
                                                    "<v:group name=\"\xc3\xa9\"><v:mailbox>a@b</v:mailbox></v:group>"};
        xproto::headers_object h;
        const bool bare_lf = one_in(3);
        for (auto n = below(8); n > 0; --n) {
            h.fields.push_back(any_field());
            h.fields.back().bare_lf = bare_lf && !h.fields.back().raw;
            h.fields.back().view = views[below(views.size())];
        }
        h.end = static_cast<xproto::separator>(below(3));
        if (h.end == xproto::separator::none && one_in(2)) h.fields.push_back(raw("Last", "Last: no line end"));
        return h;
    }

  private:
    std::mt19937 engine_;
};

} // namespace samples
