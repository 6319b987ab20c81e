// What the administration API asks of the daemon. The daemon implements it on its event loop; the API server calls it
// there, so no call may block for long. Plain values: how they look as JSON is json.cpp's business.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::admin {

using unix_seconds = std::int64_t;

struct health {
    bool ok = true;
    std::vector<std::string> problems; // "spool: less than 1GiB free"; empty when ok
};

struct session_counts {
    std::uint64_t smtp_server = 0, smtp_client = 0, xproto_server = 0, xproto_client = 0;
};

struct queue_counts {
    std::uint64_t messages = 0; // all that are in the spool and not yet settled
    std::uint64_t due = 0;      // of these: waiting for a session, not for time
    std::uint64_t active = 0;   // being delivered now
    std::uint64_t deferred = 0; // waiting for their next attempt
    std::uint64_t octets = 0;
    std::int64_t oldest_seconds = 0;
};

struct status {
    std::string version;
    std::int64_t pid = 0;
    unix_seconds started = 0;
    std::int64_t uptime_seconds = 0;
    std::string site, host;
    std::string config;                                        // the configuration file
    std::map<std::string, std::vector<std::string>> addresses; // as bound: "smtp" -> {"127.0.0.1:43211"}
    session_counts sessions;
    queue_counts queue;
    unix_seconds certificate_until = 0;          // the end of the host's certificate
    std::map<std::string, std::uint64_t> totals; // "accepted", "delivered", ... since the start
    admin::health health;
};

struct queue_filter {
    std::string sender, recipient, domain; // each, when not empty: exact, without letter case; domain: of a recipient
    std::string after;                     // the last id of the previous page
    std::size_t limit = 100;               // at most 1000
};

struct queued_recipient {
    std::uint32_t number = 0;
    std::string address;
    std::string state; // "waiting", "active", "delivered", "failed", "expired", "repeated"
    std::uint32_t attempts = 0;
    unix_seconds next_attempt = 0; // 0: none
    std::string last_code;         // "4.4.1"; empty before the first attempt
    std::string last_text;
};

struct queued_message {
    std::string id;        // the gateway's own, as in the log
    std::string xproto_id; // the message's, as peers see it
    std::string sender;    // empty: the null sender
    unix_seconds accepted = 0;
    unix_seconds expires = 0;
    bool held = false;          // a dead letter: not attempted until it is retried
    std::string protocol, peer; // how and from whom it came
    std::uint64_t envelope_octets = 0, headers_octets = 0, body_octets = 0;
    std::vector<queued_recipient> recipients;
};

// What became of one probe of a traceroute.
struct traceroute_step {
    enum class kind { waiting, answered, failed };
    kind state = kind::waiting;
    std::int64_t milliseconds = 0; // until it was answered, or came back
    std::uint32_t hop = 0;         // when answered
    std::string host, next;        // likewise
    unix_seconds arrival = 0;      // likewise
    std::string failure;           // when failed
};

// A domain that mail is not sent to by SMTP (docs/operating.md).
struct pinned_domain {
    std::string domain;
    unix_seconds until = 0;
    bool secure = false; // was its policy signed (DNSSEC)?
};

enum class object { envelope, headers, body };

class control {
  public:
    virtual ~control() = default;

    virtual admin::status status() = 0;
    virtual admin::health health() = 0;
    virtual std::string metrics() = 0; // Prometheus text

    // In order of acceptance.
    virtual std::vector<queued_message> queue_list(const queue_filter& filter) = 0;
    virtual std::optional<queued_message> queue_show(std::string_view id) = 0;
    // Up to `octets` of an object from `offset`; empty at its end, an error when the message is gone or cannot be read.
    virtual boost::system::result<std::string> queue_read(std::string_view id, object which, std::uint64_t offset,
                                                          std::size_t octets) = 0;
    // Makes messages due now; without an id, all. How many it were: 0 when there is no such message.
    virtual std::uint64_t queue_retry(std::optional<std::string_view> id) = 0;
    // Forgets messages, without a report to anyone; those being delivered at this moment may still arrive.
    virtual std::uint64_t queue_delete(std::optional<std::string_view> id) = 0;

    // Sends a probe that finds out which way mail for an address takes, up to so many hosts. Its name, or what is
    // wrong.
    struct probe_outcome {
        std::string id, problem;
    };
    virtual probe_outcome traceroute_send(const std::string& address, std::uint32_t hops) = 0;
    virtual std::optional<traceroute_step> traceroute_show(std::string_view id) = 0;
    virtual std::vector<pinned_domain> pins() = 0;
    // False: there is no such pin.
    virtual bool pin_delete(std::string_view domain) = 0;

    // Reads the configuration again. What is wrong with it, one line each; empty when it is now in use.
    struct reload_outcome {
        bool done = false;
        std::vector<std::string> messages; // problems, or the keys that wait for a restart
    };
    virtual reload_outcome reload() = 0;
};

} // namespace gateway::admin
