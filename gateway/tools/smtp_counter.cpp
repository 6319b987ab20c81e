#include "gateway/tools/smtp_counter.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gateway::tools {

namespace {

constexpr std::string_view end_of_data = "\r\n.\r\n";

char upper(char c)
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool begins_with(std::string_view line, std::string_view verb)
{
    return line.size() >= verb.size() &&
           std::equal(verb.begin(), verb.end(), line.begin(), [](char v, char l) { return v == upper(l); });
}

} // namespace

std::string_view smtp_counter::greeting()
{
    return "220 sink.invalid ESMTP\r\n";
}

void smtp_counter::take(std::string_view octets, std::string& replies)
{
    while (!octets.empty() && !over_) {
        if (in_data_) {
            octets = take_data(octets, replies);
            continue;
        }
        if (chunk_ > 0) {
            const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_, octets.size()));
            chunk_ -= taken;
            octets_ += taken;
            octets.remove_prefix(taken);
            if (chunk_ == 0) end_chunk(replies);
            continue;
        }
        const auto end = octets.find('\n');
        if (end == octets.npos || !held_.empty()) {
            const auto taken = end == octets.npos ? octets.size() : end + 1;
            held_ += octets.substr(0, taken);
            octets.remove_prefix(taken);
            over_ = held_.size() > max_line;
            if (end == octets.npos || over_) continue;
            const auto line = std::exchange(held_, {});
            take_line(line, replies);
            continue;
        }
        const auto line = octets.substr(0, end + 1);
        octets.remove_prefix(end + 1);
        take_line(line, replies);
    }
}

// Looks for the end across the border of what came before: `held_` has up to four octets of it.
std::string_view smtp_counter::take_data(std::string_view octets, std::string& replies)
{
    std::size_t end = octets.npos; // in `octets`, after the last octet of the content's end
    if (!held_.empty()) {
        const auto border = held_ + std::string(octets.substr(0, end_of_data.size() - 1));
        const auto found = border.find(end_of_data);
        if (found != border.npos) end = found + end_of_data.size() - held_.size();
    }
    if (end == octets.npos) {
        const auto found = octets.find(end_of_data);
        if (found != octets.npos) end = found + end_of_data.size();
    }
    if (end == octets.npos) {
        octets_ += octets.size();
        held_ += octets.substr(octets.size() - std::min(octets.size(), end_of_data.size() - 1));
        if (held_.size() > end_of_data.size() - 1) held_.erase(0, held_.size() - (end_of_data.size() - 1));
        return {};
    }
    octets_ += end;
    held_.clear();
    in_data_ = false;
    ++messages_;
    replies += "250 2.0.0 taken\r\n";
    return octets.substr(end);
}

void smtp_counter::take_line(std::string_view line, std::string& replies)
{
    constexpr std::string_view yes = "250 2.0.0 ok\r\n";
    if (begins_with(line, "MAIL") || begins_with(line, "RCPT") || begins_with(line, "RSET") ||
        begins_with(line, "NOOP") || begins_with(line, "HELO")) {
        replies += yes;
    } else if (begins_with(line, "DATA")) {
        replies += "354 go ahead\r\n";
        in_data_ = true;
        held_ = "\r\n"; // a dot may stand on the very first line
    } else if (begins_with(line, "BDAT ")) {
        begin_chunk(line.substr(5), replies);
    } else if (begins_with(line, "EHLO")) {
        replies += "250-sink.invalid\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n"
                   "250-BINARYMIME\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES\r\n";
    } else if (begins_with(line, "QUIT")) {
        replies += "221 2.0.0 bye\r\n";
        over_ = true;
    } else {
        replies += "502 5.5.2 not here\r\n";
    }
}

void smtp_counter::begin_chunk(std::string_view argument, std::string& replies)
{
    const auto parsed = std::from_chars(argument.data(), argument.data() + argument.size(), chunk_);
    if (parsed.ec != std::errc{}) { // where the chunk ends is not known
        over_ = true;
        return;
    }
    const std::string_view rest(parsed.ptr, argument.data() + argument.size());
    last_chunk_ = begins_with(rest, " LAST");
    if (chunk_ == 0) end_chunk(replies);
}

void smtp_counter::end_chunk(std::string& replies)
{
    if (last_chunk_) ++messages_;
    replies += last_chunk_ ? "250 2.0.0 taken\r\n" : "250 2.0.0 ok\r\n";
}

} // namespace gateway::tools
