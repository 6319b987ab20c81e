// What every session needs of the gateway it runs in: wired once by the daemon, passed down by reference. All of it
// belongs to the one thread of the event loop (docs/adr/0002).
#pragma once

#include "gateway/config/settings.hpp"
#include "gateway/intake/traceroutes.hpp"
#include "gateway/log/logger.hpp"
#include "gateway/metrics/metrics.hpp"
#include "gateway/net/watchdog.hpp"
#include "gateway/sessions/registry.hpp"
#include "gateway/sessions/trace_feed.hpp"
#include "gateway/spool/held_objects.hpp"
#include "gateway/spool/spool.hpp"
#include "xproto/certificate_store.hpp"
#include "xproto/trace_batch.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <set>
#include <string>

namespace xproto {
class extension_table;
}
namespace gateway::site {
class identity;
}
namespace gateway::intake {
class senders;
}
namespace gateway::net {
class resolver;
}
namespace gateway::validity {
class host_validator;
}
namespace gateway::admission {
class filter;
}
namespace gateway::sessions {
class guest_mail;
}
namespace gateway::trust {
class lists;
}
namespace gateway::policy {
class path_guard;
}

namespace gateway {

// Who wants to hear of messages that have just become ours.
class acceptance_listener {
  public:
    virtual void on_accepted(spool::record accepted) = 0;

  protected:
    ~acceptance_listener() = default;
};

struct runtime {
    boost::asio::io_context& context;
    net::watchdog& dog;
    log::logger& log;
    metrics::daemon& counters;
    spool::spool& spool;
    spool::held_objects& held;
    sessions::registry& sessions;
    xproto::validation_cache& certificates;
    xproto::verified_batches& batches;
    const xproto::extension_table& extensions;
    intake::senders& senders;
    net::resolver& dns;
    validity::host_validator& hosts;
    admission::filter& filter;
    trust::lists& lists;
    policy::path_guard& paths;
    acceptance_listener* accepted = nullptr; // this and the next: set before the first session begins
    sessions::guest_mail* guests = nullptr;

    // Replaced as wholes by a reload; a session keeps what it began with.
    std::shared_ptr<const config::settings> settings;
    std::shared_ptr<const site::identity> identity;

    // Ids of messages that are being restored from what SMTP brought, until the duplicate memory knows them.
    std::set<std::string> restoring{};

    intake::traceroutes probes{};
    sessions::trace_feed traces{}; // what becomes of messages, for those who brought them

    std::int64_t now() const
    {
        return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
};

} // namespace gateway
