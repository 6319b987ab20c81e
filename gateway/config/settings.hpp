// The configuration as the daemon uses it. Every field is a key of the TOML file with the same name; what each means,
// and its default, is in the table of keys (keys.cpp), from which docs/configuration.md is generated.
//
// A settings object comes from load() or defaults(); on its own it is all zeros.
#pragma once

#include "gateway/config/endpoint.hpp"
#include "gateway/config/expression.hpp"
#include "gateway/log/logger.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

enum class bare_newline { reject, normalize, carry };
enum class starttls { offered, off };
enum class client_tls { opportunistic, required, none };
enum class route_via { xproto, smtp, lmtp, dns };
enum class route_policy { by_domain, obey, ignore };
enum class trust { unknown, known, trusted };
enum class peer_tls { required, optional };
enum class start { tls, clear };
enum class session_by { us, them };
enum class audience { off, trusted, known };
// When a message is filtered: as each of its objects is announced, and when it is there (docs/operating.md).
enum class filter_stage { earliest, envelope_announced, envelope, headers_announced, headers, body_announced };
enum class filter_action { refuse, defer, accept };
enum class list_kind { block, vouch };
enum class list_by { host, domain, address, sender, issuer };
enum class list_failure { ignore, defer };
enum class mail_protocol { any, smtp, xproto };
enum class tls_version { none, tls_1_2, tls_1_3 };
enum class carrier { native, always, never };
enum class views { useful, all, none };
enum class unknown_peers { refuse, accept };
enum class directory_tls { starttls, none };

struct tls_settings {
    std::filesystem::path certificate; // PEM, the host's certificate first, then its chain
    std::filesystem::path key;         // PEM
    std::filesystem::path ca;          // PEM, the CA that issues this site's certificates
    std::filesystem::path ca_key;      // PEM
};

struct smtp_settings {
    std::vector<endpoint> listen;
    std::string hostname; // never empty after load(): `host` unless set
    config::starttls starttls = config::starttls::offered;
    std::vector<network> relay_from;
    config::bare_newline bare_newline = config::bare_newline::reject;
    config::client_tls client_tls = config::client_tls::opportunistic;
    std::filesystem::path ca; // PEM; empty: the system's
    std::uint64_t sessions_per_destination = 0;
};

struct xproto_settings {
    std::vector<endpoint> listen;
    std::vector<endpoint> clear_listen;
    audience trace = audience::trusted;
    audience traceroute = audience::trusted;
    std::uint64_t sessions_per_destination = 0;
    std::vector<std::string> extensions; // words of transfer extensions; `*`: all
    std::uint64_t split_octets = 0;      // 0: bodies are not split
    std::uint64_t fragment_octets = 0;   // 0: objects are sent whole
    std::uint64_t resume_octets = 0;
    std::vector<std::string> refuse_leaves;
    bool compress = false;
    config::unknown_peers unknown_peers = config::unknown_peers::refuse;
};

struct trust_settings {
    std::vector<std::filesystem::path> known_ca;   // PEM: validate hosts that no [[peer]] names
    std::vector<std::filesystem::path> trusted_ca; // PEM: and make them trusted
};

struct dns_settings {
    std::vector<endpoint> servers; // none: those of /etc/resolv.conf
    std::filesystem::path trust_anchor;
};

struct admin_settings {
    std::filesystem::path socket;
    std::vector<endpoint> listen;
};

struct mapping_settings {
    config::carrier carrier = config::carrier::native;
    config::views views = config::views::useful;
    std::uint64_t carrier_octets = 0;
    std::uint64_t undo_octets = 0;
};

struct queue_settings {
    std::vector<std::chrono::seconds> retry; // never empty; the last one repeats
    std::chrono::seconds expire{};
    std::chrono::seconds delay_notice{}; // 0: none
    std::chrono::seconds dead_letters{}; // 0: none are kept
};

struct timeout_settings {
    std::chrono::seconds connect{};
    std::chrono::seconds helo{};
    std::chrono::seconds reply{};
    std::chrono::seconds data{};
    std::chrono::seconds progress{};
    std::chrono::seconds idle{};
    std::chrono::seconds drain{};
    std::chrono::seconds dns{};
    std::chrono::seconds list{};
};

// Sizes in octets unless the name says otherwise.
struct limit_settings {
    std::uint64_t message_octets = 0;
    std::uint64_t header_octets = 0;
    std::uint64_t header_fields = 0;
    std::uint64_t envelope_object_octets = 0;
    std::uint64_t headers_object_octets = 0;
    std::uint64_t recipients = 0;
    std::uint64_t hops = 0;
    std::uint64_t extensions = 0;
    std::uint64_t smtp_line_octets = 0;
    std::uint64_t helo_octets = 0;
    std::uint64_t chunk_octets = 0;
    std::uint64_t window_transfers = 0;
    std::uint64_t window_transfers_trusted = 0;
    std::uint64_t window_octets = 0;
    std::uint64_t unasked_octets = 0;
    std::uint64_t sessions = 0;
    std::uint64_t sessions_per_address = 0;
    std::uint64_t sessions_per_unknown_peer = 0;
    std::uint64_t messages_per_session = 0;
    std::uint64_t traceroutes_per_minute = 0;
    std::uint64_t least_rate = 0; // octets per second
    std::uint64_t errors_per_session = 0;
    std::uint64_t leaf_store = 0;
    std::chrono::seconds leaf_memory{};
    std::uint64_t partial_messages = 0; // a number
    std::uint64_t partial_octets = 0;
    std::chrono::seconds partial_age{};
    std::uint64_t list_octets = 0;
    std::uint64_t list_entries = 0; // a number
};

struct spool_settings {
    std::uint64_t segment_octets = 0;
    std::uint64_t free_space_floor = 0; // octets
    std::chrono::seconds duplicate_memory{};
};

struct log_settings {
    log::level level = log::level::info;
    log::format format = log::format::logfmt;
};

struct route {
    std::string domain; // lower case, no trailing dot: "name", "*.name" or "*"
    route_via via = route_via::dns;
    endpoint to;      // for xproto and smtp
    std::string host; // for xproto: the name that the next hop's certificate must prove; never empty after load()
    config::start start = config::start::tls;      // for xproto: what the port at `to` speaks first
    route_policy policy = route_policy::by_domain; // never that after load(); of a route by smtp: is a published
                                                   // policy that demands xproto obeyed?
    session_by session = session_by::us;           // for xproto: who opens the sessions; by them, there is no `to`

    bool operator==(const route&) const = default;
};

struct peer {
    std::string host;         // lower case
    std::filesystem::path ca; // PEM; empty: valid by trust.trusted_ca, trust.known_ca or delegation
    config::trust trust = config::trust::known;
    std::vector<std::string> domains;    // what a `known` peer may speak for; never empty after load()
    std::string address;                 // the peer's IP address, when only from there it may be; empty: anywhere
    std::vector<std::string> extensions; // as xproto.extensions, which it is after load() unless set
    peer_tls tls = peer_tls::required;
    bool keep = false;   // a session with it open at all times
    bool duplex = false; // may it send mail in sessions that we open?

    bool operator==(const peer&) const = default;
};

// A rule about mail. All conditions that are there must hold for it to apply.
struct filter {
    std::string name;                         // for the log; never empty after load()
    filter_stage at = filter_stage::earliest; // never `earliest` after load()
    filter_action action = filter_action::refuse;
    std::string code; // "5.7.1"; never empty after load()
    std::string text; // what the peer is told
    mail_protocol protocol = mail_protocol::any;
    std::vector<std::string> hosts;               // proved names of xproto peers: domain patterns
    std::vector<network> addresses;               // the peer's
    std::vector<config::trust> trust;             // the peer's
    tls_version min_tls = tls_version::none;      // less than this
    std::uint64_t max_octets = 0;                 // more than this; 0: any
    std::vector<std::string> senders, recipients; // "a@b", a domain pattern, or "<>"
    std::vector<std::string> options;             // OIDs of delivery extensions, names of SMTP parameters
    std::vector<std::string> media_type;          // "application/x-msdownload", "image/*"
    std::string field;                            // the name of a header field that is there,
    expression matches;                           // and whose text this is found in

    bool operator==(const filter&) const = default;
};

// Hosts and senders that somebody vouches for, or warns of. One of file, dns and url is set.
struct trust_list {
    std::string name; // for the log; never empty after load()
    list_kind kind = list_kind::block;
    list_by by = list_by::host;
    std::filesystem::path file;
    std::string dns;                         // a zone (RFC 5782)
    std::string url;                         // https://
    std::filesystem::path ca;                // PEM, for url: the CA of its server; empty: the system's
    std::chrono::seconds refresh{}, stale{}; // for url
    list_failure on_failure = list_failure::ignore;

    bool operator==(const trust_list&) const = default;
};

// Where LDAP has the CAs of domains.
struct directory {
    std::string domain;       // as a route's
    std::string server;       // ldap://host:port or ldaps://host:port
    std::filesystem::path ca; // PEM, the CA of the directory's own certificate; empty: the system's
    directory_tls tls = directory_tls::starttls;

    bool operator==(const directory&) const = default;
};

struct position {
    std::uint32_t line = 0; // 1 is the first; 0: not in the file
    std::uint32_t column = 0;
};

struct settings {
    std::filesystem::path file; // as it was named; empty for defaults()
    std::map<std::string, position>
        places; // where each key stands in it: "smtp.listen", "route[2].to" (1 is the first)

    std::string site;
    std::string host;
    std::filesystem::path state;
    tls_settings tls;
    smtp_settings smtp;
    xproto_settings xproto;
    trust_settings trust;
    dns_settings dns;
    admin_settings admin;
    mapping_settings mapping;
    queue_settings queue;
    timeout_settings timeouts;
    limit_settings limits;
    spool_settings spool;
    log_settings log;
    std::vector<route> routes;          // [[route]], in the order of the file
    std::vector<peer> peers;            // [[peer]]
    std::vector<filter> filters;        // [[filter]], in the order of the file
    std::vector<trust_list> lists;      // [[list]]
    std::vector<directory> directories; // [[directory]]

    // The first route that matches the domain of an address, or null. Compares as matches() does.
    const route* route_for(std::string_view domain) const;
    // May anyone send here for this domain? True when a route other than `*` or by dns names it; for all other domains
    // a client needs to be allowed to relay.
    bool takes_from_anyone(std::string_view domain) const;
    // Is this domain one of the site's own? True when anyone may send here for it and its mail does not leave for
    // another site by xproto.
    bool is_own(std::string_view domain) const;
    // May a client at this IP address send to any domain (smtp.relay_from)?
    bool may_relay(std::string_view address) const;
    const peer* peer_by_host(std::string_view host) const;
    // The first directory that covers this domain, or null.
    const directory* directory_for(std::string_view domain) const;
};

// Does a route's domain cover this one? Exact, `*.name` (everything below name, not name itself) or `*`. ASCII letters
// compare without case, a trailing dot is nothing, all other octets (U-labels) are compared as they are. An empty
// domain matches nothing.
bool matches(std::string_view pattern, std::string_view domain);

// ASCII lower case, one trailing dot removed: the form that domains are compared in.
std::string canonical_domain(std::string_view domain);

// Is a peer of this trust among them?
bool includes(audience whom, trust peer);

std::string_view to_text(route_via value);
std::string_view to_text(trust value);

} // namespace gateway::config
