// Brings messages from the spool to their next hops: decides by the routes where each recipient's copy goes, asks the
// schedule when, hands jobs to couriers, and settles what comes of them, with reports to the senders.
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/delivery/guest_courier.hpp"
#include "gateway/delivery/reporter.hpp"
#include "gateway/queue/schedule.hpp"
#include "gateway/runtime/runtime.hpp"
#include "gateway/sessions/session_driver.hpp"

#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gateway::delivery {

class dispatcher final : public acceptance_listener, public sessions::guest_mail {
  public:
    explicit dispatcher(runtime& gateway);
    ~dispatcher();

    // Takes up what the spool holds from before. Once, before the first message is accepted.
    void start();
    // Begins no further attempts; those under way come to their end.
    void drain();
    bool idle() const { return schedule_.counts().active == 0; }
    // After a reload of the configuration.
    void reconfigure();

    void on_accepted(spool::record accepted) override;
    std::unique_ptr<sessions::outgoing_mail> welcome(const std::string& host, xproto::sending_half& session,
                                                     sessions::session_driver& driver,
                                                     std::shared_ptr<const config::settings> settings,
                                                     std::shared_ptr<const site::identity> identity) override;

    // For the operator. A message that is held is released.
    bool retry_now(spool::entry_id id);
    bool forget(spool::entry_id id);
    queue::schedule_counts counts() const { return schedule_.counts(); }
    std::size_t due() const { return schedule_.count_due(gateway_.now()); }
    // When the next attempt for this recipient is made; "active" while one is under way.
    std::optional<queue::job_state> state_of(const spool::recipient& to, spool::entry_id id) const;
    // The host that has to open a session before this recipient's copy can go; empty: it waits for no such thing.
    std::string awaited_host(const spool::recipient& to) const;

  private:
    // Where a recipient's copy goes next. `key` is equal for what can share a courier.
    struct destination {
        std::string key;
        config::route_via via = config::route_via::dns;
        config::endpoint to;
        std::string host;
        config::start start = config::start::tls;
        bool guest = false; // does the host open the sessions?

        std::string as_next() const; // as the signed hop names it
    };
    using shared_record = std::shared_ptr<spool::record>;

    // Jobs that may be with couriers at once.
    static constexpr std::size_t active_limit = 4096;

    std::optional<destination> destination_of(const std::string& address) const;
    static destination destination_of(const config::route& route);
    void keep_sessions();
    void enlist(const spool::record& message);
    void kick();
    void work();
    void attempt(const queue::attempt& next);
    void deliver(job work, const destination& where);
    void deliver_allowed(job work, const destination& where, const std::map<std::string, std::string>& refused);
    std::string recipient_domain(const job& work, std::size_t position) const;
    void settle(const queue::attempt& tried, const shared_record& message, const std::vector<std::size_t>& recipients,
                const outcome& result);
    void apply(const queue::attempt& tried, spool::record& message, std::size_t recipient,
               const mapping::verdict& verdict);
    void report(const queue::attempt& tried, const shared_record& message, std::vector<reporter::item> items,
                bool unreachable);
    void answer(const queue::attempt& tried, const shared_record& message, bool unreachable);
    void milestone(spool::entry_id id);
    void expire(const shared_record& message);
    void save(spool::record& message);
    void lay_aside(spool::record& message);
    bool release(spool::entry_id id);
    void note_dead_letter(const spool::record& message);
    void forget_dead_letters();
    bool is_withdrawn(spool::entry_id id) const { return withdrawn_->contains(id); }
    void settle_withdrawn(const queue::attempt& tried, spool::record& message,
                          const std::vector<std::size_t>& recipients, const outcome& result);
    shared_record load(spool::entry_id id);
    shared_record share(spool::record message);
    courier& courier_for(const destination& where);
    static std::string guest_key(const std::string& host);
    guest_courier& guest(const std::string& host);
    bool has_come(const std::string& host) const;
    std::uint32_t at_once(const destination& where) const;
    queue::retry_policy policy() const;

    runtime& gateway_;
    queue::schedule schedule_;
    reporter reporter_;
    std::map<std::string, std::unique_ptr<courier>> couriers_;
    std::map<std::string, guest_courier> guests_; // by host
    // Messages that somebody works on: all jobs of one share its record. Jobs may outlive the dispatcher.
    std::shared_ptr<std::unordered_map<spool::entry_id, std::weak_ptr<spool::record>>> live_;
    // Messages that were deleted while somebody worked on them, for as long as they do.
    std::shared_ptr<std::set<spool::entry_id>> withdrawn_ = std::make_shared<std::set<spool::entry_id>>();
    // Records of messages just accepted, so that the first attempt need not read them back.
    std::unordered_map<spool::entry_id, shared_record> fresh_;
    // Messages that are held because they cannot be delivered and nobody can be told, by when they are forgotten.
    std::multimap<queue::unix_seconds, spool::entry_id> dead_letters_;
    boost::asio::steady_timer timer_;
    std::minstd_rand chance_;
    bool kicked_ = false, draining_ = false;
};

} // namespace gateway::delivery
