// Delivers to one next hop over xproto: few sessions, each with many messages under way at once, kept for the next
// burst.
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/runtime/runtime.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace gateway::delivery {

class xproto_link;

class xproto_courier final : public courier {
  public:
    // `host`: the name that the next hop must prove.
    xproto_courier(runtime& gateway, config::endpoint to, std::string host, config::start start);
    ~xproto_courier() override;

    void deliver(job next) override;
    void withdraw(spool::entry_id id) override;
    void drain() override;
    void keep() override;

  private:
    friend class xproto_link;
    static constexpr std::chrono::seconds shortest{1}, longest{300};

    void feed_soon();
    void feed();
    void hand_back();
    void open_link();
    bool kept() const;
    void open_later();
    // A job that a session did not get rid of, because its peer is leaving: for another session.
    void put_back(job next);
    // The next job, or nothing; for a link that has room.
    std::optional<job> take();
    // A link has left the pool. `why`: it never became ready, so there is no use in waiting for another.
    void link_left(const std::optional<mapping::verdict>& why);

    runtime& gateway_;
    config::endpoint to_;
    std::string host_;
    config::start start_;
    std::deque<job> waiting_;
    std::vector<std::shared_ptr<xproto_link>> links_; // live sessions; each removes itself when it ends
    boost::asio::steady_timer later_;                 // until a kept session is tried again
    std::chrono::seconds pause_ = shortest;           // before that
    bool draining_ = false;
    bool feed_posted_ = false;
    std::shared_ptr<const bool> alive_ = std::make_shared<bool>(true);
};

} // namespace gateway::delivery
