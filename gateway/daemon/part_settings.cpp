// One key after the other.
#include "gateway/daemon/part_settings.hpp"

namespace gateway::daemon {

spool::disk_settings spool_settings(const config::settings& settings)
{
    spool::disk_settings made;
    made.folder = settings.state / "spool";
    made.limits.segment_octets = settings.spool.segment_octets;
    made.limits.free_space_floor = settings.spool.free_space_floor;
    made.limits.envelope_octets = settings.limits.envelope_object_octets;
    made.limits.headers_octets = settings.limits.headers_object_octets;
    made.duplicate_memory = settings.spool.duplicate_memory.count();
    return made;
}

spool::held_limits held_limits(const config::settings& settings)
{
    spool::held_limits made;
    made.leaf_octets = settings.limits.leaf_store;
    made.leaf_age = settings.limits.leaf_memory.count();
    made.partial_octets = settings.limits.partial_octets;
    made.partials = settings.limits.partial_messages;
    made.partial_age = settings.limits.partial_age.count();
    made.free_space_floor = settings.spool.free_space_floor;
    return made;
}

net::dns_settings dns_settings(const config::settings& settings)
{
    net::dns_settings made;
    for (const auto& server : settings.dns.servers)
        made.servers.push_back(server.host + "@" + std::to_string(server.port));
    made.trust_anchor = settings.dns.trust_anchor;
    made.patience = settings.timeouts.dns;
    return made;
}

} // namespace gateway::daemon
