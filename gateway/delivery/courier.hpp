// Couriers carry messages to one next hop each. The dispatcher hands them jobs; they open sessions as needed, keep them
// for the next job, and report one verdict for each recipient.
#pragma once

#include "gateway/spool/record.hpp"
#include "mapping/verdict.hpp"

#include <functional>
#include <memory>
#include <set>
#include <vector>

namespace gateway::delivery {

// What became of a job.
struct outcome {
    std::vector<mapping::verdict> verdicts; // one for each of the job's recipients, in the same order
    bool unreachable = false;               // the next hop did not answer at all: others need not try now

    static outcome same(std::size_t recipients, const mapping::verdict& all)
    {
        outcome made;
        made.verdicts.assign(recipients, all);
        return made;
    }
};

// A message, or its part for one next hop.
struct job {
    std::shared_ptr<const spool::record> message;
    std::vector<std::size_t> recipients;                        // indexes into message->recipients
    std::function<void(outcome)> done;                          // called exactly once
    bool returned = false;                                      // has a session that was closing given it back already?
    std::shared_ptr<const std::set<spool::entry_id>> withdrawn; // messages that are not to be sent any more

    bool is_withdrawn() const { return withdrawn && withdrawn->contains(message->id); }
    void finish_withdrawn() { finish(mapping::verdict::deferred({4, 3, 0}, "the message was deleted")); }

    void finish(const mapping::verdict& all) { done(outcome::same(recipients.size(), all)); }
};

class courier {
  public:
    virtual ~courier() = default;

    virtual void deliver(job next) = 0;
    // Have a session open even without work, and make it anew when it breaks.
    virtual void keep() {}
    // A message is not to be sent any more. Its jobs are finished: at once, or, where the next hop may have all of it
    // already, when it is known what became of it.
    virtual void withdraw(spool::entry_id id) = 0;
    // Finish what has begun, hand back what has not, close.
    virtual void drain() = 0;
};

} // namespace gateway::delivery
