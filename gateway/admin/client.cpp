// A small HTTP client over a Unix socket, with plain blocking calls: a command has nothing else to do meanwhile. The
// daemon is ours, but its answer is still checked.
#include "gateway/admin/client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace gateway::admin {
namespace {

namespace errc = boost::system::errc;
using boost::system::error_code;

constexpr std::size_t max_head_octets = 64 * 1024;
constexpr std::size_t max_body_octets = 256 * 1024 * 1024; // of what is kept in memory

error_code from_errno()
{
    // A blocking call with a time limit says so when the time is over.
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS) return errc::make_error_code(errc::timed_out);
    return {errno, boost::system::system_category()};
}

class connection {
  public:
    connection() = default;
    ~connection()
    {
        if (socket_ >= 0) ::close(socket_);
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    error_code open(const std::filesystem::path& path, std::chrono::seconds patience)
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto text = path.string();
        if (text.size() >= sizeof address.sun_path) return errc::make_error_code(errc::filename_too_long);
        std::copy(text.begin(), text.end(), address.sun_path);
        socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (socket_ < 0) return from_errno();
        const timeval limit{patience.count(), 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
        return ::connect(socket_, generic, sizeof address) == 0 ? error_code{} : from_errno();
    }

    error_code write(std::string_view octets)
    {
        while (!octets.empty()) {
            const auto written = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return from_errno();
            octets.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }

    // At least one octet, or empty at the end.
    boost::system::result<std::string_view> read()
    {
        for (;;) {
            const auto got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return from_errno();
            return std::string_view(buffer_.data(), static_cast<std::size_t>(got));
        }
    }

  private:
    int socket_ = -1;
    std::array<char, 64 * 1024> buffer_{};
};

struct head {
    unsigned status = 0;
    std::uint64_t length = 0;
};

template <class Number> std::optional<Number> number(std::string_view text)
{
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool is_name(std::string_view text, std::string_view lower_case)
{
    return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

// The daemon always sends a Content-Length; anything else is no daemon of ours.
std::optional<head> parse_head(std::string_view text)
{
    if (!text.starts_with("HTTP/1.1 ") || text.size() < 12) return std::nullopt;
    const auto status = number<unsigned>(text.substr(9, 3));
    if (!status || *status < 100) return std::nullopt;
    std::optional<std::uint64_t> length;
    for (auto at = text.find("\r\n"); at != text.npos; at = text.find("\r\n", at + 2)) {
        const auto line = text.substr(at + 2, text.find("\r\n", at + 2) - at - 2);
        const auto colon = line.find(':');
        if (colon == line.npos || !is_name(line.substr(0, colon), "content-length")) continue;
        auto value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        length = number<std::uint64_t>(value);
        if (!length) return std::nullopt;
    }
    if (!length) return std::nullopt;
    return head{*status, *length};
}

using taker = std::function<bool(std::string_view)>;

boost::system::result<response> exchange(const std::filesystem::path& socket, std::string_view method,
                                         std::string_view target, std::chrono::seconds patience, const taker* take)
{
    connection daemon;
    if (const auto error = daemon.open(socket, patience)) return error;
    const auto text = std::string(method) + " " + std::string(target) +
                      " HTTP/1.1\r\nHost: isthmus\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    if (const auto error = daemon.write(text)) return error;

    std::string received;
    std::size_t end = received.npos;
    while (end == received.npos) {
        const auto octets = daemon.read();
        if (!octets) return octets.error();
        if (octets->empty() || received.size() > max_head_octets) return errc::make_error_code(errc::protocol_error);
        received += *octets;
        end = received.find("\r\n\r\n");
    }
    const auto facts = parse_head(std::string_view(received).substr(0, end));
    if (!facts) return errc::make_error_code(errc::protocol_error);
    response out;
    out.status = facts->status;
    const bool stream = take != nullptr && out.status == 200;
    if (!stream && facts->length > max_body_octets) return errc::make_error_code(errc::message_size);

    received.erase(0, end + 4);
    std::string_view piece = received;
    for (std::uint64_t left = facts->length;;) {
        piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), left)));
        left -= piece.size();
        if (!stream)
            out.body += piece;
        else if (!piece.empty() && !(*take)(piece))
            return errc::make_error_code(errc::operation_canceled);
        if (left == 0) return {boost::system::in_place_value, std::move(out)};
        const auto octets = daemon.read();
        if (!octets) return octets.error();
        if (octets->empty()) return errc::make_error_code(errc::connection_reset); // before its end
        piece = *octets;
    }
}

} // namespace

boost::system::result<response> request(const std::filesystem::path& socket, std::string_view method,
                                        std::string_view target, std::chrono::seconds patience)
{
    return exchange(socket, method, target, patience, nullptr);
}

boost::system::result<response> download(const std::filesystem::path& socket, std::string_view target,
                                         const std::function<bool(std::string_view)>& take,
                                         std::chrono::seconds patience)
{
    return exchange(socket, "GET", target, patience, &take);
}

} // namespace gateway::admin
