// The slices of a header section as fields.
#include "mapping/header_section.hpp"

#include "smtp/command.hpp"

namespace mapping {

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
