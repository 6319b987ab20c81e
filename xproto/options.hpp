// The transfer options of a session and what an OPT line does to them (docs/xproto.md, "Options"). Their words, values
// and who is offered them are rows of the extension table.
#pragma once

#include "xproto/line.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

class extension_table; // xproto/extensions.hpp
struct announcement;   // xproto/announcement.hpp
// A table with nothing but PIPE.
const extension_table& core_extensions();

enum class option : std::uint8_t {
    pipe,   // the octets of objects travel in DATA chunks, many transfers at once
    now,    // they may follow the request without waiting for permission
    zstd,   // chunks may be compressed
    tls,    // the session in clear ends, and another begins under TLS
    trace,  // the server tells what becomes of messages later
    split,  // bodies may travel as skeleton and leaves
    stat,   // STAT asks what is here of a message, and XFER goes on with it
    urg,    // in clear: ABOR in the middle of bare octets, as urgent data
    duplex, // the server sends messages too
};

class option_set {
  public:
    option_set() = default;
    option_set(std::initializer_list<option> options)
    {
        for (const auto o : options) set(o, true);
    }

    static option_set all()
    {
        option_set every;
        every.bits_ = ~std::uint32_t{0};
        return every;
    }

    bool has(option o) const { return (bits_ & bit(o)) != 0; }
    bool empty() const { return bits_ == 0; }
    void set(option o, bool on) { bits_ = on ? bits_ | bit(o) : bits_ & ~bit(o); }
    // Those that are in both.
    option_set operator&(option_set other) const
    {
        option_set both;
        both.bits_ = bits_ & other.bits_;
        return both;
    }

    bool operator==(const option_set&) const = default;

  private:
    static std::uint32_t bit(option o) { return std::uint32_t{1} << static_cast<unsigned>(o); }

    std::uint32_t bits_ = 0;
};

// What one item of an OPT line asks for.
struct option_verdict {
    std::string_view name; // a view into the line
    option which{};        // when accepted
    bool on = false;       // when accepted
    bool accepted = false;
    result_code code; // that answers the item
};

// Judges the groups of an OPT line item by item, and whether what would then be on has all it needs. `active` is what
// is on now. Nothing when there are more than `most_options`, or none. What the client announces with DUPLEX, its
// window and limits, is read into `said`.
inline constexpr std::size_t most_options = 32;
std::vector<option_verdict> judge_options(const extension_table& table, std::string_view groups, option_set offered,
                                          option_set active, announcement& said);

// The answer to an OPT line: all or nothing. When every item was accepted `active` is changed, and the answer is OK;
// otherwise nothing is changed and the answer names what was refused. An option that is switched off takes with it
// those that need it.
// Returns true when it was OK.
bool answer_options(const extension_table& table, std::string& out, std::uint32_t tag,
                    const std::vector<option_verdict>& verdicts, option_set& active);

} // namespace xproto
