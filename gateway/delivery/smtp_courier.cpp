// Delivers to one next hop by SMTP.
#include "gateway/delivery/smtp_courier.hpp"

#include "gateway/delivery/job_parts.hpp"
#include "gateway/delivery/smtp_link.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {
constexpr std::int64_t clear_seconds = 600;
}

smtp_courier::smtp_courier(runtime& gateway, config::endpoint to) : gateway_(gateway), to_(std::move(to)) {}

smtp_courier::~smtp_courier() = default;

void smtp_courier::deliver(job next)
{
    waiting_.push_back(std::move(next));
    for (const auto& link : links_)
        if (link->idle()) return link->wake();
    const auto limit = gateway_.settings->smtp.sessions_per_destination;
    if (links_.size() < limit && opening_ < waiting_.size()) open_link();
}

void smtp_courier::drain()
{
    fail_waiting(mapping::verdict::deferred({4, 3, 2}, "the gateway is shutting down"));
    for (const auto& link : links_) link->drain();
}

void smtp_courier::open_link()
{
    ++opening_;
    auto link = std::make_shared<smtp_link>(gateway_, *this, to_);
    links_.push_back(link);
    link->start();
}

void smtp_courier::open_link_for_waiting()
{
    if (links_.empty() && !waiting_.empty()) open_link();
}

std::optional<job> smtp_courier::take()
{
    if (waiting_.empty()) return std::nullopt;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
}

void smtp_courier::withdraw(spool::entry_id id)
{
    for (auto& one : take_out(waiting_, id)) one.finish_withdrawn();
    const auto links = links_; // a link may leave
    for (const auto& link : links) link->withdraw(id);
}

void smtp_courier::put_back(job again)
{
    if (again.is_withdrawn()) return again.finish_withdrawn();
    waiting_.push_front(std::move(again));
    open_link();
}

void smtp_courier::tls_failed()
{
    clear_until_ = gateway_.now() + clear_seconds;
}

bool smtp_courier::may_use_tls() const
{
    return gateway_.now() >= clear_until_;
}

void smtp_courier::fail_waiting(const mapping::verdict& why)
{
    auto failed = std::move(waiting_);
    waiting_.clear();
    for (auto& one : failed) {
        auto result = outcome::same(one.recipients.size(), why);
        result.unreachable = true;
        one.done(std::move(result));
    }
}

} // namespace gateway::delivery
