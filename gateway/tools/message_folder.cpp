#include "gateway/tools/message_folder.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace gateway::tools {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t digits = 5; // at least

// 17 of "00017", "00017.eml"; 0 of any other name.
std::uint64_t number_of(const std::string& name)
{
    std::uint64_t number = 0;
    const auto end = name.data() + std::min(name.find('.'), name.size());
    const auto parsed = std::from_chars(name.data(), end, number);
    return parsed.ec == std::errc{} && parsed.ptr == end ? number : 0;
}

} // namespace

cli::attempt<std::unique_ptr<message_folder>> message_folder::open(fs::path where, layout how)
{
    std::error_code ec;
    fs::create_directories(where, ec);
    if (ec) return cli::failure{"cannot make " + where.string() + ": " + ec.message()};
    std::unique_ptr<message_folder> made(new message_folder(std::move(where), how));
    for (const auto& one : fs::directory_iterator(made->where_, ec))
        made->last_ = std::max(made->last_, number_of(one.path().filename().string()));
    if (ec) return cli::failure{"cannot read " + made->where_.string() + ": " + ec.message()};
    return {boost::system::in_place_value, std::move(made)};
}

std::unique_ptr<message_folder::entry> message_folder::begin()
{
    const auto name = ".partial-" + std::to_string(::getpid()) + "-" + std::to_string(++begun_);
    return std::make_unique<entry>(*this, where_ / name);
}

fs::path message_folder::numbered(std::uint64_t number, const std::string& ending) const
{
    auto name = std::to_string(number);
    name.insert(0, digits - std::min(digits, name.size()), '0');
    return where_ / (name + ending);
}

message_folder::entry::~entry()
{
    parts_.clear();
    std::error_code ignored;
    fs::remove_all(place_, ignored);
}

void message_folder::entry::write(const std::string& part, std::string_view octets)
{
    const auto [found, added] = parts_.try_emplace(part);
    auto& file = found->second;
    if (added) {
        std::error_code ec;
        fs::create_directories(place_, ec);
        file.open(place_ / part, std::ios::binary | std::ios::trunc);
    }
    file.write(octets.data(), static_cast<std::streamsize>(octets.size()));
    if (!file) failed_ = true;
}

std::uint64_t message_folder::entry::keep()
{
    for (auto& [name, file] : parts_) {
        file.close();
        if (!file) failed_ = true;
    }
    if (failed_) return 0;
    const auto number = owner_.last_ + 1;
    std::error_code ec;
    if (owner_.layout_ == layout::folders) {
        fs::rename(place_, owner_.numbered(number, ""), ec);
    } else {
        for (const auto& [name, file] : parts_)
            if (!ec) fs::rename(place_ / name, owner_.numbered(number, "." + name), ec);
    }
    if (ec) return 0;
    owner_.last_ = number;
    return number;
}

} // namespace gateway::tools
