// What several commands share: finding and reading the configuration, saying what failed, files.
#pragma once

#include "gateway/cli/command_line.hpp"
#include "gateway/config/load.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace gateway::cli {

// Says "isthmus: WHAT" on standard error and returns `code`.
int fail(exit_code code, const std::string& what);

// `-c FILE`, for commands that read the configuration.
void add_config_option(CLI::App& command, std::filesystem::path& file);
// The file to read when `given` is what -c said: that, or ./isthmus.toml, or /etc/isthmus/isthmus.toml.
std::filesystem::path config_file(const std::filesystem::path& given);
// Reads it. What is wrong goes to standard error, one line each; then there is nothing, and bad_configuration is due.
std::optional<config::settings> load_config(const std::filesystem::path& given);
// One line each on standard error.
void print(const config::problems& found);

std::int64_t unix_now();

// Something, or a sentence that says why not.
struct failure {
    std::string what;
};
template <class T> using attempt = boost::system::result<T, failure>;
[[noreturn]] inline void throw_exception_from_error(const failure& f, const boost::source_location&)
{
    throw std::logic_error(f.what); // value() without a check is a bug in this program
}

inline constexpr std::uint64_t max_pem_octets = 1 << 20;

// A whole file of at most `limit` octets. `-` is standard input.
attempt<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit);

enum class overwrite { no, yes };
// Makes a file of these octets, complete or not at all. `mode` as for chmod: 0600 for what is private.
attempt<void> write_file(const std::filesystem::path& path, std::string_view octets, unsigned mode, overwrite allowed);
// Makes a folder and those above it.
attempt<void> make_folder(const std::filesystem::path& path);

} // namespace gateway::cli
