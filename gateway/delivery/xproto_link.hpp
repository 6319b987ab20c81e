// One session of an xproto_courier: drives xproto::client_session, many messages at a time.
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/delivery/signing_queue.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/net/wakeup.hpp"
#include "gateway/runtime/runtime.hpp"
#include "gateway/sessions/outbox.hpp"
#include "gateway/sessions/registry.hpp"
#include "gateway/validity/host_validator.hpp"
#include "xproto/client_session.hpp"

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace gateway::delivery {

class xproto_courier;

class xproto_link final : public sessions::live_session, public std::enable_shared_from_this<xproto_link> {
  public:
    xproto_link(runtime& gateway, xproto_courier& owner, config::endpoint to, std::string host, config::start start);

    void start();
    bool opening() const { return opening_; }
    bool has_room() const { return !opening_ && !closed_ && !draining_ && signed_.empty() && session_.can_send(); }
    // Takes jobs from the courier while there is room, then sends.
    void feed();
    // The courier's withdraw(), of what this session has.
    void withdraw(spool::entry_id id);
    void drain() override;
    void review() override;
    void abort() override;

  private:
    enum class next_step { read, wait, start_tls, close };
    struct beginning;

    boost::asio::awaitable<void> run();
    boost::asio::awaitable<bool> connect();
    boost::asio::awaitable<bool> begin_tls();
    boost::asio::awaitable<bool> change_to_tls();
    boost::asio::awaitable<void> read();
    next_step pump();
    void take_jobs();
    void plan(std::shared_ptr<signed_job> next);
    void plan_on(const std::shared_ptr<signed_job>& next);
    void send(signed_job next);
    void take_held(const xproto::client_session::held& what);
    void digest_on(const std::shared_ptr<beginning>& of);
    void give_content(const xproto::client_session::want_content& wanted);
    void content_room();
    void take_result(const xproto::client_session::result& result);
    void pass_on(xproto::hop_notice what);
    void remember(const spool::record& message);
    void check_identity(xproto::client_session::check_identity& question);
    void take_identity(const validity::finding& found);
    void make_proof(const std::string& transcript);
    void set_deadline();
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
    signing_queue signed_;                              // what the next messages are
    std::vector<std::shared_ptr<signed_job>> planning_; // whose bodies are being looked through
    std::deque<signed_job> planned_;
    std::unordered_map<std::uint64_t, signed_job> sending_;
    std::vector<xproto::client_session::want_content> put_off_; // wanted while too much waited to be written
    std::unordered_map<std::string, std::string> passed_;       // messages that somebody follows, and who brought them
    std::uint64_t last_handle_ = 0;
    std::uint64_t completed_ = 0;
    xproto::client_session::phase phase_ = xproto::client_session::phase::greeting;
    validity::finding found_;                           // how the host was validated
    std::shared_ptr<const site::identity> believed_by_; // by which of the site's identities it was
    std::string failure_;                               // why the session never became ready
    bool opening_ = true, draining_ = false, closed_ = false, feeding_ = false, asking_ = false;
};

} // namespace gateway::delivery
