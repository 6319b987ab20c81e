// A job in two parts, when not all of its recipients may share a transaction.
#pragma once

#include "gateway/delivery/courier.hpp"

#include <iterator>
#include <utility>
#include <vector>

namespace gateway::delivery {

// The job of what is kept with one: itself, or what has one.
template <class Work> const job& job_of(const Work& work)
{
    if constexpr (requires { work->job; })
        return work->job;
    else if constexpr (requires { work.job; })
        return work.job;
    else
        return work;
}

// Takes what is there for this message out of a list.
template <class List> std::vector<typename List::value_type> take_out(List& all, spool::entry_id id)
{
    std::vector<typename List::value_type> found;
    for (auto at = all.begin(); at != all.end();) {
        const bool mine = job_of(*at).message->id == id;
        if (mine) found.push_back(std::move(*at));
        at = mine ? all.erase(at) : std::next(at);
    }
    return found;
}

// The recipients at these positions of job.recipients (ascending, neither none nor all) and the others. The job is done
// when both parts are.
std::pair<job, job> divide(job whole, const std::vector<std::size_t>& first);

} // namespace gateway::delivery
