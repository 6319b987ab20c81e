// Handing over between two threads.
#include "gateway/spool/inbox.hpp"

#include <iterator>

namespace gateway::spool {

bool inbox::anything() const
{
    return !next_.empty() || !waiting_.empty() || next_.closed;
}

void inbox::wake(std::unique_lock<std::mutex>& lock)
{
    lock.unlock();
    arrival_.notify_one();
}

bool inbox::put(handed_piece piece)
{
    std::unique_lock lock(mutex_);
    if (next_.closed) return false;
    next_.pieces.push_back(std::move(piece));
    wake(lock);
    return true;
}

bool inbox::put(handed_commit commit)
{
    std::unique_lock lock(mutex_);
    if (next_.closed) return false;
    next_.commits.push_back(std::move(commit));
    wake(lock);
    return true;
}

void inbox::abandon(std::shared_ptr<intake> what)
{
    std::unique_lock lock(mutex_);
    if (next_.closed) return;
    next_.abandoned.push_back(std::move(what));
    wake(lock);
}

void inbox::update(const record& message)
{
    std::unique_lock lock(mutex_);
    if (next_.closed) return;
    const auto settled = [&message](const change_map& where) {
        const auto found = where.find(message.id);
        return found != where.end() && !found->second;
    };
    if (settled(waiting_) || settled(applying_)) return;
    waiting_[message.id] = message;
    wake(lock);
}

void inbox::settle(entry_id id)
{
    std::unique_lock lock(mutex_);
    if (next_.closed) return;
    waiting_[id] = std::nullopt;
    wake(lock);
}

std::optional<change> inbox::find_change(entry_id id) const
{
    const std::lock_guard lock(mutex_);
    for (const auto* where : {&waiting_, &applying_}) {
        const auto found = where->find(id);
        if (found != where->end()) return found->second;
    }
    return std::nullopt;
}

void inbox::close()
{
    std::unique_lock lock(mutex_);
    next_.closed = true;
    wake(lock);
}

inbox::delivery inbox::take(std::chrono::milliseconds patience)
{
    std::unique_lock lock(mutex_);
    arrival_.wait_for(lock, patience, [this] { return anything(); });
    delivery taken;
    std::swap(taken, next_);
    next_.closed = taken.closed;
    if (applying_.empty()) {
        std::swap(applying_, waiting_);
        return taken;
    }
    for (auto& [id, value] : waiting_) applying_[id] = std::move(value);
    waiting_.clear();
    return taken;
}

void inbox::put_back(std::vector<handed_commit> commits)
{
    const std::lock_guard lock(mutex_);
    next_.commits.insert(next_.commits.begin(), std::make_move_iterator(commits.begin()),
                         std::make_move_iterator(commits.end()));
}

void inbox::applied()
{
    change_map done; // destroyed after the lock is gone
    const std::lock_guard lock(mutex_);
    std::swap(done, applying_);
    ++rounds_;
}

std::uint64_t inbox::rounds() const
{
    const std::lock_guard lock(mutex_);
    return rounds_;
}

} // namespace gateway::spool
