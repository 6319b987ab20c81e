// Certificates as people, and scripts, read them.
#pragma once

#include "xproto/certificate.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <string>

namespace gateway::cli {

// Several lines; the first begins with `name`.
std::string certificate_text(const xproto::certificate& c, const std::string& name, std::int64_t now);
boost::json::object certificate_json(const xproto::certificate& c);

} // namespace gateway::cli
