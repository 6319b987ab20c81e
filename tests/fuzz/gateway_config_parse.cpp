// Any octets as a configuration: settings, or problems that each say something.
#include "gateway/config/load.hpp"

#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace gateway::config;
    const std::string text(data, data + size);
    const auto read = parse(text, "isthmus.toml");
    if (read) {
        if (read->site.empty() || read->host.empty() || read->queue.retry.empty()) std::abort();
        if (!differences(*read, *read).empty()) std::abort();
        return 0;
    }
    if (read.error().empty()) std::abort();
    for (const auto& p : read.error())
        if (p.what.empty() || p.text().find('\n') != std::string::npos) std::abort();
    return 0;
}
