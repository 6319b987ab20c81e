// Objects to carrier fields and back. A carrier is read whole or not at all: a digest over all of it decides.
#include "mapping/carrier/fields.hpp"

#include "mapping/carrier/deflate.hpp"
#include "xproto/base64.hpp"
#include "xproto/digest.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>

namespace mapping::carrier {

namespace {

constexpr std::size_t line_octets = 72;                // of base64, beside the tab
constexpr std::size_t piece_octets = 80 * line_octets; // of base64 in one field

// --- what is carried, as octets -------------------------------------------------------------------------------------

void put(std::string& out, std::string_view name, std::string_view value)
{
    out += name;
    out += ' ';
    xproto::xml::append_number(out, value.size());
    out += '\n';
    out += value;
}

// `name SP octets LF value` for each part, like the records that signatures cover.
std::string pack(const content& what)
{
    std::string out;
    out.reserve(what.envelope.size() + what.headers.size() + what.header.size() + 64);
    put(out, "envelope", what.envelope);
    put(out, "headers", what.headers);
    put(out, "header", what.header);
    put(out, "added", std::to_string(what.added));
    return out;
}

// Takes the record of this name off the front.
std::optional<std::string> take(std::string_view& from, std::string_view name)
{
    if (!from.starts_with(name) || !from.substr(name.size()).starts_with(' ')) return {};
    from.remove_prefix(name.size() + 1);
    const auto size = xproto::xml::number(from.substr(0, from.find('\n')));
    if (!size) return {};
    from.remove_prefix(std::min(from.find('\n'), from.size() - 1) + 1);
    if (*size > from.size()) return {};
    std::string value(from.substr(0, *size));
    from.remove_prefix(*size);
    return value;
}

std::optional<content> unpack(std::string_view octets)
{
    auto envelope = take(octets, "envelope");
    auto headers = envelope ? take(octets, "headers") : std::nullopt;
    auto header = headers ? take(octets, "header") : std::nullopt;
    const auto added = header ? take(octets, "added") : std::nullopt;
    const auto count = added ? xproto::xml::number(*added) : std::nullopt;
    if (!count || !octets.empty()) return {};
    return content{*std::move(envelope), *std::move(headers), *std::move(header), static_cast<std::size_t>(*count)};
}

std::string digest_of(std::string_view octets)
{
    const auto digest = xproto::sha256(octets);
    return xproto::to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// --- fields ---------------------------------------------------------------------------------------------------------

void append_field(std::string& out, std::size_t number, std::size_t count, const std::string& digest,
                  std::string_view piece)
{
    out += std::string(field_name) + ": v=1; n=" + std::to_string(number) + '/' + std::to_string(count) +
           ";\r\n\th=" + digest + "; d=";
    for (; !piece.empty(); piece.remove_prefix(std::min(line_octets, piece.size()))) {
        out += "\r\n\t";
        out += piece.substr(0, line_octets);
    }
    out += "\r\n";
}

// One field, read: the values of its tags without any white space.
struct tags {
    std::string version, number, digest, data;
};

tags read_tags(std::string_view body)
{
    std::string text(body);
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    tags out;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(';'), rest.size());
        const auto tag = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (tag.starts_with("v=")) out.version = tag.substr(2);
        if (tag.starts_with("n=")) out.number = tag.substr(2);
        if (tag.starts_with("h=")) out.digest = tag.substr(2);
        if (tag.starts_with("d=")) out.data = tag.substr(2);
    }
    return out;
}

// Puts the pieces of one carrier into their order.
class collector {
  public:
    explicit collector(const limits& bounds) : bounds_(bounds) {}

    // False: the field is not of this carrier.
    bool add(std::size_t place, tags read)
    {
        if (where_.empty()) digest_ = read.digest;
        if (read.digest != digest_) return false;
        where_.push_back(place);
        const auto slash = std::min(read.number.find('/'), read.number.size());
        const auto number = xproto::xml::number(read.number.substr(0, slash));
        const auto count = xproto::xml::number(read.number.substr(std::min(slash + 1, read.number.size())));
        if (read.version != "1")
            fail("its version is not known");
        else if (!number || !count || *number == 0 || *number > *count || *count > bounds_.fields)
            fail("a field of it does not say which it is");
        else if (!pieces_.empty() && pieces_.size() != *count)
            fail("its fields do not agree how many they are");
        else
            put(*number - 1, *count, std::move(read.data));
        return true;
    }

    found finish()
    {
        found out;
        out.any = !where_.empty();
        if (!out.any) return out;
        out.where = std::move(where_);
        if (reason_.empty() && missing_ > 0)
            reason_ = std::to_string(missing_) + " of its " + std::to_string(pieces_.size()) + " fields are missing";
        if (reason_.empty()) out.what = decode();
        out.reason = std::move(reason_);
        return out;
    }

  private:
    void fail(const char* why)
    {
        if (reason_.empty()) reason_ = why;
    }

    void put(std::size_t index, std::size_t count, std::string data)
    {
        if (pieces_.empty()) {
            pieces_.resize(count);
            missing_ = count;
        }
        octets_ += data.size();
        if (octets_ > bounds_.encoded) return fail("it is longer than is read");
        if (data.empty()) return fail("a field of it is empty");
        if (!pieces_[index].empty()) return fail("a field of it stands twice");
        pieces_[index] = std::move(data);
        --missing_;
    }

    std::optional<content> decode()
    {
        std::string text;
        for (const auto& piece : pieces_) text += piece;
        const auto deflated = xproto::from_base64(text);
        const auto packed = deflated ? inflate(*deflated, bounds_.decoded) : std::nullopt;
        auto what = packed && digest_of(*packed) == digest_ ? unpack(*packed) : std::nullopt;
        if (!what) fail("it is damaged");
        return what;
    }

    const limits& bounds_;
    std::string digest_, reason_;
    std::vector<std::string> pieces_;
    std::vector<std::size_t> where_;
    std::size_t missing_ = 0, octets_ = 0;
};

} // namespace

std::optional<std::string> write_fields(const content& what, std::size_t most)
{
    const auto packed = pack(what);
    const auto text = xproto::to_base64(deflate(packed));
    if (text.size() > most) return {};
    const auto digest = digest_of(packed);
    const auto count = (text.size() + piece_octets - 1) / piece_octets;
    std::string out;
    out.reserve(text.size() + text.size() / 16 + 128 * count);
    for (std::size_t i = 0; i < count; ++i)
        append_field(out, i + 1, count, digest, std::string_view(text).substr(i * piece_octets, piece_octets));
    if (out.size() > most) return {};
    return out;
}

found find_fields(const header_section& header, const limits& bounds)
{
    collector pieces(bounds);
    for (std::size_t i = 0; i < header.size(); ++i)
        if (const auto field = header[i]; same_name(field.name, field_name)) pieces.add(i, read_tags(field.body));
    return pieces.finish();
}

} // namespace mapping::carrier
