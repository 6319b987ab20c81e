// The records and the duplicate memory, in RocksDB; the only part of the spool that knows RocksDB. Values here are
// octets: record_codec.hpp and duplicates.hpp say what they mean.
//
// Reading is for any thread; everything else for the commit thread only.
#pragma once

#include "gateway/spool/id.hpp"

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rocksdb {
class Env;
}

namespace gateway::spool {

// What one write changes, all of it or nothing.
struct catalogue_changes {
    std::vector<std::pair<entry_id, std::string>> records;
    std::vector<entry_id> settled;
    std::vector<std::pair<std::string, std::string>> duplicates; // key, value
    std::vector<std::string> forgotten;                          // keys of duplicates
    std::optional<entry_id> last_id;                             // the largest that was given to a message

    bool empty() const
    {
        return records.empty() && settled.empty() && duplicates.empty() && forgotten.empty() && !last_id;
    }
};

struct catalogue_settings {
    std::filesystem::path folder;
    // For the expiry of duplicates: is this value of the memory past its time? Called from RocksDB's threads.
    std::function<bool(std::string_view value)> forgotten;
    rocksdb::Env* environment = nullptr; // the operating system as RocksDB sees it; null: the real one
};

class catalogue {
  public:
    using error_code = boost::system::error_code;
    template <class T> using result = boost::system::result<T>;

    struct opened;
    // Makes the catalogue when there is none.
    static opened open(catalogue_settings settings);

    catalogue(const catalogue&) = delete;
    catalogue& operator=(const catalogue&) = delete;
    ~catalogue();

    // Errors: errc::not_found, errc::damaged (the octets are there but wrong), errc::storage_failed.
    result<std::string> record(entry_id id) const;
    result<std::string> duplicate(std::string_view key) const;
    // Records after `after`, ascending, at most `most`; fewer: there are no further ones.
    result<std::vector<std::pair<entry_id, std::string>>> records(entry_id after, std::size_t most) const;
    entry_id last_id() const;

    // With `durable` it is on the disk when this succeeds, and so is every earlier write. After a failure it is unknown
    // whether it will be there after a restart; write nothing further until reopen() has succeeded.
    error_code write(const catalogue_changes& changes, bool durable);
    // Every earlier write is on the disk when this succeeds. Its failure is one of write().
    error_code sync();
    // Closes and opens it again, as a restart would, and makes these changes durable before anybody can read. First
    // tries whether the disk takes a file; while it does not, everything stays as it is and can be read on. When it
    // fails later than that, nothing can be read until it succeeds.
    error_code reopen(const catalogue_changes& first);
    // Was the log of the last changes damaged before its end when the catalogue was last opened? What came before the
    // damage is there; later records are not, although they may have been durable.
    bool salvaged() const;

    // RocksDB's own words for the last failure, or for what made it salvage.
    std::string last_failure() const;
    // Lets RocksDB do its house-keeping now, expired duplicates included. For tests and tools.
    error_code compact();

  private:
    struct state;
    explicit catalogue(std::unique_ptr<state> s);

    std::unique_ptr<state> state_;
};

struct catalogue::opened {
    std::unique_ptr<catalogue> store; // null: see problem
    std::string problem;
};

} // namespace gateway::spool
