// Wraps the files of RocksDB's write-ahead log.
#include "tests/unit/gateway_spool/failing_environment.hpp"

#include <string>
#include <utility>

namespace gateway::spool::test {
namespace {

using fault = failing_environment::fault;
using rocksdb::IOStatus;

class failing_log : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    failing_log(std::unique_ptr<rocksdb::FSWritableFile>&& real, const std::atomic<fault>& fault_now)
        : FSWritableFileOwnerWrapper(std::move(real)), fault_(fault_now)
    {
    }

    IOStatus Append(const rocksdb::Slice& octets, const rocksdb::IOOptions& options,
                    rocksdb::IODebugContext* context) override
    {
        if (fault_ == fault::append) return IOStatus::IOError("the test lets the append fail");
        if (fault_ == fault::no_space) return IOStatus::NoSpace("the test lets the disk be full");
        if (fault_ == fault::half_append) {
            const rocksdb::Slice half(octets.data(), octets.size() / 2);
            target()->Append(half, options, context).PermitUncheckedError();
            return IOStatus::IOError("the test lets half of the append fail");
        }
        return target()->Append(octets, options, context);
    }
    IOStatus Append(const rocksdb::Slice& octets, const rocksdb::IOOptions& options,
                    const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* context) override
    {
        return Append(octets, options, context);
    }
    IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override
    {
        if (fault_ == fault::sync) return IOStatus::IOError("the test lets the sync fail");
        return target()->Sync(options, context);
    }
    IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override
    {
        if (fault_ == fault::sync) return IOStatus::IOError("the test lets the sync fail");
        return target()->Fsync(options, context);
    }

  private:
    const std::atomic<fault>& fault_;
};

class failing_file_system : public rocksdb::FileSystemWrapper {
  public:
    explicit failing_file_system(const std::atomic<fault>& fault_now)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), fault_(fault_now)
    {
    }

    const char* Name() const override { return "failing"; }
    IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* made, rocksdb::IODebugContext* context) override
    {
        auto status = target()->NewWritableFile(name, options, made, context);
        if (status.ok() && name.ends_with(".log")) *made = std::make_unique<failing_log>(std::move(*made), fault_);
        return status;
    }

  private:
    const std::atomic<fault>& fault_;
};

} // namespace

failing_environment::failing_environment()
    : env_(rocksdb::NewCompositeEnv(std::make_shared<failing_file_system>(fault_)))
{
}

} // namespace gateway::spool::test
