// Which key was meant? By edit distance, and by the last part of a key that was put into the wrong table.
#include "gateway/config/keys.hpp"

#include <algorithm>
#include <numeric>

namespace gateway::config {
namespace {

// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other (optimal string alignment).
std::size_t edits(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

// Without the [ ] by which the table of sections marks lists of tables.
std::string_view plain(std::string_view section)
{
    return section.starts_with('[') ? section.substr(1, section.size() - 2) : section;
}

std::vector<std::string> known_keys()
{
    std::vector<std::string> all;
    for (const auto& k : setting_keys()) all.emplace_back(k.name);
    for (const auto& k : route_keys()) all.push_back("route." + std::string(k.name));
    for (const auto& k : peer_keys()) all.push_back("peer." + std::string(k.name));
    for (const auto& k : filter_keys()) all.push_back("filter." + std::string(k.name));
    for (const auto& k : list_keys()) all.push_back("list." + std::string(k.name));
    for (const auto& k : directory_keys()) all.push_back("directory." + std::string(k.name));
    for (const auto& s : sections())
        if (!s.name.empty()) all.emplace_back(plain(s.name));
    return all;
}

} // namespace

std::string nearest_key(std::string_view unknown)
{
    if (unknown.size() > 64) return {};                              // no key is so long; and the search takes time
    const auto usual = std::max<std::size_t>(2, unknown.size() / 4); // more edits than this are another word
    std::string best;
    auto best_distance = usual + 1;
    for (auto& known : known_keys()) {
        auto distance = edits(unknown, known);
        if (last_part_of(unknown) == last_part_of(known)) distance = std::min<std::size_t>(distance, 1);
        if (distance >= best_distance) continue;
        best_distance = distance;
        best = std::move(known);
    }
    return best;
}

} // namespace gateway::config
