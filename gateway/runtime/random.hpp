// Names that nobody can guess.
#pragma once

#include <cstddef>
#include <string>

namespace gateway {

// Characters of base 32 (a-z, 2-7), 5 random bits each, from libcrypto's generator.
std::string random_text(std::size_t characters);

} // namespace gateway
