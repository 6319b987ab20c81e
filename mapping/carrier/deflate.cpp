// zlib, with its state machine kept in one piece.
#include "mapping/carrier/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace mapping::carrier {

namespace {

// zlib reads through a pointer that is not const.
Bytef* input(std::string_view octets)
{
    return reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
}

bool fits(std::string_view octets)
{
    return octets.size() <= std::numeric_limits<uInt>::max();
}

} // namespace

std::string deflate(std::string_view octets)
{
    auto size = compressBound(static_cast<uLong>(octets.size()));
    std::string out(size, '\0');
    if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, input(octets), static_cast<uLong>(octets.size()),
                  Z_BEST_COMPRESSION) != Z_OK)
        throw std::runtime_error("zlib has no memory");
    out.resize(size);
    return out;
}

std::optional<std::string> inflate(std::string_view octets, std::size_t most)
{
    constexpr std::size_t step = 64 * 1024;
    if (!fits(octets)) return {};
    z_stream state{};
    if (inflateInit(&state) != Z_OK) throw std::runtime_error("zlib has no memory");
    state.next_in = input(octets);
    state.avail_in = static_cast<uInt>(octets.size());
    std::string out;
    int said = Z_OK;
    while (said == Z_OK && out.size() <= most) {
        const auto begin = out.size();
        const auto room = std::min(step, most + 1 - begin); // one more than allowed shows that there is more
        out.resize(begin + room);
        state.next_out = reinterpret_cast<Bytef*>(out.data() + begin);
        state.avail_out = static_cast<uInt>(room);
        said = ::inflate(&state, Z_NO_FLUSH);
        out.resize(out.size() - state.avail_out);
    }
    const bool complete = said == Z_STREAM_END && state.avail_in == 0;
    inflateEnd(&state);
    if (!complete || out.size() > most) return {};
    return out;
}

} // namespace mapping::carrier
