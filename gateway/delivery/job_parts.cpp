// The outcome of a whole, collected from its parts.
#include "gateway/delivery/job_parts.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {

struct collection {
    outcome all;
    std::size_t missing = 2; // parts
    std::function<void(outcome)> done;
};

job part_of(const job& whole, std::vector<std::size_t> positions, const std::shared_ptr<collection>& collected)
{
    job made;
    made.message = whole.message;
    made.withdrawn = whole.withdrawn;
    for (const auto at : positions) made.recipients.push_back(whole.recipients[at]);
    made.done = [collected, positions = std::move(positions)](outcome result) {
        for (std::size_t i = 0; i < positions.size(); ++i)
            collected->all.verdicts[positions[i]] = std::move(result.verdicts[i]);
        collected->all.unreachable |= result.unreachable;
        if (--collected->missing == 0) collected->done(std::move(collected->all));
    };
    return made;
}

} // namespace

std::pair<job, job> divide(job whole, const std::vector<std::size_t>& first)
{
    std::vector<std::size_t> others;
    for (std::size_t at = 0; at < whole.recipients.size(); ++at)
        if (!std::binary_search(first.begin(), first.end(), at)) others.push_back(at);
    auto collected = std::make_shared<collection>();
    collected->all.verdicts.resize(whole.recipients.size(), mapping::verdict::deferred({4, 3, 0}, "not tried"));
    collected->done = std::move(whole.done);
    return {part_of(whole, first, collected), part_of(whole, std::move(others), collected)};
}

} // namespace gateway::delivery
