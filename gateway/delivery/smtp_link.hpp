// One connection of an smtp_courier: drives smtp::client_session, message after message.
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/delivery/legacy_content.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/net/wakeup.hpp"
#include "gateway/runtime/runtime.hpp"
#include "gateway/sessions/registry.hpp"
#include "smtp/client_session.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>

namespace gateway::delivery {

class smtp_courier;

class smtp_link final : public sessions::live_session, public std::enable_shared_from_this<smtp_link> {
  public:
    smtp_link(runtime& gateway, smtp_courier& owner, config::endpoint to);

    void start();
    // Connected, and without a job?
    bool idle() const { return idle_; }
    void wake();
    // The courier's withdraw(), of what this session has.
    void withdraw(spool::entry_id id);
    void drain() override;
    void abort() override;

  private:
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<bool> connect();
    boost::asio::awaitable<void> converse();
    boost::asio::awaitable<void> read(smtp::awaiting what);
    boost::asio::awaitable<void> wait_for_work();
    boost::asio::awaitable<void> start_tls();
    bool begin(job next);
    void give_content();
    void take_result(smtp::result result);
    void ended(const smtp::close& end);
    void leave();

    runtime& gateway_;
    std::shared_ptr<const config::settings> settings_;
    std::shared_ptr<const site::identity> identity_;
    smtp_courier* owner_; // null: the link has left its pool
    config::endpoint to_;
    std::unique_ptr<net::stream> stream_;
    smtp::client_session session_;
    std::optional<sessions::registry::place> place_;
    std::optional<job> current_;
    std::unique_ptr<legacy_content> content_;
    std::size_t completed_ = 0;  // transactions
    bool content_given_ = false; // all of the current message: the server may have taken it
    bool opening_ = true, idle_ = false, draining_ = false, broken_ = false, tls_failed_ = false;
};

} // namespace gateway::delivery
