// One control line of xproto: `[tag verb parameters (groups)]` or `[tag OK code (groups) text]` (docs/xproto.md,
// "Framing"). Reading allocates nothing: a line is views into the octets it was read from. There is one spelling for
// everything, no white space to be skipped, and no recovery: what does not match is refused with the rule it broke.
#pragma once

#include "xproto/errc.hpp"
#include "xproto/result_code.hpp"

#include <boost/system/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xproto {

// What the second word of a line makes it: OK, ERR and TMP answer a request, anything else is one.
enum class word : std::uint8_t { request, ok, err, tmp };

struct line {
    static constexpr std::size_t max_parameters = 8;

    std::uint32_t tag = 0; // 0: `*`
    word kind = word::request;
    std::string_view verb;                                   // of a request
    std::array<std::string_view, max_parameters> parameters; // of a request, as written; `ABOR=3` is `ABOR 3`
    std::size_t parameter_count = 0;
    result_code code;        // of a response
    std::string_view groups; // as written, for group_reader; may be empty
    std::string_view text;   // of a response, as written, for unescape(); may be empty
};

// `octets` without the CRLF. The views in the result end with `octets`.
boost::system::result<line> parse_line(std::string_view octets);

// One item of the groups of a line. `(BAZ=FOO, BAR)` is two items; `(BAR OK 121.0.2.1 Fine.)` is one with an answer;
// `(SMTP 550)` is one with a text.
struct group_item {
    static constexpr std::size_t longest_name = 64;

    std::string_view name;
    std::optional<std::string_view> value; // as written, for unquote()
    word answer = word::request;           // request: there is none
    result_code code;                      // of the answer
    std::string_view text;                 // as written, for unescape()
    bool first = true;                     // of its group
};

// Walks over the groups of a line that parse_line() has accepted.
class group_reader {
  public:
    explicit group_reader(std::string_view groups) : rest_(groups) {}
    // The next item, or nothing at the end.
    std::optional<group_item> next();

  private:
    std::string_view rest_;
    bool inside_ = false;
};

// Text as it was meant: without the backslashes.
std::string unescape(std::string_view text);
// A parameter or value as it was meant: without the quotes and backslashes of a quoted string.
std::string unquote(std::string_view value);
// `{3279}`: decimal, no leading zeros, at most 18 digits.
std::optional<std::uint64_t> braced_number(std::string_view parameter);
// The same without the braces.
std::optional<std::uint64_t> plain_number(std::string_view digits);
// May this stand as a parameter or value without quotes?
bool is_token(std::string_view text);
// May it stand there at all: UTF-8 without control characters?
bool is_quotable(std::string_view text);

} // namespace xproto
