// One session of an xproto server: a connection, xproto::server_session, and those who deal with its messages. The
// connection's side is in xproto_server.cpp, who the peer is in xproto_server_answers.cpp.
#pragma once

#include "gateway/net/pace.hpp"
#include "gateway/net/wakeup.hpp"
#include "gateway/sessions/incoming_mail.hpp"
#include "gateway/sessions/peer_belief.hpp"
#include "gateway/sessions/registry.hpp"
#include "gateway/sessions/session_driver.hpp"
#include "gateway/site/identity.hpp"
#include "xproto/server_session.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace gateway::sessions {

class xproto_server final : public live_session,
                            public session_driver,
                            public std::enable_shared_from_this<xproto_server> {
  public:
    xproto_server(runtime& gateway, std::unique_ptr<net::stream> connection, config::start start);

    boost::asio::awaitable<void> run();

    // After run(), however it ended.
    void leave();

    std::shared_ptr<void> kept() override { return shared_from_this(); }
    void go_on() override;
    net::stream& connection() override { return *stream_; }
    outbox& out() override { return out_; }

    void drain() override
    {
        if (shaking_hands_) return abort();
        session_.on_shutdown();
        if (pump() == next_step::close) stream_->interrupt();
    }
    void review() override;
    void abort() override
    {
        stream_->close();
        out_.close();
        wake_.notify();
    }

  private:
    enum class next_step { read, wait, start_tls, close };

    boost::asio::awaitable<bool> begin_tls();
    boost::asio::awaitable<void> change_to_tls();
    boost::asio::awaitable<void> read();
    next_step pump();
    next_step obey();
    void check_identity(xproto::server_session::check_identity& question);
    void take_identity(const std::string& claimed, validity::finding found);
    void make_proof(const std::string& transcript);
    void welcome();
    void set_deadline();
    bool awaits_answers() const;
    void log_end() const;

    runtime& gateway_;
    std::shared_ptr<const config::settings> settings_;
    std::shared_ptr<const site::identity> identity_;
    std::unique_ptr<net::stream> stream_;
    net::pace pace_;
    xproto::server_session session_;
    config::start start_;
    outbox out_;
    net::wakeup wake_;
    registry::place place_;
    peer_belief belief_;
    incoming_mail incoming_;
    std::unique_ptr<outgoing_mail> outgoing_; // with DUPLEX
    xproto::server_session::phase phase_ = xproto::server_session::phase::helo;
    xproto::server_session::close end_;
    std::uint64_t answers_ = 0; // of the peer, when last looked at
    bool shaking_hands_ = false, pumping_ = false, closed_ = false;
};

} // namespace gateway::sessions
