// Fuzzes lists of entries: whatever is an entry covers itself.
#include "gateway/config/list_entries.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace gateway::config;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto by : {list_by::host, list_by::domain, list_by::address, list_by::sender, list_by::issuer}) {
        const auto read = list_entries::parse(by, text);
        if (!read) continue;
        read->find(text);
        const bool one = read->size() == 1 && text.find_first_of(" \t\r\n#/") == text.npos;
        if (one && !read->find(text)) std::abort();
    }
    return 0;
}
