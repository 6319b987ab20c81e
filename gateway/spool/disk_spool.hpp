// The durable spool as the event loop sees it: reads from the catalogue and the segments itself, and hands everything
// that writes to the commit thread.
#pragma once

#include "gateway/spool/committer.hpp"

namespace gateway::spool {

class disk_spool : public spool {
  public:
    // `lock` keeps the folder ours for as long as the spool lives.
    disk_spool(const disk_settings& settings, file lock, committer::parts parts, segment_log log,
               std::uint64_t messages);

    std::unique_ptr<writer> begin() override;
    void update(const record& message) override;
    void settle(entry_id id) override;
    result<record> find(entry_id id) override;
    void for_each(const std::function<bool(const record&)>& visit, entry_id after) override;
    result<std::unique_ptr<reader>> open(const record& message) override;
    std::vector<std::string> already_have(std::string_view peer_identity, std::string_view message_id) override;
    health_report health() const override;
    usage_report usage() const override;

  private:
    result<record> understand(entry_id id, const result<std::string>& octets);

    disk_limits limits_;
    poster post_;
    std::function<std::int64_t()> clock_;
    file lock_;
    committer::parts parts_;
    entry_id last_id_;
    committer committer_; // last: ends before what it uses
};

} // namespace gateway::spool
