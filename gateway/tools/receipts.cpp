#include "gateway/tools/receipts.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>

namespace gateway::tools {

receipts::receipts(log::logger& log, std::unique_ptr<message_folder> folder, std::uint64_t enough,
                   std::function<void()> on_enough)
    : log_(log), folder_(std::move(folder)), enough_(enough), on_enough_(std::move(on_enough))
{
}

std::unique_ptr<message_folder::entry> receipts::begin()
{
    if (messages_ == 0 && first_ == clock::time_point{}) first_ = clock::now();
    return folder_ ? folder_->begin() : nullptr;
}

bool receipts::take(const receipt& what, std::unique_ptr<message_folder::entry> content)
{
    const auto number = content ? content->keep() : messages_ + 1;
    if (number == 0) {
        log_.error("not_kept", {{"id", what.id}, {"sender", what.sender}});
        return false;
    }
    ++messages_;
    octets_ += what.octets;
    last_ = clock::now();
    const bool sound =
        what.id.empty() || ((what.trace == "valid" || what.trace == "intact") && what.objects == "sound");
    if (!sound) ++flawed_;
    std::string recipients;
    for (const auto& one : what.recipients) recipients += (recipients.empty() ? "" : " ") + one;
    if (what.id.empty())
        log_.info("received", {{"number", number},
                               {"client", what.peer_address},
                               {"helo", what.peer},
                               {"sender", what.sender},
                               {"recipients", recipients},
                               {"octets", what.octets}});
    else
        log_.info("received", {{"id", what.id},
                               {"number", number},
                               {"peer", what.peer},
                               {"peer_address", what.peer_address},
                               {"sender", what.sender},
                               {"recipients", recipients},
                               {"octets", what.octets},
                               {"trace", what.trace},
                               {"objects", what.objects}});
    if (enough_ != 0 && messages_ == enough_) on_enough_();
    return true;
}

double receipts::seconds() const
{
    return messages_ == 0 ? 0 : std::chrono::duration<double>(last_ - first_).count();
}

std::string receipts::json() const
{
    const boost::json::object out{{"messages", messages_}, {"octets", octets_}, {"refused", refused_},
                                  {"sessions", sessions_}, {"flawed", flawed_}, {"seconds", seconds()}};
    return boost::json::serialize(out);
}

std::string receipts::text() const
{
    std::array<char, 256> line{};
    std::snprintf(line.data(), line.size(),
                  "%llu messages, %llu octets, %llu refused, %llu flawed, %llu sessions, %.3f s",
                  static_cast<unsigned long long>(messages_), static_cast<unsigned long long>(octets_),
                  static_cast<unsigned long long>(refused_), static_cast<unsigned long long>(flawed_),
                  static_cast<unsigned long long>(sessions_), seconds());
    return line.data();
}

} // namespace gateway::tools
