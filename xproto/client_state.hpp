// What a client session holds, for the files that it is made of.
#pragma once

#include "xproto/client_helo.hpp"
#include "xproto/client_session.hpp"
#include "xproto/line_reader.hpp"
#include "xproto/options.hpp"
#include "xproto/receiver.hpp"
#include "xproto/sender.hpp"
#include "xproto/transfer_requests.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace xproto {

struct client_session::state {
    explicit state(client_config c)
        : config(std::move(c)), in(config.limits.line), helo(config, out, events),
          messages(config.limits, out, told, last_tag), incoming(config.limits, config.window, out, told),
          requests(config.limits, taking, incoming, out, told)
    {
    }

    const client_config config;
    line_reader in;
    std::string out;
    std::deque<action> events;
    std::deque<transfer_event> told; // by the two halves
    std::uint32_t last_tag = client_helo::own_tag;
    client_helo helo;
    sender messages;
    option_set taking; // the options by which the server may send, with DUPLEX
    receiver incoming;
    transfer_requests requests;
    bool may_take = true; // does the driver want mail from this server?

    bool ready = false;
    option_set wanted; // by the OPT without answer
    option_set active;
    bool quitting = false;
    bool starting_tls = false; // nothing more is read or said in clear
    bool eof = false;
    bool told_leaving = false;    // does the server know that we take no new messages?
    std::optional<close> leaving; // the server has said that it will go, and why
    std::optional<close> ended;
    std::uint32_t option_tag = 0; // of an OPT, NOOP, QUIT without answer; 0: there is none
    std::uint32_t noop_tag = 0;
    std::uint32_t quit_tag = 0;
    std::uint32_t last_server_tag = 0;
    std::size_t unsolicited = 0;   // lines since the last answer
    std::size_t errors = 0;        // of the server's requests
    std::uint64_t answers = 0;     // of the server
    std::uint64_t sent = 0;        // messages
    std::uint64_t hop_notices = 0; // about them
};

} // namespace xproto
