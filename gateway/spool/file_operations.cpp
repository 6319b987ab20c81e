// The system calls behind the spool's files.
#include "gateway/spool/file_operations.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace gateway::spool {
namespace {

boost::system::error_code last_error()
{
    return {errno, boost::system::system_category()};
}

// Calls until it is not interrupted by a signal.
template <class Call> auto uninterrupted(Call call)
{
    auto outcome = call();
    while (outcome < 0 && errno == EINTR) outcome = call();
    return outcome;
}

} // namespace

file::~file()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

file_operations::result<file> file_operations::create(const path& name)
{
    const int made = uninterrupted([&] { return ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600); });
    if (made < 0) return last_error();
    return file(made);
}

file_operations::result<file> file_operations::open(const path& name)
{
    const int opened = uninterrupted([&] { return ::open(name.c_str(), O_RDONLY | O_CLOEXEC); });
    if (opened < 0) return last_error();
    return file(opened);
}

file_operations::error_code file_operations::write(const file& to, std::uint64_t offset,
                                                   std::span<const std::string_view> octets)
{
    std::array<iovec, 256> runs; // far below IOV_MAX; more would not be faster
    static_assert(runs.size() <= IOV_MAX);
    std::size_t written = 0; // octets of the first piece that is not yet complete
    while (!octets.empty()) {
        std::size_t count = 0;
        for (const auto& piece : octets.first(std::min(octets.size(), runs.size()))) {
            const auto skip = count == 0 ? written : 0;
            // writev's iovec serves reading too, and so is not const.
            runs[count++] = {const_cast<char*>(piece.data()) + skip, piece.size() - skip};
        }
        const auto done = uninterrupted([&] {
            return ::pwritev(to.descriptor(), runs.data(), static_cast<int>(count), static_cast<off_t>(offset));
        });
        if (done < 0) return last_error();
        offset += static_cast<std::uint64_t>(done);
        written += static_cast<std::size_t>(done);
        bool advanced = done > 0;
        while (!octets.empty() && written >= octets.front().size()) {
            written -= octets.front().size();
            octets = octets.subspan(1);
            advanced = true;
        }
        if (!advanced) return {EIO, boost::system::system_category()};
    }
    return {};
}

file_operations::error_code file_operations::sync(const file& what)
{
    if (uninterrupted([&] { return ::fdatasync(what.descriptor()); }) < 0) return last_error();
    return {};
}

file_operations::error_code file_operations::sync_folder(const path& folder)
{
    const file opened(uninterrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!opened.is_open()) return last_error();
    if (uninterrupted([&] { return ::fsync(opened.descriptor()); }) < 0) return last_error();
    return {};
}

void file_operations::start_writing_back(const file& what, std::uint64_t offset, std::uint64_t octets)
{
    ::sync_file_range(what.descriptor(), static_cast<off_t>(offset), static_cast<off_t>(octets), SYNC_FILE_RANGE_WRITE);
}

file_operations::result<std::size_t> file_operations::read(const file& from, std::uint64_t offset, std::span<char> into)
{
    std::size_t done = 0;
    while (done < into.size()) {
        const auto got = uninterrupted([&] {
            return ::pread(from.descriptor(), into.data() + done, into.size() - done,
                           static_cast<off_t>(offset + done));
        });
        if (got < 0) return last_error();
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

file_operations::error_code file_operations::remove(const path& name)
{
    if (::unlink(name.c_str()) < 0) return last_error();
    return {};
}

file_operations::error_code file_operations::punch_holes(const path& name, std::span<const octet_range> ranges)
{
    const file in(uninterrupted([&] { return ::open(name.c_str(), O_WRONLY | O_CLOEXEC); }));
    if (!in.is_open()) return last_error();
    for (const auto& range : ranges) {
        constexpr int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
        const auto punch = [&] {
            return ::fallocate(in.descriptor(), mode, static_cast<off_t>(range.begin),
                               static_cast<off_t>(range.octets()));
        };
        if (uninterrupted(punch) < 0) return last_error();
    }
    return {};
}

file_operations::result<std::uint64_t> file_operations::free_octets(const path& folder)
{
    struct statvfs facts = {};
    if (uninterrupted([&] { return ::statvfs(folder.c_str(), &facts); }) < 0) return last_error();
    return std::uint64_t{facts.f_bavail} * facts.f_frsize;
}

} // namespace gateway::spool
