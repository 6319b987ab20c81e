// What the administration API asks, answered from the daemon's parts.
#pragma once

#include "gateway/admin/control.hpp"
#include "gateway/delivery/dispatcher.hpp"
#include "gateway/runtime/runtime.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace gateway::daemon {

class controller final : public admin::control {
  public:
    controller(runtime& gateway, delivery::dispatcher& deliveries, std::string version,
               std::function<reload_outcome()> reload);

    void add_address(const std::string& name, const std::string& address) { addresses_[name].push_back(address); }

    admin::status status() override;
    admin::health health() override;
    std::string metrics() override;
    std::vector<admin::queued_message> queue_list(const admin::queue_filter& filter) override;
    std::optional<admin::queued_message> queue_show(std::string_view id) override;
    boost::system::result<std::string> queue_read(std::string_view id, admin::object which, std::uint64_t offset,
                                                  std::size_t octets) override;
    std::uint64_t queue_retry(std::optional<std::string_view> id) override;
    std::uint64_t queue_delete(std::optional<std::string_view> id) override;
    probe_outcome traceroute_send(const std::string& address, std::uint32_t hops) override;
    std::optional<admin::traceroute_step> traceroute_show(std::string_view id) override;
    std::vector<admin::pinned_domain> pins() override;
    bool pin_delete(std::string_view domain) override;
    reload_outcome reload() override { return reload_(); }

  private:
    admin::queued_message describe(const spool::record& message) const;
    void refresh_gauges();
    // Calls `act` for one message, or for all.
    std::uint64_t for_each_id(std::optional<std::string_view> id, const std::function<bool(spool::entry_id)>& act);

    runtime& gateway_;
    delivery::dispatcher& deliveries_;
    std::string version_;
    std::function<reload_outcome()> reload_;
    std::map<std::string, std::vector<std::string>> addresses_;
    admin::unix_seconds started_;
};

} // namespace gateway::daemon
