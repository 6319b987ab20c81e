// What the spool asks of the operating system's files, and no more: so that tests can let the disk fail, octet by
// octet, without being root.
#pragma once

#include "gateway/spool/ranges.hpp"

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

namespace gateway::spool {

// An open file, closed with it.
class file {
  public:
    file() = default;
    explicit file(int descriptor) : descriptor_(descriptor) {}
    file(file&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    file& operator=(file&& other) noexcept
    {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~file();

    bool is_open() const { return descriptor_ >= 0; }
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_ = -1;
};

// Errors are the system's own. Every call is complete or an error: interrupted and partial ones are continued inside.
class file_operations {
  public:
    using path = std::filesystem::path;
    using error_code = boost::system::error_code;
    template <class T> using result = boost::system::result<T>;

    virtual ~file_operations() = default;

    // A new file, readable by its owner only; an error when the name is taken.
    virtual result<file> create(const path& name);
    virtual result<file> open(const path& name); // for reading
    virtual error_code write(const file& to, std::uint64_t offset, std::span<const std::string_view> octets);
    // The file's octets and its size are on the disk when this succeeds (fdatasync). After a failure nobody knows which
    // are: the kernel may drop them and report success the next time.
    virtual error_code sync(const file& what);
    virtual error_code sync_folder(const path& folder);
    // Begins to bring octets to the disk, so that a later sync has less to do. A hint: no promise, no error.
    virtual void start_writing_back(const file& what, std::uint64_t offset, std::uint64_t octets);
    // Fewer octets than asked for: the file ends there.
    virtual result<std::size_t> read(const file& from, std::uint64_t offset, std::span<char> into);
    virtual error_code remove(const path& name);
    // Gives the blocks that lie wholly within the ranges back to the disk; they read as zeros then.
    virtual error_code punch_holes(const path& name, std::span<const octet_range> ranges);
    // What an unprivileged process may still write to the disk that holds `folder`.
    virtual result<std::uint64_t> free_octets(const path& folder);
};

} // namespace gateway::spool
