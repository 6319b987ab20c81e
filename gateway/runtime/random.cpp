// Names that nobody can guess.
#include "gateway/runtime/random.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace gateway {

std::string random_text(std::size_t characters)
{
    static constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    std::string text(characters, '\0');
    auto* octets = reinterpret_cast<unsigned char*>(text.data());
    if (RAND_bytes(octets, static_cast<int>(characters)) != 1) throw std::runtime_error("no random octets");
    for (auto& c : text) c = alphabet[static_cast<unsigned char>(c) & 31];
    return text;
}

} // namespace gateway
