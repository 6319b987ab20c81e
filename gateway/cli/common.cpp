// Shared by the commands.
#include "gateway/cli/common.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <unistd.h>

namespace gateway::cli {
namespace {

std::string because(const std::string& what)
{
    return what + ": " + std::strerror(errno);
}

// A file descriptor that is closed when it goes.
class descriptor {
  public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

bool write_all(int fd, std::string_view octets)
{
    while (!octets.empty()) {
        const auto written = ::write(fd, octets.data(), octets.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace

int fail(exit_code code, const std::string& what)
{
    std::cerr << "isthmus: " << what << '\n';
    return code;
}

void add_config_option(CLI::App& command, std::filesystem::path& file)
{
    command.add_option("-c,--config", file, "Configuration file (else ./isthmus.toml, else /etc/isthmus/isthmus.toml)")
        ->envname("ISTHMUS_CONFIG")
        ->type_name("FILE");
}

std::filesystem::path config_file(const std::filesystem::path& given)
{
    if (!given.empty()) return given;
    std::error_code ignored;
    if (std::filesystem::exists("isthmus.toml", ignored)) return "isthmus.toml";
    return "/etc/isthmus/isthmus.toml";
}

std::optional<config::settings> load_config(const std::filesystem::path& given)
{
    auto read = config::load(config_file(given));
    if (read) return std::move(*read);
    print(read.error());
    return std::nullopt;
}

void print(const config::problems& found)
{
    for (const auto& p : found) std::cerr << p.text() << '\n';
}

std::int64_t unix_now()
{
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

attempt<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit)
{
    std::ifstream file;
    if (path != "-") {
        std::error_code error;
        if (std::filesystem::is_directory(path, error)) return failure{path.string() + " is a folder"};
        errno = 0;
        file.open(path, std::ios::binary);
        if (!file) return failure{because(path.string() + " cannot be read")};
    }
    std::istream& in = path == "-" ? std::cin : file;
    std::string all;
    for (std::string piece(64 * 1024, '\0'); in;) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        all.append(piece, 0, static_cast<std::size_t>(in.gcount()));
        if (all.size() > limit) return failure{path.string() + " is larger than " + std::to_string(limit) + " octets"};
    }
    if (in.bad()) return failure{because(path.string() + " cannot be read")};
    return {boost::system::in_place_value, std::move(all)};
}

attempt<void> write_file(const std::filesystem::path& path, std::string_view octets, unsigned mode, overwrite allowed)
{
    // Written beside it and then named, so that no half file is ever there, and nobody reads a key in between.
    const auto draft = path.string() + ".new-" + std::to_string(::getpid());
    const descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
    if (file.get() < 0) return failure{because(path.string() + " cannot be made")};
    const auto give_up = [&](const std::string& what) {
        const failure f{because(what)};
        ::unlink(draft.c_str());
        return f;
    };
    if (!write_all(file.get(), octets) || ::fsync(file.get()) != 0)
        return give_up(path.string() + " cannot be written");
    if (allowed == overwrite::yes) {
        if (::rename(draft.c_str(), path.c_str()) != 0) return give_up(path.string() + " cannot be replaced");
        return {};
    }
    if (::link(draft.c_str(), path.c_str()) != 0) return give_up(path.string() + " cannot be made");
    ::unlink(draft.c_str());
    return {};
}

attempt<void> make_folder(const std::filesystem::path& path)
{
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return failure{path.string() + " cannot be made: " + error.message()};
    return {};
}

} // namespace gateway::cli
