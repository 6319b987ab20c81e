// One session of an xproto_courier: drives xproto::client_session, many messages at a time, in both directions where
// the peer may send its mail for us the same way.
#pragma once

#include "gateway/delivery/xproto_outgoing.hpp"
#include "gateway/net/pace.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/net/wakeup.hpp"
#include "gateway/runtime/runtime.hpp"
#include "gateway/sessions/incoming_mail.hpp"
#include "gateway/sessions/outbox.hpp"
#include "gateway/sessions/peer_belief.hpp"
#include "gateway/sessions/registry.hpp"
#include "gateway/sessions/session_driver.hpp"
#include "xproto/client_session.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gateway::delivery {

class xproto_courier;

class xproto_link final : public sessions::live_session,
                          public sessions::session_driver,
                          public std::enable_shared_from_this<xproto_link> {
  public:
    xproto_link(runtime& gateway, xproto_courier& owner, config::endpoint to, std::string host, config::start start);

    void start();
    bool opening() const { return opening_; }

    std::shared_ptr<void> kept() override { return shared_from_this(); }
    void go_on() override;
    net::stream& connection() override { return *stream_; }
    sessions::outbox& out() override { return *out_; }
    void drain() override;
    void review() override;
    void abort() override;

  private:
    enum class next_step { read, wait, start_tls, close };

    boost::asio::awaitable<void> run();
    boost::asio::awaitable<bool> connect();
    boost::asio::awaitable<bool> begin_tls();
    boost::asio::awaitable<bool> change_to_tls();
    boost::asio::awaitable<void> read();
    next_step pump();
    next_step obey();
    void note_end(const xproto::client_session::close& end);
    void check_identity(xproto::client_session::check_identity& question);
    void take_identity(validity::finding found);
    void ask_lists();
    void make_proof(const std::string& transcript);
    void set_deadline();
    void await_answer(std::chrono::seconds patience);
    void fail(const std::string& what);
    void leave();

    runtime& gateway_;
    std::shared_ptr<const config::settings> settings_;
    std::shared_ptr<const site::identity> identity_;
    xproto_courier* owner_; // null: the link has left its pool
    config::endpoint to_;
    std::string host_;
    config::start start_;
    std::unique_ptr<net::stream> stream_;
    xproto::client_session session_;
    std::optional<sessions::outbox> out_;
    net::wakeup wake_;
    std::optional<sessions::registry::place> place_;
    std::optional<net::pace> pace_; // of what the peer sends
    sessions::peer_belief belief_;
    xproto_outgoing mail_;
    sessions::incoming_mail incoming_; // with DUPLEX
    xproto::client_session::phase phase_ = xproto::client_session::phase::greeting;
    std::uint64_t answers_ = 0; // of the peer, when last looked at
    std::string failure_;       // why the session never became ready
    bool opening_ = true, draining_ = false, closed_ = false, pumping_ = false;
};

} // namespace gateway::delivery
