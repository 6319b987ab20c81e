// Addresses: whatever is one alone is one in a path, and what is found in a path is one alone.
#include "smtp/address.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void require(bool promise)
{
    if (!promise) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto alone = smtp::parse_mailbox(text)) {
        require(smtp::is_utf8(text) && text.find_first_of("\r\n") == text.npos && text.find('\0') == text.npos);
        require(alone->utf8 == !smtp::is_ascii(text));
        require(alone->local_part.size() + alone->domain.size() + (alone->domain.empty() ? 0 : 1) == text.size());
        const auto bracketed = "<" + std::string(text) + ">";
        std::string_view input = bracketed;
        const auto path = smtp::parse_forward_path(input);
        require(path && path->address == text && input.empty());
    }
    std::string_view rest = text;
    if (const auto path = smtp::parse_forward_path(rest)) {
        require(text.size() - rest.size() >= path->address.size() + 2);
        require(smtp::parse_mailbox(path->address).has_value());
    } else {
        require(rest == text);
    }
    rest = text;
    static_cast<void>(smtp::parse_reverse_path(rest));
    return 0;
}
