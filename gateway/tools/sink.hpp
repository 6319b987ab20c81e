// A test receiver for both protocols: accepts everything, shows or keeps it, and misbehaves on request. The command is
// in sink_command.cpp; here is what its sessions share.
#pragma once

#include "gateway/net/stream.hpp"
#include "gateway/tools/credentials.hpp"
#include "gateway/tools/probe_rules.hpp"
#include "gateway/tools/receipts.hpp"
#include "gateway/tools/workbench.hpp"
#include "xproto/certificate_store.hpp"
#include "xproto/trace_batch.hpp"
#include "xproto/window.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>

namespace gateway::tools {

struct sink_setup {
    std::optional<credentials> who;             // always there for xproto; for SMTP: STARTTLS is offered
    std::optional<net::tls_context> tls;        // of the same
    std::string host = "sink.invalid";          // what we call ourselves
    bool any_peer = false;                      // xproto: take hosts that no CA vouches for
    bool prove_self = true;                     // xproto: prove ourselves to the client
    bool pipelining = true;                     // xproto: offer pipelined mode
    xproto::window window;                      // xproto
    bool chunking = true, smtputf8 = true;      // SMTP: offer these
    bool carry_newlines = true;                 // SMTP: take bare CR and LF as they are
    std::chrono::seconds idle{300};             // a silent peer is left after this
    std::function<void(std::string_view)> show; // xproto: control lines; may be empty
};

// A session that can be asked to end when it has answered for what is under way.
class sink_session {
  public:
    virtual void drain() = 0;

  protected:
    ~sink_session() = default;
};

struct sink {
    workbench& bench;
    const sink_setup& setup;
    probe_rules& rules;
    receipts& received;
    log::logger& log;
    std::set<sink_session*> sessions = {};
    // Of xproto: what was verified for one message is not verified again for the next.
    xproto::validation_cache certificates{};
    xproto::verified_batches batches{};
    bool closing = false; // is everything over when the last session has ended?

    void add(sink_session& one) { sessions.insert(&one); }
    void remove(sink_session& one);
    // Lets the sessions end; the workbench finishes with the last.
    void close();
};

boost::asio::awaitable<void> serve_smtp_sink(sink& shared, std::unique_ptr<net::stream> connection);
boost::asio::awaitable<void> serve_xproto_sink(sink& shared, std::unique_ptr<net::stream> connection);

// Sleeps.
boost::asio::awaitable<void> pause(workbench& bench, std::chrono::milliseconds time);

} // namespace gateway::tools
