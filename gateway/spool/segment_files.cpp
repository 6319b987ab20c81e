// The least recently used descriptor makes room for the next.
#include "gateway/spool/segment_files.hpp"

#include "gateway/spool/segment_log.hpp"

#include <algorithm>

namespace gateway::spool {

segment_files::segment_files(std::filesystem::path folder, std::size_t most, file_operations& files)
    : folder_(std::move(folder)), most_(std::max<std::size_t>(most, 1)), files_(files)
{
}

boost::system::result<std::shared_ptr<const file>> segment_files::open(std::uint64_t number)
{
    const std::lock_guard lock(mutex_);
    const auto found = by_number_.find(number);
    if (found != by_number_.end()) {
        recent_.splice(recent_.begin(), recent_, found->second);
        return recent_.front().handle;
    }
    auto opened = files_.open(folder_ / segment_name(number));
    if (!opened) return opened.error();
    recent_.push_front({number, std::make_shared<const file>(std::move(*opened))});
    by_number_[number] = recent_.begin();
    if (recent_.size() > most_) {
        by_number_.erase(recent_.back().number);
        recent_.pop_back();
    }
    return recent_.front().handle;
}

void segment_files::forget(std::uint64_t number)
{
    const std::lock_guard lock(mutex_);
    const auto found = by_number_.find(number);
    if (found == by_number_.end()) return;
    recent_.erase(found->second);
    by_number_.erase(found);
}

} // namespace gateway::spool
