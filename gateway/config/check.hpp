// What a configuration says about the world, checked: files that must be there, certificates that must fit.
// load() is about the text alone; this opens files and looks at the clock, but changes nothing.
#pragma once

#include "gateway/config/load.hpp"

#include <cstdint>

namespace gateway::config {

// Looks whether the state directory, certificate, key and CA files can be used: readable, the certificate fits the key,
// names the host and is valid at `now` (Unix seconds), CAs parse, the key is not readable for others. Errors would stop
// the daemon; warnings would not (a certificate that soon expires).
problems check_files(const settings& value, std::int64_t now);

} // namespace gateway::config
