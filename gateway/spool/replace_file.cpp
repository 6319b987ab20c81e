// Write, sync, rename, sync.
#include "gateway/spool/replace_file.hpp"

#include "gateway/spool/plain_files.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace gateway::spool {

namespace {

std::string reason(const std::filesystem::path& file)
{
    return file.string() + ": " + std::strerror(errno);
}

} // namespace

std::string replace_file(const std::filesystem::path& path, std::string_view octets)
{
    auto fresh = path;
    fresh += ".new";
    {
        const file out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (!out.is_open() || !write_all(out, 0, octets) || ::fsync(out.descriptor()) != 0) return reason(fresh);
    }
    if (::rename(fresh.c_str(), path.c_str()) != 0) return reason(path);
    const file folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder.is_open() && ::fsync(folder.descriptor()) == 0 ? std::string() : reason(path.parent_path());
}

} // namespace gateway::spool
