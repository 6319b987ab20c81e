// How wildly a pair of sessions is played against each other, and with what (session_pair_test.cpp).
#pragma once

#include "xproto/session.hpp"
#include "xproto/transfers.hpp"
#include "xproto/window.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>

namespace session_pair {

using xproto::window;

// How wild a run is. All chances are in percent.
struct weather {
    unsigned seed = 0;
    bool pipelined = true;
    bool duplex = false;          // do both ends send?
    bool hasty = false;           // does the client leave before the server's messages are over?
    xproto::option_set also = {}; // of extensions, in pipelined mode
    std::size_t chunk = 64;
    window granted;
    std::size_t output = 65536;
    std::size_t unasked = 1 << 20;
    std::size_t messages = 100;
    std::uint64_t largest = 1000;
    std::size_t longest_piece = 100; // that the wire delivers at once
    unsigned delays = 0;             // of answers
    unsigned refusals = 0;           // of objects before, while and after they travel
    unsigned cancels = 0;
    unsigned controls = 0; // messages of an envelope only
    unsigned splits = 0;   // messages whose body is split
    unsigned known = 0;    // leaves that the server has
    unsigned broken = 0;   // messages of which the server has the beginning
    std::uint64_t fragment = 0;
};

// Another weather for each seed.
inline weather wild(unsigned seed)
{
    std::mt19937 random(seed);
    const auto one_of = [&](auto... values) {
        const std::uint64_t all[] = {static_cast<std::uint64_t>(values)...};
        return all[random() % std::size(all)];
    };
    weather w;
    w.seed = seed;
    w.pipelined = one_of(0, 1, 1) != 0;
    w.chunk = one_of(2, 10, 64, 1000);
    w.granted.messages = static_cast<std::uint32_t>(one_of(1, 2, 7, 64));
    w.granted.octets = one_of(1, 500, 5000, 1 << 24);
    w.output = one_of(1, 100, 65536);
    w.unasked = one_of(1, 200, 1 << 20);
    if (one_of(0, 1)) w.also.set(xproto::option::now, true);
    if (one_of(0, 1)) w.also.set(xproto::option::zstd, true);
    w.messages = 40;
    w.largest = one_of(100, 3000);
    w.longest_piece = one_of(1, 20, 1000, 100000);
    w.delays = static_cast<unsigned>(one_of(0, 20, 90));
    w.refusals = static_cast<unsigned>(one_of(0, 3, 15));
    w.cancels = static_cast<unsigned>(one_of(0, 2));
    w.controls = static_cast<unsigned>(one_of(0, 20));
    w.splits = static_cast<unsigned>(one_of(0, 50));
    w.known = static_cast<unsigned>(one_of(0, 40));
    w.broken = static_cast<unsigned>(one_of(0, 30));
    w.fragment = one_of(0, 0, 70, 1000);
    w.duplex = w.pipelined && one_of(0, 1) != 0;
    w.hasty = one_of(0, 1) != 0;
    return w;
}

// Every octet of every object is a function of where it belongs.
inline std::string content(const std::string& id, xproto::object_type type, std::uint64_t offset, std::size_t octets,
                           std::size_t leaf = 0)
{
    const auto key = std::hash<std::string>()(id) + static_cast<std::size_t>(type) * 7919 + leaf * 104729;
    std::string text(octets, ' ');
    const std::size_t step = key % 2 == 0 ? 31 : 1; // half of them worth compressing
    for (std::size_t i = 0; i < octets; ++i) text[i] = static_cast<char>((key + (offset + i) * step) >> 3);
    return text;
}

// What the client was given to send, and what the server was asked about.
struct sent {
    xproto::outgoing what;
    bool has_result = false;
    bool cancelled = false;
    xproto::sending::outcome outcome{};
    xproto::result_code code;
    bool answer_lost = false;
};
struct object {
    std::string id;
    xproto::object_type type{};
    std::uint64_t octets = 0; // of the first fragment
    std::string arrived;
    std::uint64_t from = 0;
    std::size_t leaf = 0;
};

inline const std::string some_digest = "sha-256:" + std::string(64, '0');

} // namespace session_pair
