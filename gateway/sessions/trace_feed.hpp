// Who hears what becomes of a message after this gateway has taken it: the session that brought it, for as long as it
// lives (docs/xproto.md, "Live trace").
#pragma once

#include "xproto/trace_notice.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace gateway::sessions {

class trace_feed {
  public:
    class listener {
      public:
        virtual void on_hop(const xproto::hop_notice& what) = 0;

      protected:
        ~listener() = default;
    };

    // A message as the duplicate memory knows it: the peer's proved name, and the id.
    using message = std::pair<std::string, std::string>;

    // From now on `who` hears of this message; whoever heard of it before does no longer.
    void follow(const message& which, std::weak_ptr<listener> who) { followed_[which] = {std::move(who), 0}; }
    void leave(const message& which) { followed_.erase(which); }
    bool is_followed(const message& which) const { return followed_.contains(which); }

    // Tells it to who follows the message that `what` names, up to xproto::most_hop_notices times.
    void tell(const std::string& peer, const xproto::hop_notice& what)
    {
        const auto found = followed_.find({peer, what.message_id});
        if (found == followed_.end()) return;
        const auto who = found->second.who.lock();
        if (!who || ++found->second.told == xproto::most_hop_notices) followed_.erase(found);
        if (who) who->on_hop(what);
    }

  private:
    struct follower {
        std::weak_ptr<listener> who;
        std::size_t told = 0;
    };
    std::map<message, follower> followed_;
};

// The messages of one session whose later way it hears of: the last ones.
class trace_following {
  public:
    static constexpr std::size_t most = 4096;

    explicit trace_following(trace_feed& feed) : feed_(feed) {}
    ~trace_following()
    {
        for (const auto& one : messages_) feed_.leave(one);
    }
    trace_following(const trace_following&) = delete;
    trace_following& operator=(const trace_following&) = delete;

    void add(trace_feed::message which, std::weak_ptr<trace_feed::listener> who)
    {
        if (messages_.size() == most) {
            feed_.leave(messages_.front());
            messages_.pop_front();
        }
        messages_.push_back(which);
        feed_.follow(which, std::move(who));
    }

  private:
    trace_feed& feed_;
    std::deque<trace_feed::message> messages_;
};

} // namespace gateway::sessions
