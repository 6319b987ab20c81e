#include "gateway/tools/sample_message.hpp"

#include <algorithm>

namespace gateway::tools {

namespace {

constexpr std::string_view words = "It was the best of times, it was the worst of times, it was the age of wisdom, ";
constexpr std::size_t line_octets = 74; // with CRLF

} // namespace

std::string sample_message(std::size_t octets, const std::string& from, const std::string& to)
{
    std::string out = "From: <" + from + ">\r\nTo: <" + to +
                      ">\r\nSubject: A message of an exact size\r\n"
                      "Date: Sat, 22 Nov 2025 10:00:00 +0000\r\nMessage-ID: <load-test@bench.invalid>\r\n"
                      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n";
    out.reserve(std::max(octets, out.size()));
    std::size_t word = 0;
    while (out.size() + 1 < octets) { // a line needs two octets for its end
        const auto left = octets - out.size();
        auto length = std::min(line_octets, left);
        if (left - length == 1) --length;
        for (std::size_t i = 0; i + 2 < length; ++i) out += words[word++ % words.size()];
        out += "\r\n";
    }
    return out;
}

} // namespace gateway::tools
