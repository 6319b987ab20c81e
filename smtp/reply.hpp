// A reply (RFC 5321 4.2): three digits, an enhanced status code (RFC 2034, RFC 3463), lines of text. Written by the
// server session, read back by the client session.
#pragma once

#include <boost/system/result.hpp>

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smtp {

// class.subject.detail (RFC 3463). All zero: there is none.
struct enhanced_code {
    int status_class = 0; // 2, 4 or 5
    int subject = 0;      // 0 to 999
    int detail = 0;       // 0 to 999

    bool present() const { return status_class != 0; }
    auto operator<=>(const enhanced_code&) const = default;
};

struct reply {
    int code = 0; // 200 to 599; 0: no reply
    enhanced_code enhanced;
    std::vector<std::string> lines; // without codes and line ends

    reply() = default;
    reply(int c, enhanced_code e, std::string text);
    reply(int c, std::string text); // for the few replies that bear no enhanced code: 220, 221, 250 to EHLO, 354
    reply(int c, enhanced_code e, std::vector<std::string> text_lines);

    bool positive() const { return code >= 200 && code < 300; }
    bool intermediate() const { return code >= 300 && code < 400; }
    bool transient() const { return code >= 400 && code < 500; }
    bool permanent() const { return code >= 500 && code < 600; }
    std::string text() const; // the lines joined by single spaces, for logs and reports

    bool operator==(const reply&) const = default;
};

// The octets of a reply, every line with its codes and CRLF. Control characters in the text become '?', so that text
// from elsewhere cannot forge a line; a line beyond 512 octets (RFC 5321 4.5.3.1.5) is continued on another.
std::string format(const reply& r);
void append_to(std::string& out, const reply& r);

struct reply_limits {
    std::size_t line = 2048; // octets with line end; RFC 5321 says 512, servers that explain themselves write more
    std::size_t lines = 256;
    std::size_t octets = 65536; // the whole reply
};

// Reads replies out of a stream, however it is split. A line end is CRLF; a bare LF is taken too, because nothing a
// server could smuggle that way is not already its own to say. A byte that is no part of a reply, lines of one reply
// with different codes, and what exceeds the limits are errors, after which the parser must not be used again.
class reply_parser {
  public:
    explicit reply_parser(reply_limits limits = {}) : limits_(limits) {}

    // Takes octets off the front of `input` until a reply is complete or all are taken (nothing: more needed).
    boost::system::result<std::optional<reply>> read(std::string_view& input);
    // Is a reply begun and not complete?
    bool pending() const { return !line_.empty() || current_.code != 0; }

  private:
    boost::system::result<bool> take_line(std::string_view line); // true: it was the reply's last

    reply_limits limits_;
    std::string line_;       // the beginning of a line whose end has not come
    std::size_t octets_ = 0; // of the lines of current_
    reply current_;
};

} // namespace smtp
