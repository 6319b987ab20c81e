// What a server session holds, for the files that it is made of.
#pragma once

#include "xproto/line_reader.hpp"
#include "xproto/options.hpp"
#include "xproto/receiver.hpp"
#include "xproto/server_helo.hpp"
#include "xproto/server_session.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace xproto {

struct server_session::state {
    explicit state(server_config c)
        : config(std::move(c)), in(config.limits.line), helo(config, out, questions),
          transfers(config.limits, config.window, out, questions)
    {
    }

    const server_config config;
    line_reader in;
    std::string out;
    std::deque<action> questions;
    server_helo helo;
    receiver transfers;
    option_set active;

    bool greeted = false;
    bool eof = false;
    bool draining = false;
    result_code leaving_by = codes::shutting_down; // when it is draining
    bool cut_short = false;     // the next line must be the ABOR that bare octets were broken off for
    bool starting_tls = false;  // nothing more is read or said in clear
    std::optional<close> ended; // nothing more is read
    std::uint32_t last_tag = 0;
    std::uint32_t quit_tag = 0; // of the QUIT that waits for transfers to end; 0: there is none
    std::size_t errors = 0;
    std::size_t octets_before_helo = 0;
};

} // namespace xproto
