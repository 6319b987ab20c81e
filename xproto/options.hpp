// The transfer options of a session and what an OPT line does to them (docs/xproto.md, "Options"). One row in the table
// of options.cpp is one option.
#pragma once

#include "xproto/line.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

enum class option : std::uint8_t {
    pipe, // PIPE=ON: the octets of objects travel in DATA chunks, many transfers at once
};

class option_set {
  public:
    bool has(option o) const { return (bits_ & bit(o)) != 0; }
    void set(option o, bool on) { bits_ = on ? bits_ | bit(o) : bits_ & ~bit(o); }

    bool operator==(const option_set&) const = default;

  private:
    static std::uint32_t bit(option o) { return std::uint32_t{1} << static_cast<unsigned>(o); }

    std::uint32_t bits_ = 0;
};

std::string_view name_of(option o);

// What one item of an OPT line asks for, judged by itself.
struct option_verdict {
    std::string_view name; // a view into the line
    option which{};        // when accepted
    bool on = false;       // when accepted
    result_code code;      // codes::options_set when accepted, else why not
};

// Judges every item of the groups of an OPT line. Nothing when there are more than `most_options`, or none.
inline constexpr std::size_t most_options = 32;
std::vector<option_verdict> judge_options(std::string_view groups, option_set offered);

// The answer to an OPT line: all or nothing. When every item was accepted `active` is changed, and the answer is OK;
// otherwise nothing is changed and the answer names what was refused.
// Returns true when it was OK.
bool answer_options(std::string& out, std::uint32_t tag, const std::vector<option_verdict>& verdicts,
                    option_set& active);

} // namespace xproto
