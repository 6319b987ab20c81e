// A job in two parts, when not all of its recipients may share a transaction.
#pragma once

#include "gateway/delivery/courier.hpp"

#include <utility>
#include <vector>

namespace gateway::delivery {

// The recipients at these positions of job.recipients (ascending, neither none nor all) and the others. The job is done
// when both parts are.
std::pair<job, job> divide(job whole, const std::vector<std::size_t>& first);

} // namespace gateway::delivery
