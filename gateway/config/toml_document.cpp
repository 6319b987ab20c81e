// toml++ behind a wall: its trees become ours, sorted as the file is.
#include "gateway/config/toml_document.hpp"

#include "gateway/config/reference.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <utility>

namespace gateway::config {
namespace {

position place_of(const toml::source_region& region)
{
    return {region.begin.line, region.begin.column};
}

bool stands_before(const node::member& a, const node::member& b)
{
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
}

node convert(const toml::node& from)
{
    node out;
    out.place = place_of(from.source());
    if (const auto* table = from.as_table()) {
        out.type = node::kind::table;
        for (const auto& [key, value] : *table)
            out.members.push_back({std::string(key.str()), place_of(key.source()), convert(value)});
        std::stable_sort(out.members.begin(), out.members.end(), stands_before);
        return out;
    }
    if (const auto* array = from.as_array()) {
        out.type = node::kind::array;
        for (const auto& item : *array) out.items.push_back(convert(item));
        return out;
    }
    if (const auto* text = from.as_string()) {
        out.type = node::kind::string;
        out.text = text->get();
        return out;
    }
    if (const auto* number = from.as_integer()) {
        out.type = node::kind::integer;
        out.number = number->get();
        return out;
    }
    if (const auto* truth = from.as_boolean()) {
        out.type = node::kind::boolean;
        out.truth = truth->get();
        return out;
    }
    out.text = from.is_floating_point() ? "a fraction" : "a date or time";
    return out;
}

// toml++ quotes what it stumbled over, which may be a line end.
std::string one_line(std::string_view description)
{
    std::string out(description);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
    return out;
}

} // namespace

boost::system::result<node, problems> read_toml(std::string_view toml, const std::string& file)
{
    try {
        return convert(toml::parse(toml));
    } catch (const toml::parse_error& e) {
        return problems{problem::error(file, place_of(e.source()), "", "not TOML: " + one_line(e.description()))};
    }
}

std::string shown(const node& value)
{
    switch (value.type) {
    case node::kind::table: return "a table";
    case node::kind::array: return value.items.empty() ? "an empty list" : "a list";
    case node::kind::string: return toml_string(value.text.size() > 60 ? value.text.substr(0, 57) + "..." : value.text);
    case node::kind::integer: return std::to_string(value.number);
    case node::kind::boolean: return value.truth ? "true" : "false";
    case node::kind::other: break;
    }
    return value.text;
}

} // namespace gateway::config
