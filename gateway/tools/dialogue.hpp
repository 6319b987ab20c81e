// The control lines of an xproto session, picked out of what both ends send, for people to read (docs/xproto.md,
// "Framing"). The octets of objects and proofs are only counted. It watches and judges nothing: what is no control line
// is shown as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gateway::tools {

class dialogue {
  public:
    static constexpr std::size_t max_line = 8192; // a longer one is shown in pieces
    static constexpr std::size_t max_open = 4096; // requests whose answer it remembers to wait for

    // One line of the dialogue: "-> [1 NOOP]", "<- (1043 octets)"; without controls, so that no peer can draw on a
    // terminal. The arrow points away from the end that runs this.
    using printer = std::function<void(std::string_view)>;

    explicit dialogue(printer show) : show_(std::move(show)) {}

    // What was sent and received, cut anyhow, but in the order in which it happened.
    void sent(std::string_view octets) { watch(here_, there_, octets); }
    void received(std::string_view octets) { watch(there_, here_, octets); }

  private:
    struct side {
        explicit side(std::string_view a) : arrow(a) {}

        std::string_view arrow;
        std::string line;                             // begun, its end not seen
        std::uint64_t bare = 0;                       // octets that are no lines, still to come
        std::uint64_t run = 0;                        // of these, how many in all
        std::map<std::uint32_t, std::uint64_t> asked; // by tag: octets that a TMP permits to be sent bare
        std::uint32_t option_tag = 0;                 // of an OPT that asks for pipelined mode
        bool pipelined = false;                       // are objects sent in DATA chunks?
    };

    void watch(side& from, side& to, std::string_view octets);
    void take_line(side& from, side& to);
    void understand(side& from, side& to, std::string_view line);
    static void begin_run(side& of, std::uint64_t octets);
    void show(const side& from, std::string_view text) const;

    printer show_;
    side here_{"-> "}, there_{"<- "};
};

} // namespace gateway::tools
