// From the file to settings: every member of the document finds its row in the table of keys, or is an unknown key.
#include "gateway/config/load.hpp"

#include "gateway/config/keys.hpp"
#include "gateway/config/reference.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace gateway::config {
namespace {

constexpr std::uintmax_t max_file_octets = 4 << 20;

template <class Section> const key<Section>* find(std::span<const key<Section>> keys, std::string_view name)
{
    const auto at = std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return k.name == name; });
    return at == keys.end() ? nullptr : &*at;
}

template <class Section>
void put_defaults(Section& to, std::span<const key<Section>> keys, const std::filesystem::path& folder)
{
    for (const auto& k : keys) {
        if (k.fallback == required || k.fallback == absent) continue;
        const auto document = read_toml("value = " + std::string(k.fallback), "");
        [[maybe_unused]] const auto wrong = k.field.take(document->members.at(0).value, to, k.allowed, folder);
        assert(wrong.empty());
    }
}

// A key as a message names it: quoted where the file must have quoted it.
std::string shown_key(const std::string& name)
{
    const auto bare = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), bare) ? name : toml_string(name);
}

bool is_table_name(std::string_view name)
{
    const auto all = sections();
    return !name.empty() && std::any_of(all.begin(), all.end(), [&](const auto& s) { return s.name == name; });
}

class reading {
  public:
    reading(const std::filesystem::path& file, problems& found)
        : file_(file.string()), folder_(file.parent_path()), found_(found)
    {
        value_.file = file;
        put_defaults(value_, setting_keys(), folder_);
    }

    settings take(const node& document)
    {
        for (const auto& m : document.members) {
            if (m.key == "route")
                take_list(m, value_.routes, route_keys());
            else if (m.key == "peer")
                take_list(m, value_.peers, peer_keys());
            else if (m.key == "filter")
                take_list(m, value_.filters, filter_keys());
            else if (m.key == "list")
                take_list(m, value_.lists, list_keys());
            else if (m.key == "directory")
                take_list(m, value_.directories, directory_keys());
            else if (is_table_name(m.key))
                take_table(m);
            else
                take_member(m, shown_key(m.key), m.key, value_, setting_keys());
        }
        require("", {}, setting_keys());
        complete(value_, found_);
        return std::move(value_);
    }

  private:
    void wrong(position place, const std::string& name, const std::string& what)
    {
        found_.push_back(problem::error(file_, place, name, what));
    }

    void take_table(const node::member& table)
    {
        if (table.value.type != node::kind::table)
            return wrong(table.place, table.key, "wanted a table, [" + table.key + "]; found " + shown(table.value));
        for (const auto& m : table.value.members) {
            const auto name = table.key + "." + shown_key(m.key);
            take_member(m, name, name, value_, setting_keys());
        }
    }

    template <class Section>
    void take_list(const node::member& list, std::vector<Section>& to, std::span<const key<Section>> keys)
    {
        if (list.value.type != node::kind::array)
            return wrong(list.place, list.key, "wanted [[" + list.key + "]], with two brackets on each side");
        for (const auto& item : list.value.items) {
            const auto prefix = list.key + "[" + std::to_string(to.size() + 1) + "]";
            auto& section = to.emplace_back();
            if (item.type != node::kind::table) {
                wrong(item.place, prefix, "wanted a table, [[" + list.key + "]]; found " + shown(item));
                continue;
            }
            put_defaults(section, keys, folder_);
            value_.places[prefix] = item.place;
            for (const auto& m : item.members)
                take_member(m, prefix + "." + shown_key(m.key), list.key + "." + m.key, section, keys, m.key);
            require(prefix + ".", item.place, keys);
        }
    }

    // `name` is how the key is called in messages, `generic` what it is compared with when unknown.
    template <class Section>
    void take_member(const node::member& m, const std::string& name, const std::string& generic, Section& to,
                     std::span<const key<Section>> keys, std::string_view row_name = {})
    {
        const auto* row = find(keys, row_name.empty() ? std::string_view(name) : row_name);
        if (row == nullptr) {
            const auto near = nearest_key(generic);
            return wrong(m.place, name, "unknown key" + (near.empty() ? "" : "; did you mean " + near + "?"));
        }
        value_.places[name] = m.place;
        for (const auto& s : row->field.take(m.value, to, row->allowed, folder_)) wrong(s.place, name, s.what);
    }

    template <class Section> void require(const std::string& prefix, position place, std::span<const key<Section>> keys)
    {
        for (const auto& k : keys) {
            const auto name = prefix + std::string(k.name);
            if (k.fallback == required && !value_.places.contains(name))
                wrong(place, name, "is missing. " + std::string(k.doc));
        }
    }

    std::string file_;
    std::filesystem::path folder_;
    problems& found_;
    settings value_;
};

bool stands_before(const problem& a, const problem& b)
{
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
}

} // namespace

loaded parse(std::string_view toml, const std::filesystem::path& file)
{
    const auto document = read_toml(toml, file.string());
    if (!document) return document.error();
    problems found;
    auto value = reading(file, found).take(*document);
    if (found.empty()) return {boost::system::in_place_value, std::move(value)};
    std::stable_sort(found.begin(), found.end(), stands_before);
    return found;
}

loaded load(const std::filesystem::path& file)
{
    const auto failed = [&](const std::string& what) { return problems{problem::error(file.string(), {}, "", what)}; };
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error) return failed("cannot be read: " + error.message());
    if (size > max_file_octets) return failed("is too large for a configuration");
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    errno = 0;
    if (size > 0) text << in.rdbuf(); // an empty one would set failbit
    if (!in || !text) return failed(std::string("cannot be read: ") + std::strerror(errno));
    return parse(text.str(), file);
}

settings defaults(const std::filesystem::path& folder)
{
    settings value;
    put_defaults(value, setting_keys(), folder);
    return value;
}

std::vector<difference> differences(const settings& running, const settings& fresh)
{
    std::vector<difference> out;
    for (const auto& k : setting_keys())
        if (!k.field.same(running, fresh)) out.push_back({std::string(k.name), k.needs_restart});
    if (running.routes != fresh.routes) out.push_back({"route", false});
    if (running.peers != fresh.peers) out.push_back({"peer", false});
    if (running.filters != fresh.filters) out.push_back({"filter", false});
    if (running.lists != fresh.lists) out.push_back({"list", false});
    if (running.directories != fresh.directories) out.push_back({"directory", false});
    return out;
}

settings reloaded(const settings& running, const settings& fresh)
{
    auto value = fresh;
    for (const auto& k : setting_keys())
        if (k.needs_restart) k.field.copy(running, value);
    return value;
}

} // namespace gateway::config
