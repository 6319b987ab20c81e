// The entries of a list to vouch or to block, as a file has them: one on each line, `#` begins a comment, empty lines
// are nothing. Read as a whole or not at all.
#pragma once

#include "gateway/config/settings.hpp"

#include <boost/system/result.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace gateway::config {

struct list_error {
    std::size_t line = 0; // 1 is the first; 0: of the file as a whole
    std::string what;
};
[[noreturn]] void throw_exception_from_error(const list_error& e, const boost::source_location& where);

struct list_limits {
    std::uint64_t octets = 32 << 20;   // limits.list_octets
    std::uint64_t entries = 1'000'000; // limits.list_entries
};

class list_entries {
  public:
    static boost::system::result<list_entries, list_error> parse(list_by by, std::string_view text,
                                                                 const list_limits& limits = {});
    static boost::system::result<list_entries, list_error> read(list_by by, const std::filesystem::path& file,
                                                                const list_limits& limits = {});

    std::size_t size() const { return size_; }
    // The entry that this is covered by: a host, domain, address, sender or issuer, as the list is by. No search grows
    // with the number of entries.
    std::optional<std::string> find(std::string_view what) const;

    bool operator==(const list_entries&) const = default;

  private:
    bool add(std::string_view entry);
    bool add_network(std::string_view entry);
    std::optional<std::string> find_network(std::string_view address) const;
    std::optional<std::string> find_at_or_above(std::string_view domain) const;

    list_by by_ = list_by::host;
    std::unordered_set<std::string> names_;                   // canonical domains, mail addresses
    std::map<int, std::unordered_set<std::string>> networks_; // by prefix, of IPv4-mapped addresses too: the octets
    std::size_t size_ = 0;
};

} // namespace gateway::config
