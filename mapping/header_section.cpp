// The slices of a header section as fields.
#include "mapping/header_section.hpp"

#include "smtp/command.hpp"

#include <array>

namespace mapping {

namespace {

constexpr auto name_octets = [] {
    std::array<bool, 256> table{};
    for (unsigned c = 33; c < 127; ++c) table[c] = c != ':';
    return table;
}();

} // namespace

std::size_t field_name_size(std::string_view line)
{
    std::size_t size = 0;
    while (size < line.size() && name_octets[static_cast<unsigned char>(line[size])]) ++size;
    auto colon = size;
    while (colon < line.size() && (line[colon] == ' ' || line[colon] == '\t')) ++colon;
    return colon < line.size() && line[colon] == ':' ? size : 0;
}

bool same_name(std::string_view name, std::string_view other)
{
    return smtp::equal_ignoring_case(name, other);
}

header_field header_section::operator[](std::size_t i) const
{
    const auto begin = slices_[i].begin;
    const auto end = i + 1 < slices_.size() ? slices_[i + 1].begin : fields_end_;
    const auto octets = std::string_view(octets_).substr(begin, end - begin);
    const auto name = octets.substr(0, slices_[i].name_size);
    if (name.empty()) return {octets, name, octets};
    return {octets, name, octets.substr(octets.find(':', name.size()) + 1)};
}

std::size_t header_section::count(std::string_view name) const
{
    std::size_t found = 0;
    for (std::size_t i = 0; i < size(); ++i)
        if (same_name((*this)[i].name, name)) ++found;
    return found;
}

header_field header_section::find(std::string_view name) const
{
    for (std::size_t i = 0; i < size(); ++i)
        if (const auto field = (*this)[i]; same_name(field.name, name)) return field;
    return {};
}

} // namespace mapping
