// Looks for the three fields that say what an entity is, and reads their parameters.
#include "mapping/parts/content_fields.hpp"

#include "mapping/header_section.hpp"
#include "mapping/parts/parameters.hpp"
#include "mapping/parts/sections.hpp"
#include "mapping/parts/text.hpp"
#include "mapping/to_xproto.hpp"

#include <array>

namespace mapping::parts {

namespace {

// The name of a file, in whatever form a parameter gives it.
class filename_reader {
  public:
    void add(std::string_view name, const parameter& p)
    {
        const auto as = split_section_name(p.name);
        if (!as || as->name != name) return;
        if (as->is_section)
            sections_.add(*as, p.value);
        else if (whole_.empty())
            whole_ = p.value;
    }
    // False when there is none. Octets beyond `most` are left out.
    bool finish(std::string& value, std::string& charset, std::size_t most) const
    {
        auto joined = sections_.join();
        value = joined.octets.empty() ? whole_ : std::move(joined.octets);
        if (value.size() > most) value.resize(most);
        charset = lower(std::move(joined.charset));
        return !value.empty();
    }

  private:
    section_joiner sections_;
    std::string whole_; // the plain parameter: what counts when there are no sections
};

struct content_reader {
    content_fields found;
    filename_reader from_disposition, from_type; // RFC 2183 is newer than `name`, and goes first
    const content_limits& limits;

    std::string word(std::string_view text) const
    {
        return text.size() > limits.word ? std::string() : lower(std::string(text));
    }

    void read_type(std::string_view body)
    {
        found.media_type = media_type_of(body);
        parameter_reader parameters(body);
        for (std::size_t i = 0; i < limits.parameters; ++i) {
            const auto p = parameters.next();
            if (!p) return;
            if (p->name == "boundary" && found.boundary.empty() && p->value.size() <= limits.boundary)
                found.boundary = p->value.substr(0, p->value.find_last_not_of(" \t") + 1);
            from_type.add("name", *p);
        }
    }

    void read_encoding(std::string_view body) { found.encoding = word(parameter_reader(body).value()); }

    void read_disposition(std::string_view body)
    {
        parameter_reader parameters(body);
        found.disposition = word(parameters.value());
        for (std::size_t i = 0; i < limits.parameters; ++i) {
            const auto p = parameters.next();
            if (!p) return;
            from_disposition.add("filename", *p);
        }
    }
};

struct known_field {
    std::string_view name;
    void (content_reader::*read)(std::string_view);
};

constexpr std::array<known_field, 3> known_fields{{
    {"Content-Type", &content_reader::read_type},
    {"Content-Transfer-Encoding", &content_reader::read_encoding},
    {"Content-Disposition", &content_reader::read_disposition},
}};

// Takes a field, continuation lines and all, off the front of `header`.
std::string_view take_field(std::string_view& header)
{
    std::size_t size = 0;
    do {
        const auto newline = header.find('\n', size);
        size = newline == std::string_view::npos ? header.size() : newline + 1;
    } while (size < header.size() && (header[size] == ' ' || header[size] == '\t'));
    const auto field = header.substr(0, size);
    header.remove_prefix(size);
    return field;
}

} // namespace

content_fields read_content_fields(std::string_view header, const content_limits& limits)
{
    content_reader reader{{}, {}, {}, limits};
    std::array<bool, known_fields.size()> seen{};
    while (!header.empty()) {
        const auto field = take_field(header);
        const auto name = field.substr(0, field_name_size(field));
        for (std::size_t i = 0; i < known_fields.size(); ++i) {
            if (!same_name(name, known_fields[i].name)) continue;
            reader.found.is_repeated = reader.found.is_repeated || seen[i];
            if (!seen[i]) (reader.*known_fields[i].read)(field.substr(field.find(':', name.size()) + 1));
            seen[i] = true;
        }
    }
    auto& found = reader.found;
    if (!reader.from_disposition.finish(found.filename, found.charset, limits.filename))
        reader.from_type.finish(found.filename, found.charset, limits.filename);
    return std::move(found);
}

} // namespace mapping::parts
