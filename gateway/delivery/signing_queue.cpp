// Opens what waits, signs it, and keeps it until it is sent.
#include "gateway/delivery/signing_queue.hpp"

#include "gateway/delivery/job_parts.hpp"

#include <utility>

namespace gateway::delivery {

signing_queue::signing_queue(runtime& gateway, std::shared_ptr<const site::identity> identity, std::string host)
    : gateway_(gateway), identity_(std::move(identity)), host_(std::move(host))
{
}

std::optional<signed_job> signing_queue::next(const std::function<std::optional<job>()>& take)
{
    if (ready_.empty()) sign(take);
    if (ready_.empty()) return std::nullopt;
    auto first = std::move(ready_.front());
    ready_.pop_front();
    return first;
}

void signing_queue::sign(const std::function<std::optional<job>()>& take)
{
    xproto::signature_batch batch;
    while (batch.size() < largest_batch) {
        auto next = take();
        if (!next) break;
        signed_job work;
        work.job = std::move(*next);
        if (const auto failed = native_content::open(gateway_, *identity_, work.job, host_, batch, work.content))
            unreadable(work.job, *failed);
        else
            ready_.push_back(std::move(work));
    }
    const auto made = batch.sign(identity_->host_key());
    std::erase_if(ready_, [&](signed_job& work) {
        const auto failed = work.content->seal(*identity_, made[work.content->signature_number()]);
        if (failed) unreadable(work.job, *failed);
        return failed.has_value();
    });
}

void signing_queue::unreadable(job& of, const mapping::verdict& why) const
{
    gateway_.log.error("message_unreadable", {{"id", of.message->id.text()}, {"reason", why.detail}});
    of.finish(why);
}

void signing_queue::withdraw(spool::entry_id id)
{
    for (auto& work : take_out(ready_, id)) work.job.finish_withdrawn();
}

void signing_queue::finish_all(const std::function<void(job&)>& finish)
{
    for (auto& work : std::exchange(ready_, {})) finish(work.job);
}

} // namespace gateway::delivery
