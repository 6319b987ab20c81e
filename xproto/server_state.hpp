// What a server session holds, for the files that it is made of.
#pragma once

#include "xproto/line_reader.hpp"
#include "xproto/options.hpp"
#include "xproto/receiver.hpp"
#include "xproto/sender.hpp"
#include "xproto/server_helo.hpp"
#include "xproto/server_session.hpp"
#include "xproto/transfer_requests.hpp"

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
          transfers(config.limits, config.window, out, told), requests(config.limits, active, transfers, out, told)
    {
    }

    const server_config config;
    line_reader in;
    std::string out;
    std::deque<action> questions;
    std::deque<transfer_event> told; // by the two halves
    server_helo helo;
    option_set active;
    receiver transfers;
    transfer_requests requests;
    std::uint32_t own_tag = server_helo::own_tag; // of our last request
    std::optional<sender> outgoing;               // with DUPLEX
    announcement said;                            // by the client, with DUPLEX

    // Are messages of our own under way?
    bool sends() const { return outgoing && !outgoing->empty(); }

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
    bool client_leaves = false;    // it has said that it takes no more of our messages
    std::size_t unsolicited = 0;   // lines since its last answer
    std::uint64_t answers = 0;     // of the client
    std::uint64_t sent = 0;        // messages
    std::uint64_t hop_notices = 0; // about them
};

} // namespace xproto
