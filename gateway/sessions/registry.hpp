// The live sessions: how many of each kind, how many from each address, and how to ask all of them to come to an end.
#pragma once

#include "gateway/metrics/metrics.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <string>
#include <unordered_map>

namespace gateway::sessions {

// A session that can be asked to finish. Leaves the registry by itself when it is destroyed.
class live_session
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  public:
    // Finish what is under way, take nothing new, then close.
    virtual void drain() = 0;
    // What a peer was believed and welcomed for may have changed: one that would not be let in now, or not as what it
    // was, is made to finish as by drain().
    virtual void review() {}
    // Close now. What is under way is lost to this session, never to the spool.
    virtual void abort() = 0;

  protected:
    live_session() = default;
    virtual ~live_session() = default;
};

class registry {
  public:
    explicit registry(metrics::daemon& counters) : counters_(counters) {}
    registry(const registry&) = delete;
    registry& operator=(const registry&) = delete;

    void add(live_session& session) { live_.push_back(session); }
    bool empty() const { return live_.empty(); }
    void drain_all();
    void review_all();
    void abort_all();

    // Counts a session for as long as it lives.
    class place {
      public:
        place(registry& owner, metrics::protocol protocol, metrics::side side, std::string address);
        ~place();
        place(const place&) = delete;
        place& operator=(const place&) = delete;

      private:
        registry& owner_;
        metrics::gauge& open_;
        std::string address_;
    };
    std::uint64_t total() const { return total_; }
    std::uint64_t from(const std::string& address) const;

  private:
    using list = boost::intrusive::list<live_session, boost::intrusive::constant_time_size<false>>;

    metrics::daemon& counters_;
    list live_;
    std::uint64_t total_ = 0;
    std::unordered_map<std::string, std::uint64_t> by_address_; // server side only
};

} // namespace gateway::sessions
