// The configuration explained, from the same table that reads it.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace gateway::config {

// A complete, commented configuration file. Keys in `set` (key to TOML value) stand there as settings, all others as
// comments that show the default. Keys that are no keys are a bug (assert).
std::string commented_file(const std::map<std::string, std::string>& set);

// docs/configuration.md; a test holds the file to this text.
std::string reference_page();

// A string as TOML writes it, quoted and escaped.
std::string toml_string(std::string_view text);

} // namespace gateway::config
