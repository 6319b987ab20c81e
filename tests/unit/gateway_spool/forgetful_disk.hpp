// A disk that knows which octets were synced, and can show what a power failure would leave of it: nothing that was not
// synced, or parts of it, or zeros in its place.
#pragma once

#include "gateway/spool/file_operations.hpp"

#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace gateway::spool::test {

class forgetful_disk {
  public:
    enum class remains { nothing, some, zeros }; // of what was not synced

    forgetful_disk();
    ~forgetful_disk();
    // Both views are of the same disk.
    gateway::spool::file_operations& files();
    rocksdb::Env* env();

    // Copies a folder as a power failure at this instant would leave it. Nothing is written meanwhile.
    void cut(const std::filesystem::path& from, const std::filesystem::path& to, remains what, std::uint32_t chance);

    // What both views tell of each file.
    struct ledger {
        struct sizes {
            std::uint64_t written = 0;
            std::uint64_t synced = 0;
        };
        std::mutex mutex;
        std::map<std::string, sizes> files; // by name; a file that is not here is as it was
        std::set<std::string> unlisted;     // made, but their folder was not synced since
    };

  private:
    ledger ledger_;
    std::unique_ptr<gateway::spool::file_operations> files_;
    std::unique_ptr<rocksdb::Env> env_;
};

} // namespace gateway::spool::test
