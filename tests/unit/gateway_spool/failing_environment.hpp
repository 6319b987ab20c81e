// RocksDB's view of the disk, with a write-ahead log that fails when told to.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>

namespace gateway::spool::test {

class failing_environment {
  public:
    enum class fault { none, append, half_append, sync, no_space };

    failing_environment();
    rocksdb::Env* env() { return env_.get(); }
    void fail(fault what) { fault_ = what; }
    void work() { fault_ = fault::none; }

  private:
    std::atomic<fault> fault_{fault::none};
    std::unique_ptr<rocksdb::Env> env_;
};

} // namespace gateway::spool::test
