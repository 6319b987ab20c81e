// Segments that are open for reading: a few descriptors shared by all readers. For any thread.
#pragma once

#include "gateway/spool/file_operations.hpp"

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace gateway::spool {

class segment_files {
  public:
    segment_files(std::filesystem::path folder, std::size_t most, file_operations& files);

    boost::system::result<std::shared_ptr<const file>> open(std::uint64_t number);
    // The segment is gone. Who still reads it keeps it.
    void forget(std::uint64_t number);
    file_operations& operations() const { return files_; }

  private:
    struct entry {
        std::uint64_t number = 0;
        std::shared_ptr<const file> handle;
    };

    std::filesystem::path folder_;
    std::size_t most_;
    file_operations& files_;
    std::mutex mutex_;
    std::list<entry> recent_; // the last used first
    std::unordered_map<std::uint64_t, std::list<entry>::iterator> by_number_;
};

} // namespace gateway::spool
