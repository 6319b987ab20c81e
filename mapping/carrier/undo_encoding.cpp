// Candidates, each held against the digest of what was sent.
#include "mapping/carrier/undo_encoding.hpp"

#include "mapping/message_splitter.hpp"
#include "mapping/quoted_printable.hpp"
#include "mapping/to_xproto.hpp"
#include "xproto/base64.hpp"
#include "xproto/digest.hpp"

#include <algorithm>
#include <array>

namespace mapping::carrier {

namespace {

constexpr std::size_t deepest = 8; // multiparts in multiparts
constexpr std::size_t most_parts = 256;
constexpr std::string_view encoding_name = "Content-Transfer-Encoding";

// Where in a part's header the field that says "8bit" stood, before mail software put its own where it likes: the
// places that are tried, by how many other fields stood before it. Postfix puts its own last.
constexpr std::size_t same_place = static_cast<std::size_t>(-1);
constexpr std::size_t last_place = same_place - 1;
constexpr std::array<std::size_t, 6> tried_places{same_place, 1, 2, 0, 3, last_place};

std::string lower(std::string_view text)
{
    std::string out(text);
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

// The value of an encoding field: its one token, in lower case.
std::string encoding_of(const header_section& header)
{
    if (header.count(encoding_name) != 1) return {};
    auto text = lower(header.find(encoding_name).body);
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return text;
}

// The boundary parameter of a multipart (RFC 2046 5.1.1); empty: it is none, or has none that we read.
std::string boundary_of(const header_section& header)
{
    if (header.count("Content-Type") != 1) return {};
    const auto body = header.find("Content-Type").body;
    if (!media_type_of(body).starts_with("multipart/")) return {};
    constexpr std::string_view name = "boundary=";
    const auto at = lower(body).find(name);
    if (at == std::string::npos) return {};
    auto rest = body.substr(at + name.size());
    if (rest.starts_with('"')) {
        rest.remove_prefix(1);
        return std::string(rest.substr(0, rest.find('"')));
    }
    return std::string(rest.substr(0, rest.find_first_of("; \t\r\n")));
}

std::optional<std::string> from_base64_lines(std::string_view text)
{
    std::string joined(text);
    std::erase_if(joined, [](char c) { return c == '\r' || c == '\n' || c == ' ' || c == '\t'; });
    return xproto::from_base64(joined);
}

std::optional<std::string> decode(const std::string& encoding, std::string_view text)
{
    if (encoding == "quoted-printable") return from_quoted_printable(text);
    if (encoding == "base64") return from_base64_lines(text);
    return {};
}

bool has_eight_bits(std::string_view octets)
{
    return std::any_of(octets.begin(), octets.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
}

// Rewrites a multipart as it was before its parts were encoded.
class rewriter {
  public:
    explicit rewriter(std::size_t place) : place_(place) {}

    // The content of an entity with this boundary.
    std::string multipart(std::string_view text, const std::string& boundary, std::size_t depth)
    {
        const auto mark = "--" + boundary;
        std::string out;
        std::size_t begin = 0; // of what is not written yet
        auto part = std::string_view::npos;
        for (std::size_t line = 0; line < text.size();) {
            const auto newline = text.find('\n', line);
            const auto end = newline == std::string_view::npos ? text.size() : newline + 1;
            if (text.substr(line, mark.size()) == mark) {
                // The line end before a boundary belongs to the boundary.
                if (part != std::string_view::npos) {
                    const auto stop = std::max(part, line >= 2 ? line - 2 : 0);
                    out += entity(text.substr(part, stop - part), depth);
                    begin = stop;
                }
                out += text.substr(begin, end - begin);
                begin = end;
                const bool closes = text.substr(line + mark.size(), 2) == "--";
                part = closes || ++parts_ > most_parts ? std::string_view::npos : end;
            }
            line = end;
        }
        out += text.substr(begin);
        return out;
    }

  private:
    std::string entity(std::string_view octets, std::size_t depth)
    {
        message_splitter splitter;
        const auto pieces = splitter.push(octets);
        std::string body(pieces.held);
        body += pieces.fresh;
        body += splitter.finish().held;
        const auto& header = splitter.header();
        if (const auto boundary = boundary_of(header); !boundary.empty()) {
            if (depth == deepest) return std::string(octets);
            return std::string(header.octets()) + multipart(body, boundary, depth + 1);
        }
        const auto decoded = decode(encoding_of(header), body);
        if (!decoded || !has_eight_bits(*decoded)) return std::string(octets);
        return eight_bit_header(header) + *decoded;
    }

    std::string eight_bit_header(const header_section& header) const
    {
        const auto field = std::string(encoding_name) + ": 8bit\r\n";
        std::string out;
        bool there = false;
        std::size_t others = 0;
        for (std::size_t i = 0; i < header.size(); ++i) {
            const bool own = same_name(header[i].name, encoding_name);
            if (!there && (own ? place_ == same_place : others == place_)) {
                out += field;
                there = true;
            }
            if (own) continue;
            out += header[i].octets;
            ++others;
        }
        return out + (there ? "" : field) + "\r\n";
    }

    std::size_t place_;
    std::size_t parts_ = 0;
};

} // namespace

std::optional<std::string> undo_encoding(const opened& carried, const header_section& arrived, std::string_view body)
{
    const auto* sent = carried.body();
    if (sent == nullptr) return {};
    const auto is_sent = [&](std::string_view candidate) {
        return candidate.size() == sent->octets && xproto::sha256(candidate) == sent->sha256;
    };
    // With the line end that was there, or without the one that lines of text must have.
    const auto find = [&](std::string_view candidate) -> std::optional<std::string> {
        if (is_sent(candidate)) return std::string(candidate);
        if (candidate.ends_with("\r\n") && is_sent(candidate.substr(0, candidate.size() - 2)))
            return std::string(candidate.substr(0, candidate.size() - 2));
        if (candidate.size() + 2 == sent->octets) {
            auto longer = std::string(candidate) + "\r\n";
            if (is_sent(longer)) return longer;
        }
        return {};
    };
    if (auto plain = find(body)) return plain;
    if (const auto decoded = decode(encoding_of(arrived), body))
        if (auto whole = find(*decoded)) return whole;
    const auto boundary = boundary_of(arrived);
    if (boundary.empty()) return {};
    for (const auto place : tried_places)
        if (auto whole = find(rewriter(place).multipart(body, boundary, 1))) return whole;
    return {};
}

} // namespace mapping::carrier
