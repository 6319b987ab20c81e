// What the daemon's parts that know no configuration are made with, worked out from it.
#pragma once

#include "gateway/config/settings.hpp"
#include "gateway/net/unbound.hpp"
#include "gateway/spool/disk.hpp"
#include "gateway/spool/held_objects.hpp"

namespace gateway::daemon {

// Without its hooks: the daemon's own.
spool::disk_settings spool_settings(const config::settings& settings);
spool::held_limits held_limits(const config::settings& settings);
net::dns_settings dns_settings(const config::settings& settings);

} // namespace gateway::daemon
