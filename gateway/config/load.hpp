// Reading the configuration file. Everything wrong in it is reported at once, each with its place and what was wanted:
// a person should need to edit only once.
#pragma once

#include "gateway/config/settings.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

struct problem {
    enum class severity { error, warning, note }; // a note: nothing is wrong, but somebody may want to know

    severity level = severity::error;
    std::string file;
    position place;   // line 0 when it belongs to no line
    std::string key;  // "smtp.listen", "route[2].to"; empty for what is wrong with the file as a whole
    std::string what; // what is wrong and what was wanted

    // "isthmus.toml:12: smtp.lisen: unknown key; did you mean smtp.listen?"
    std::string text() const;

    static problem error(std::string file, position place, std::string key, std::string what);
    static problem warning(std::string file, position place, std::string key, std::string what);
};

using problems = std::vector<problem>; // in the order of the file

// value() of a result without a check is a bug in this program; this is how it shows.
[[noreturn]] void throw_exception_from_error(const problems& e, const boost::source_location&);

using loaded = boost::system::result<settings, problems>;

// Reads the file. Relative paths in it become relative to its folder. A program that gets problems prints them and
// exits with 78 (EX_CONFIG) before it opens any port.
loaded load(const std::filesystem::path& file);
// The same from text, as if it stood in `file`.
loaded parse(std::string_view toml, const std::filesystem::path& file);

// Every key at its default, nothing where there is none (site, host); relative paths relative to `folder`.
settings defaults(const std::filesystem::path& folder = {});

// What two configurations differ in.
struct difference {
    std::string key; // "smtp.listen"; "route" and "peer" for the tables as a whole
    bool needs_restart = false;

    bool operator==(const difference&) const = default;
};
std::vector<difference> differences(const settings& running, const settings& fresh);

// What a running daemon continues with after SIGHUP: `fresh`, but every key that needs a restart as it is in `running`.
settings reloaded(const settings& running, const settings& fresh);

} // namespace gateway::config
