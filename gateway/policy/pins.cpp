// One line for each: the domain, when the pin ends, whether its policy was signed.
#include "gateway/policy/pins.hpp"

#include "gateway/spool/replace_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace gateway::policy {

namespace {

constexpr std::int64_t small_change = 3600;

std::string reason(const std::filesystem::path& file)
{
    return file.string() + ": " + std::strerror(errno);
}

} // namespace

std::string pins::load(std::int64_t now)
{
    std::error_code error;
    if (!std::filesystem::exists(file_, error)) return {};
    std::ifstream in(file_);
    if (!in) return reason(file_);
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        std::istringstream words(line);
        std::string domain, kind;
        pin read;
        if (!(words >> domain >> read.until >> kind) || (kind != "secure" && kind != "insecure"))
            return file_.string() + ":" + std::to_string(number) + ": this is no pin";
        read.secure = kind == "secure";
        if (read.until > now && all_.size() < most) all_[domain] = read;
    }
    return {};
}

const pin* pins::find(std::string_view domain, std::int64_t now) const
{
    const auto found = all_.find(domain);
    return found == all_.end() || found->second.until <= now ? nullptr : &found->second;
}

std::string pins::put(const std::string& domain, const pin& fresh, std::int64_t now)
{
    std::erase_if(all_, [now](const auto& one) { return one.second.until <= now; });
    auto found = all_.find(domain);
    if (found == all_.end() && all_.size() >= most) return "there are too many pins";
    if (found == all_.end()) found = all_.emplace(domain, pin{}).first;
    auto& known = found->second;
    const bool matters = fresh.until > known.until + small_change || (fresh.secure && !known.secure);
    if (fresh.until > known.until) known.until = fresh.until;
    known.secure |= fresh.secure;
    return matters ? save() : std::string();
}

std::string pins::remove(std::string_view domain)
{
    const auto found = all_.find(domain);
    if (found == all_.end()) return {};
    all_.erase(found);
    return save();
}

std::string pins::save() const
{
    std::ostringstream out;
    for (const auto& [domain, one] : all_)
        out << domain << ' ' << one.until << ' ' << (one.secure ? "secure" : "insecure") << '\n';
    return spool::replace_file(file_, out.str());
}

} // namespace gateway::policy
