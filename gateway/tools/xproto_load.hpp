// An xproto load generator: parcels that were made and signed beforehand, sent over several sessions at once.
#pragma once

#include "gateway/tools/load_result.hpp"
#include "gateway/tools/xproto_client.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

namespace gateway::tools {

class xproto_load {
  public:
    xproto_load(workbench& bench, const client_setup& setup, std::vector<xproto_client::parcel_ptr> parcels);

    // Starts all sessions; the workbench finishes when the last has ended.
    void start(std::uint32_t sessions);
    const load_result& result() const { return result_; }
    // Was any session let in?
    bool reached() const { return reached_; }

  private:
    xproto_client::parcel_ptr next();
    void take(const parcel& sent, const xproto::client_session::result& outcome);
    void ended(const session_report& report);

    workbench& bench_;
    const client_setup& setup_;
    std::vector<xproto_client::parcel_ptr> parcels_; // not sent yet, the next at the end
    std::unordered_map<std::string_view, load_result::clock::time_point> under_way_; // by id
    load_result result_;
    std::uint32_t running_ = 0;
    bool reached_ = false;
};

} // namespace gateway::tools
