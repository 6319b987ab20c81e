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

  private:
    friend class registry;
    std::uint64_t reviewed_ = 0; // in which round of reviews
};

class registry {
  public:
    explicit registry(metrics::daemon& counters) : counters_(counters) {}
    registry(const registry&) = delete;
    registry& operator=(const registry&) = delete;

    void add(live_session& session)
    {
        session.reviewed_ = round_; // it begins with what is known now
        live_.push_back(session);
    }
    bool empty() const { return live_.empty(); }
    void drain_all();
    // Begins a round of reviews, in which every session of now has its turn. False: one was under way already, and
    // whoever works on that works on this.
    bool begin_reviews();
    // The next few of a round, so that others have their turn, too. False: those were all.
    bool review_some();
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
    list live_; // those that this round has reviewed are behind those that it has not
    std::uint64_t round_ = 0;
    bool reviewing_ = false;
    std::uint64_t total_ = 0;
    std::unordered_map<std::string, std::uint64_t> by_address_; // server side only
};

} // namespace gateway::sessions
