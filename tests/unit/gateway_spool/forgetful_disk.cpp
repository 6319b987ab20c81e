// Writes everything through to real files, and keeps the books.
#include "tests/unit/gateway_spool/forgetful_disk.hpp"

#include <rocksdb/file_system.h>

#include <fstream>
#include <random>
#include <utility>
#include <vector>

namespace gateway::spool::test {
namespace {

namespace fs = std::filesystem;
using ledger = forgetful_disk::ledger;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

// --- as the segments see it ---

class tracked_files : public gateway::spool::file_operations {
  public:
    explicit tracked_files(ledger& books) : books_(books) {}

    result<gateway::spool::file> create(const path& name) override
    {
        const std::lock_guard lock(books_.mutex);
        auto made = file_operations::create(name);
        if (!made) return made;
        books_.files[name.native()] = {};
        books_.unlisted.insert(name.native());
        names_[made->descriptor()] = name.native();
        return made;
    }
    error_code write(const gateway::spool::file& to, std::uint64_t offset,
                     std::span<const std::string_view> octets) override
    {
        const std::lock_guard lock(books_.mutex);
        auto& sizes = books_.files[names_[to.descriptor()]];
        check_append(offset, sizes);
        for (const auto piece : octets) sizes.written += piece.size();
        return file_operations::write(to, offset, octets);
    }
    error_code sync(const gateway::spool::file& what) override
    {
        const std::lock_guard lock(books_.mutex);
        auto& sizes = books_.files[names_[what.descriptor()]];
        sizes.synced = sizes.written;
        return {};
    }
    error_code sync_folder(const path& folder) override
    {
        const std::lock_guard lock(books_.mutex);
        std::erase_if(books_.unlisted, [&](const std::string& name) { return path(name).parent_path() == folder; });
        return {};
    }
    error_code remove(const path& name) override
    {
        const std::lock_guard lock(books_.mutex);
        books_.files.erase(name.native());
        return file_operations::remove(name);
    }

  private:
    static void check_append(std::uint64_t offset, const ledger::sizes& sizes)
    {
        if (offset != sizes.written) throw std::logic_error("segments are appended to, never overwritten");
    }

    ledger& books_;
    std::map<int, std::string> names_; // by descriptor; the last file that had it
};

// --- as RocksDB sees it ---

class tracked_file : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    tracked_file(std::unique_ptr<rocksdb::FSWritableFile>&& real, std::string name, ledger& books)
        : FSWritableFileOwnerWrapper(std::move(real)), name_(std::move(name)), books_(books)
    {
    }

    IOStatus Append(const rocksdb::Slice& octets, const IOOptions& options, IODebugContext* context) override
    {
        const std::lock_guard lock(books_.mutex);
        books_.files[name_].written += octets.size();
        return target()->Append(octets, options, context);
    }
    IOStatus Append(const rocksdb::Slice& octets, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                    IODebugContext* context) override
    {
        return Append(octets, options, context);
    }
    IOStatus Sync(const IOOptions&, IODebugContext*) override { return synced(); }
    IOStatus Fsync(const IOOptions&, IODebugContext*) override { return synced(); }

  private:
    IOStatus synced()
    {
        const std::lock_guard lock(books_.mutex);
        auto& sizes = books_.files[name_];
        sizes.synced = sizes.written;
        return IOStatus::OK();
    }

    std::string name_;
    ledger& books_;
};

class tracked_file_system : public rocksdb::FileSystemWrapper {
  public:
    explicit tracked_file_system(ledger& books) : FileSystemWrapper(rocksdb::FileSystem::Default()), books_(books) {}

    const char* Name() const override { return "forgetful"; }
    IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* made, IODebugContext* context) override
    {
        const std::lock_guard lock(books_.mutex);
        auto status = target()->NewWritableFile(name, options, made, context);
        if (!status.ok()) return status;
        books_.files[name] = {};
        *made = std::make_unique<tracked_file>(std::move(*made), name, books_);
        return status;
    }
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                        IODebugContext* context) override
    {
        const std::lock_guard lock(books_.mutex);
        if (const auto moved = books_.files.extract(from); !moved.empty()) books_.files[to] = moved.mapped();
        return target()->RenameFile(from, to, options, context);
    }
    IOStatus DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* context) override
    {
        const std::lock_guard lock(books_.mutex);
        books_.files.erase(name);
        return target()->DeleteFile(name, options, context);
    }

  private:
    ledger& books_;
};

} // namespace

forgetful_disk::forgetful_disk()
    : files_(std::make_unique<tracked_files>(ledger_)),
      env_(rocksdb::NewCompositeEnv(std::make_shared<tracked_file_system>(ledger_)))
{
}
forgetful_disk::~forgetful_disk() = default;

gateway::spool::file_operations& forgetful_disk::files()
{
    return *files_;
}

rocksdb::Env* forgetful_disk::env()
{
    return env_.get();
}

void forgetful_disk::cut(const fs::path& from, const fs::path& to, remains what, std::uint32_t chance)
{
    std::mt19937 random(chance);
    const std::lock_guard lock(ledger_.mutex);
    fs::create_directories(to);
    for (const auto& entry : fs::recursive_directory_iterator(from)) {
        const auto target = to / fs::relative(entry.path(), from);
        if (entry.is_directory()) {
            fs::create_directories(target);
            continue;
        }
        const auto name = entry.path().native();
        if (ledger_.unlisted.count(name) > 0 && what == remains::nothing) continue;
        fs::copy_file(entry.path(), target);
        const auto known = ledger_.files.find(name);
        if (known == ledger_.files.end()) continue;
        const auto [written, synced] = known->second;
        const auto lost = written - synced;
        const auto left = what == remains::nothing || lost == 0 ? 0 : random() % (lost + 1);
        fs::resize_file(target, synced + left);
        if (what != remains::zeros || left == 0) continue;
        std::fstream zeroed(target, std::ios::in | std::ios::out | std::ios::binary);
        zeroed.seekp(static_cast<std::streamoff>(synced));
        const std::vector<char> zeros(left / 2 + 1);
        zeroed.write(zeros.data(), static_cast<std::streamsize>(zeros.size()));
    }
}

} // namespace gateway::spool::test
