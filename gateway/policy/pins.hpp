// The memory of domains that were seen to demand xproto, so that nobody who can make their policy disappear from the
// DNS can make their mail go by SMTP. A small file, written anew as a whole and synced at each change.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::policy {

struct pin {
    std::int64_t until = 0; // Unix time
    bool secure = false;    // was the policy signed (DNSSEC)?

    bool operator==(const pin&) const = default;
};

class pins {
  public:
    static constexpr std::size_t most = 100'000;

    explicit pins(std::filesystem::path file) : file_(std::move(file)) {}

    // Why the file cannot be read; empty: it could, or is not there yet.
    std::string load(std::int64_t now);

    const pin* find(std::string_view domain, std::int64_t now) const;
    const std::map<std::string, pin, std::less<>>& all() const { return all_; }
    // Each: why it could not be written; empty: done. put() never shortens, and does not write for a change of less
    // than an hour.
    std::string put(const std::string& domain, const pin& fresh, std::int64_t now);
    std::string remove(std::string_view domain);

  private:
    std::string save() const;

    std::filesystem::path file_;
    std::map<std::string, pin, std::less<>> all_; // by domain, in canonical form
};

} // namespace gateway::policy
