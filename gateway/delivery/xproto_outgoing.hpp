// The messages that one xproto session sends, whichever end opened it: takes jobs from a pool, has their hops signed,
// hands their octets over piece by piece, and reports what becomes of each.
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/delivery/signing_queue.hpp"
#include "gateway/runtime/runtime.hpp"
#include "gateway/sessions/session_driver.hpp"
#include "xproto/transfers.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace gateway::delivery {

class session_pool;

class xproto_outgoing final : public sessions::outgoing_mail {
  public:
    // `host`: proved, or to be proved, by the other end. Session, driver and, until leave(), the pool must outlive
    // this.
    xproto_outgoing(runtime& gateway, session_pool& pool, std::string host, xproto::sending_half& session,
                    sessions::session_driver& driver, std::shared_ptr<const config::settings> settings,
                    std::shared_ptr<const site::identity> identity);

    bool has_room() const { return !left_ && signed_.empty() && session_.can_send(); }
    // Takes jobs while there is room, then sends.
    void feed();
    // The courier's withdraw(), of what this session has.
    void withdraw(spool::entry_id id);
    std::uint64_t completed() const { return completed_; }
    // Why mail is lost that this session does not get rid of, for the log.
    void failed(const std::string& why) { failure_ = why; }

    bool take_jobs() override;
    void want(const xproto::sending::want_content& wanted) override;
    void held(const xproto::sending::held& what) override;
    void result(const xproto::sending::result& result) override;
    // What the next hop tells of a message goes to whoever brought it here.
    void later_hop(xproto::hop_notice what) override;
    void content_room() override;
    void leave() override;

  private:
    struct beginning;

    void plan(std::shared_ptr<signed_job> next);
    void plan_on(const std::shared_ptr<signed_job>& next);
    void send(signed_job next);
    void digest_on(const std::shared_ptr<beginning>& of);
    void remember(const spool::record& message);

    runtime& gateway_;
    session_pool& pool_;
    std::string host_;
    xproto::sending_half& session_;
    sessions::session_driver& driver_;
    std::shared_ptr<const config::settings> settings_;
    signing_queue signed_;                              // what the next messages are
    std::vector<std::shared_ptr<signed_job>> planning_; // whose bodies are being looked through
    std::deque<signed_job> planned_;
    std::unordered_map<std::uint64_t, signed_job> sending_;
    std::vector<xproto::sending::want_content> put_off_;  // wanted while too much waited to be written
    std::unordered_map<std::string, std::string> passed_; // messages that somebody follows, and who brought them
    std::string failure_;
    std::uint64_t last_handle_ = 0;
    std::uint64_t completed_ = 0;
    bool left_ = false;
};

} // namespace gateway::delivery
