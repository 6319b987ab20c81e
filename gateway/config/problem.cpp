// Problems as people read them.
#include "gateway/config/load.hpp"

#include <stdexcept>
#include <utility>

namespace gateway::config {

std::string problem::text() const
{
    auto out = file;
    if (place.line != 0) out += ":" + std::to_string(place.line);
    if (!out.empty()) out += ": ";
    if (level == severity::warning) out += "warning: ";
    if (level == severity::note) out += "note: ";
    if (!key.empty()) out += key + ": ";
    return out + what;
}

problem problem::error(std::string file, position place, std::string key, std::string what)
{
    return {severity::error, std::move(file), place, std::move(key), std::move(what)};
}

problem problem::warning(std::string file, position place, std::string key, std::string what)
{
    return {severity::warning, std::move(file), place, std::move(key), std::move(what)};
}

void throw_exception_from_error(const problems& e, const boost::source_location&)
{
    throw std::logic_error(e.empty() ? "bad configuration" : e.front().text());
}

} // namespace gateway::config
