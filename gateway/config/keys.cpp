// The keys of the configuration, in the order that a file has them. To add one: a field in settings.hpp and a row here;
// docs/configuration.md is then printed anew by `isthmus config-reference`.
#include "gateway/config/keys.hpp"

#include "gateway/config/key_rows.hpp"

#include <array>

namespace gateway::config {

using namespace rows;

namespace {

using s = settings;

const std::array setting_table{
    row("site", field<&s::site>, required, host_name, "This site's domain.", restart),
    row("host", field<&s::host>, required, host_name,
        "This gateway's own name. Its certificate holds it, and peers know the gateway by it.", restart),
    row("state", field<&s::state>, R"("state")", any,
        "Folder for the spool, keys and memories. Like every path in this file, relative to the file.", restart),

    row("tls.certificate", field<&s::tls, &tls_settings::certificate>, R"("state/host.pem")", any,
        "The host's certificate and after it its chain, PEM. xproto and SMTP's STARTTLS both show it."),
    row("tls.key", field<&s::tls, &tls_settings::key>, R"("state/host-key.pem")", any,
        "The host certificate's private key, PEM. Mode 0600."),
    row("tls.ca", field<&s::tls, &tls_settings::ca>, R"("ca.pem")", any,
        "The CA that issues this site's certificates, PEM. This is what peers need of you."),
    row("tls.ca_key", field<&s::tls, &tls_settings::ca_key>, R"("state/ca-key.pem")", any,
        "The CA's private key, PEM, with which SMTP senders get certificates. Mode 0600."),

    row("smtp.listen", field<&s::smtp, &smtp_settings::listen>, R"(["127.0.0.1:2525"])", listener,
        "Where SMTP clients connect. Port 0: the kernel chooses, and `isthmus status` tells.", restart),
    row("smtp.hostname", field<&s::smtp, &smtp_settings::hostname>, absent, host_name,
        "What the gateway calls itself to SMTP clients and servers (220, EHLO). Without it, host."),
    row("smtp.starttls", field<&s::smtp, &smtp_settings::starttls>, R"("offered")", any,
        "Is STARTTLS offered to clients? \"offered\" or \"off\"."),
    row("smtp.client_tls", field<&s::smtp, &smtp_settings::client_tls>, R"("opportunistic")", any,
        "STARTTLS towards next hops: \"opportunistic\" (where offered), \"required\" or \"none\"."),
    row("smtp.ca", field<&s::smtp, &smtp_settings::ca>, absent, any,
        "CAs by which next hops prove themselves under STARTTLS, PEM. Only messages that demand it (REQUIRETLS) depend "
        "on "
        "that. Without it, the system's."),
    row("smtp.relay_from", field<&s::smtp, &smtp_settings::relay_from>, R"([])", any,
        "Networks whose clients may send to any domain, for example [\"127.0.0.0/8\"]. All others may send only to "
        "domains that a route names."),
    row("smtp.bare_newline", field<&s::smtp, &smtp_settings::bare_newline>, R"("reject")", any,
        "A CR or LF that stands alone in a message: \"reject\" the message, \"normalize\" each to CRLF, or \"carry\" "
        "the octets as they are; then the message goes out only where it can go unharmed (xproto, BINARYMIME)."),
    row("smtp.sessions_per_destination", field<&s::smtp, &smtp_settings::sessions_per_destination>, "20",
        count(1, 10'000), "SMTP sessions open at once to one next hop."),

    row("xproto.listen", field<&s::xproto, &xproto_settings::listen>, R"(["127.0.0.1:6525"])", listener,
        "Where xproto peers connect.", restart),
    row("xproto.clear_listen", field<&s::xproto, &xproto_settings::clear_listen>, R"([])", listener,
        "Where xproto sessions begin in clear, and change to TLS before anybody proves who it is. [] for none.",
        restart),
    row("xproto.sessions_per_destination", field<&s::xproto, &xproto_settings::sessions_per_destination>, "4",
        count(1, 10'000), "xproto sessions open at once to one peer. Each carries many messages at a time."),
    row("xproto.extensions", field<&s::xproto, &xproto_settings::extensions>, R"(["*"])", option_word,
        "Transfer extensions that are offered and used, by their words: [\"PIPE\"], or \"*\" for all but URG, which "
        "has to be named. Each still goes only to those whom it is meant for: strangers get none of them."),
    row("xproto.trace", field<&s::xproto, &xproto_settings::trace>, R"("trusted")", any,
        "Which peers are told, while their session lives, where their mail goes from here and what becomes of it "
        "(TRACE): \"trusted\", \"known\" (and trusted), or \"off\"."),
    row("xproto.traceroute", field<&s::xproto, &xproto_settings::traceroute>, R"("trusted")", any,
        "Which peers may bring probes that ask where mail goes from here (isthmus traceroute): as above."),
    row("xproto.split_octets", field<&s::xproto, &xproto_settings::split_octets>, R"("256KiB")", size(0, tib),
        "Bodies from this size on are sent split, to peers that take that: an attachment that a peer got from here "
        "before does not travel again. 0: no body is split."),
    row("xproto.fragment_octets", field<&s::xproto, &xproto_settings::fragment_octets>, R"("4MiB")", size(0, tib),
        "Where the peer has STAT, large objects are sent in fragments of this size. 0: whole."),
    row("xproto.resume_octets", field<&s::xproto, &xproto_settings::resume_octets>, R"("1MiB")", size(64 * kib, tib),
        "Bodies from this size on go on where they stopped when a connection breaks."),
    row("xproto.refuse_leaves", field<&s::xproto, &xproto_settings::refuse_leaves>, R"([])", any,
        "Attachments that peers need not send, when they send bodies split: media types and file names with * for any "
        "characters, for example [\"video/*\", \"*.exe\"]. This saves octets; it does not protect from peers that "
        "lie."),
    row("xproto.compress", field<&s::xproto, &xproto_settings::compress>, "false", any,
        "Are chunks compressed for peers that offer ZSTD? Worth it where the line is slower than the processor."),
    row("xproto.unknown_peers", field<&s::xproto, &xproto_settings::unknown_peers>, R"("refuse")", any,
        "Hosts that no [[peer]] names: \"refuse\" them, or \"accept\" those whose certificate is valid by "
        "trust.known_ca "
        "or by delegation. They may bring mail of their own domains for this site's own recipients, and no more. "
        "Routes may then name such hosts too."),

    row("trust.known_ca", field<&s::trust, &trust_settings::known_ca>, R"([])", any,
        "CAs, PEM files, whose certificates are valid for hosts that no [[peer]] names, or one without ca. The former "
        "stay unknown (xproto.unknown_peers)."),
    row("trust.trusted_ca", field<&s::trust, &trust_settings::trusted_ca>, R"([])", any,
        "CAs, PEM files, that make every host they certify a trusted peer, without a [[peer]]: for gateways of your "
        "own."),

    row("dns.servers", field<&s::dns, &dns_settings::servers>, R"([])", listener,
        "Name servers to ask, for example [\"127.0.0.1:53\"]. []: those of /etc/resolv.conf.", restart),
    row("dns.trust_anchor", field<&s::dns, &dns_settings::trust_anchor>, R"("/usr/share/dns/root.key")", any,
        "Keys that signed answers are held against (DNSSEC), as DNSKEY or DS records. Without the file no answer is "
        "believed where a signed one is needed.",
        restart),

    row("admin.socket", field<&s::admin, &admin_settings::socket>, R"("state/admin.sock")", any,
        "Unix socket on which `isthmus status`, `isthmus queue` and others reach the daemon. At most 107 octets.",
        restart),
    row("admin.listen", field<&s::admin, &admin_settings::listen>, R"(["127.0.0.1:8525"])", listener,
        "HTTP for monitoring: /health, /metrics and /status, read only. [] for none.", restart),

    row("mapping.carrier", field<&s::mapping, &mapping_settings::carrier>, R"("native")", any,
        "Which messages take their xproto objects with them when they leave by SMTP, in header fields that only a "
        "gateway reads: \"native\" (those born in xproto), \"always\" or \"never\"."),
    row("mapping.views", field<&s::mapping, &mapping_settings::views>, R"("useful")", any,
        "Which header fields say in decoded form, beside their text, what they mean: \"useful\" (where the text does "
        "not "
        "show it), \"all\" or \"none\"."),
    row("mapping.carrier_octets", field<&s::mapping, &mapping_settings::carrier_octets>, R"("64KiB")", size(kib, mib),
        "Most octets of these fields. A message whose objects need more leaves without them."),
    row("mapping.undo_octets", field<&s::mapping, &mapping_settings::undo_octets>, R"("1MiB")", size(0, gib),
        "Largest body of such a message that is held in memory when it comes back, to undo another encoding of it."),

    row("queue.retry", field<&s::queue, &queue_settings::retry>, R"(["1m", "5m", "15m", "1h"])", duration,
        "How long to wait after each failed attempt. The last one repeats."),
    row("queue.expire", field<&s::queue, &queue_settings::expire>, R"("5d")", duration,
        "How long to try before a message is returned to its sender."),
    row("queue.delay_notice", field<&s::queue, &queue_settings::delay_notice>, R"("4h")", any,
        "When to tell the sender that a message is late. Shorter than queue.expire. \"0s\": never."),
    row("queue.dead_letters", field<&s::queue, &queue_settings::dead_letters>, R"("7d")", any,
        "How long a report that nobody takes, or other mail without a sender to tell, stays in the queue, held, for "
        "the "
        "operator to see. \"0s\": it is forgotten."),

    row("timeouts.connect", field<&s::timeouts, &timeout_settings::connect>, R"("30s")", duration,
        "For a connection to be made."),
    row("timeouts.helo", field<&s::timeouts, &timeout_settings::helo>, R"("1m")", duration,
        "For TLS and the greetings at the beginning of a session."),
    row("timeouts.reply", field<&s::timeouts, &timeout_settings::reply>, R"("5m")", duration,
        "For the answer to a command. At most timeouts.data."),
    row("timeouts.data", field<&s::timeouts, &timeout_settings::data>, R"("10m")", duration,
        "For the answer to a whole message."),
    row("timeouts.progress", field<&s::timeouts, &timeout_settings::progress>, R"("1m")", duration,
        "After which a peer that waits for its message to be stored is told that it takes longer, again and again. "
        "Shorter than timeouts.reply and timeouts.data; if it is not set, it is at most half of either."),
    row("timeouts.idle", field<&s::timeouts, &timeout_settings::idle>, R"("5m")", duration,
        "For a client to say something; for an unused session to be closed."),
    row("timeouts.drain", field<&s::timeouts, &timeout_settings::drain>, R"("30s")", any,
        "For sessions to end by themselves after SIGTERM."),
    row("timeouts.dns", field<&s::timeouts, &timeout_settings::dns>, R"("10s")", duration,
        "For an answer of the DNS. Others wait meanwhile: shorter than timeouts.helo and timeouts.reply; if it is not "
        "set, "
        "it is at most half of either.",
        restart),
    row("timeouts.list", field<&s::timeouts, &timeout_settings::list>, R"("1m")", duration,
        "For a list to be fetched by HTTPS, from the look-up of its server to the last octet."),

    row("limits.message_octets", field<&s::limits, &limit_settings::message_octets>, R"("50MiB")", size(kib, tib),
        "Largest message, and largest xproto body. Announced to clients."),
    row("limits.header_octets", field<&s::limits, &limit_settings::header_octets>, R"("1MiB")", size(kib, gib),
        "Header fields of an SMTP message that are mapped. What is beyond travels with the body; nothing is lost."),
    row("limits.header_fields", field<&s::limits, &limit_settings::header_fields>, "4096", count(1, 1'000'000),
        "Number of header fields that are mapped; beyond, as above."),
    row("limits.envelope_object_octets", field<&s::limits, &limit_settings::envelope_object_octets>, R"("1MiB")",
        size(128 * kib, gib), "Largest xproto envelope object.", restart),
    row("limits.headers_object_octets", field<&s::limits, &limit_settings::headers_object_octets>, R"("4MiB")",
        size(16 * kib, gib), "Largest xproto headers object.", restart),
    row("limits.recipients", field<&s::limits, &limit_settings::recipients>, "1000", count(1, 100'000),
        "Recipients of one message. RFC 5321 asks for 100 at least."),
    row("limits.hops", field<&s::limits, &limit_settings::hops>, "64", count(1, 1000),
        "Hosts that a message may have passed, xproto hops and Received fields together; more is a loop."),
    row("limits.extensions", field<&s::limits, &limit_settings::extensions>, "64", count(0, 10'000),
        "Extensions in an envelope."),
    row("limits.smtp_line_octets", field<&s::limits, &limit_settings::smtp_line_octets>, R"("2KiB")", size(512, mib),
        "Longest SMTP command line. Message lines have no limit."),
    row("limits.helo_octets", field<&s::limits, &limit_settings::helo_octets>, R"("128KiB")", size(16 * kib, 16 * mib),
        "What an xproto peer may send before it has proved who it is."),
    row("limits.chunk_octets", field<&s::limits, &limit_settings::chunk_octets>, R"("64KiB")", size(kib, 16 * mib),
        "Largest chunk of an object on an xproto session."),
    row("limits.window_transfers", field<&s::limits, &limit_settings::window_transfers>, "64", count(1, 100'000),
        "Messages that a peer may have open at once on a session."),
    row("limits.window_transfers_trusted", field<&s::limits, &limit_settings::window_transfers_trusted>, "256",
        count(1, 100'000),
        "The same of a trusted peer, and of what is sent: the more, the fewer syncs does bulk mail cost."),
    row("limits.window_octets", field<&s::limits, &limit_settings::window_octets>, R"("8MiB")", size(64 * kib, gib),
        "Octets that a peer may have under way at once on a session."),
    row("limits.unasked_octets", field<&s::limits, &limit_settings::unasked_octets>, R"("4MiB")", size(kib, gib),
        "Octets that a trusted peer may send on a session before they are wanted (NOW); they are kept in memory."),
    row("limits.sessions", field<&s::limits, &limit_settings::sessions>, "2000", count(1, 1'000'000),
        "Sessions of clients and peers, of both protocols together."),
    row("limits.sessions_per_address", field<&s::limits, &limit_settings::sessions_per_address>, "100",
        count(1, 1'000'000), "Of these, from one IP address."),
    row("limits.sessions_per_unknown_peer", field<&s::limits, &limit_settings::sessions_per_unknown_peer>, "4",
        count(1, 1'000'000), "xproto sessions of one host that is let in by xproto.unknown_peers."),
    row("limits.messages_per_session", field<&s::limits, &limit_settings::messages_per_session>, "0",
        count(0, 1'000'000'000), "Messages that one SMTP session may bring. 0: any number."),
    row("limits.traceroutes_per_minute", field<&s::limits, &limit_settings::traceroutes_per_minute>, "60",
        count(0, 1'000'000), "Probes of peers that are dealt with; more are refused."),
    row("limits.least_rate", field<&s::limits, &limit_settings::least_rate>, "256", count(0, 1'000'000'000),
        "Octets a second that a peer must send on average, over timeouts.data, while content is under way."),
    row("limits.errors_per_session", field<&s::limits, &limit_settings::errors_per_session>, "20", count(1, 10'000),
        "Mistakes that a client may make before it is sent away."),
    row("limits.leaf_store", field<&s::limits, &limit_settings::leaf_store>, R"("1GiB")", size(0, 1024 * tib),
        "Attachments that peers have sent split are remembered in so many octets, so that the same peer need not send "
        "them again. 0: none is.",
        restart),
    row("limits.leaf_memory", field<&s::limits, &limit_settings::leaf_memory>, R"("7d")", duration,
        "How long an attachment is remembered after it was last of use.", restart),
    row("limits.partial_messages", field<&s::limits, &limit_settings::partial_messages>, "1000", count(0, 1'000'000),
        "Bodies and attachments that are arriving or have broken off, of which the beginning is kept. 0: none is.",
        restart),
    row("limits.partial_octets", field<&s::limits, &limit_settings::partial_octets>, R"("2GiB")", size(0, 1024 * tib),
        "Octets of these.", restart),
    row("limits.partial_age", field<&s::limits, &limit_settings::partial_age>, R"("24h")", duration,
        "How long such a beginning is kept.", restart),
    row("limits.list_octets", field<&s::limits, &limit_settings::list_octets>, R"("32MiB")", size(kib, gib),
        "Largest [[list]], in a file or fetched by HTTPS."),
    row("limits.list_entries", field<&s::limits, &limit_settings::list_entries>, "1000000", count(1, 100'000'000),
        "Entries of such a list."),

    row("spool.segment_octets", field<&s::spool, &spool_settings::segment_octets>, R"("64MiB")", size(mib, 16 * gib),
        "Size at which a segment file of the spool is full. It is removed when all its messages are settled.", restart),
    row("spool.free_space_floor", field<&s::spool, &spool_settings::free_space_floor>, R"("256MiB")",
        size(0, 1024 * tib),
        "With less free space than this, new mail is put off (452), so that what is here can still be delivered.",
        restart),
    row("spool.duplicate_memory", field<&s::spool, &spool_settings::duplicate_memory>, R"("7d")", duration,
        "How long a message that was taken from a peer is remembered, so that a repeat is not taken again. Longer than "
        "peers keep trying.",
        restart),

    row("log.level", field<&s::log, &log_settings::level>, R"("info")", any,
        "\"error\", \"warning\", \"info\" or \"debug\"."),
    row("log.format", field<&s::log, &log_settings::format>, R"("logfmt")", any,
        "\"logfmt\" (key=value) or \"json\". Lines go to standard error."),
};

const std::array route_table{
    row("domain", field<&route::domain>, required, pattern,
        "Domain of recipients: a name, \"*.name\" for all below it (not itself), or \"*\" for all."),
    row("via", field<&route::via>, required, any, "\"xproto\" or \"smtp\"."),
    row("to", field<&route::to>, absent, {form::plain, 1}, "The next hop: host and port."),
    row("host", field<&route::host>, absent, host_name,
        "For xproto: the name that the next hop must prove, the host of a [[peer]]. Without it, the peer that `to` or "
        "the domain points to."),
    row("start", field<&route::start>, R"("tls")", any,
        "For xproto: does a session begin with TLS (\"tls\"), or is `to` one of the peer's xproto.clear_listen "
        "(\"clear\")? Then it changes to TLS first, or ends; see the peer's tls."),
    row("session", field<&route::session>, R"("ours")", any,
        "For xproto: who opens the sessions in which the mail goes. \"ours\": this gateway, to `to`. \"theirs\": the "
        "host "
        "itself, which cannot be reached from here; there is no `to`, and mail waits in the queue until the host has "
        "come, proved its name and asked for it (the duplex of its [[peer]])."),
    row("policy", field<&route::policy>, absent, any,
        "For smtp: \"obey\" what domains publish: mail for one that demands xproto is held back, not sent by SMTP; or "
        "\"ignore\" it. Without it, \"*\" obeys, and a route that names its domain does not."),
};

constexpr std::string_view filter_example = R"([[filter]]
name = "no programs"
media_type = ["application/x-msdownload", "application/x-msdos-program"]
text = "programs are not taken by mail"

[[filter]]
at = "headers"
field = "Subject"
matches = "(?i)you have won"
)";

constexpr std::string_view list_example = R"([[list]]
kind = "block"
by = "address"
dns = "bl.example.net"

[[list]]
kind = "vouch"
by = "domain"
file = "friends.txt"
)";
constexpr std::string_view route_example = R"([[route]]
domain = "edge.example"
via = "smtp"
to = "127.0.0.1:2600"

[[route]]
domain = "*.carrier.example"
via = "xproto"
to = "mx1.carrier.example:6525"
)";

constexpr std::string_view peer_example = R"([[peer]]
host = "mx1.carrier.example"
ca = "carrier-ca.pem"
trust = "trusted"
)";

constexpr std::string_view directory_example = R"([[directory]]
domain = "ehsco.com"
server = "ldaps://ldap.ehsco.com"
)";

constexpr std::array section_table{
    section{"", "Who this gateway is."},
    section{"tls", "Certificates and keys. `isthmus init` and `isthmus cert` make them."},
    section{"smtp", "The SMTP side."},
    section{"xproto", "The xproto side."},
    section{"trust", "CAs beside those of single peers. Validity by delegation needs none."},
    section{"dns", "Asking the DNS, and believing it."},
    section{"admin", "Watching and steering the daemon."},
    section{"mapping", "From one protocol to the other."},
    section{"queue", "Trying again."},
    section{"timeouts", "How long to wait for others."},
    section{"limits", "What may be asked of the gateway."},
    section{"spool", "Messages on disk."},
    section{"log", "One line for each event."},
    section{
        "[route]",
        "Where mail goes, by the recipient's domain. The first that matches wins. Anyone may send to a domain that is "
        "named here; what only \"*\" matches is for clients in smtp.relay_from and for trusted peers.",
        route_example},
    section{"[peer]", "Gateways at the other end of xproto, and what they may do.", peer_example},
    section{"[filter]",
            "Mail that is not taken, refused as early as can be: by xproto before its body has travelled. Rules are "
            "asked in "
            "the order of the file, and the first that applies decides.",
            filter_example},
    section{"[list]",
            "Lists of hosts and senders, one's own and other people's. Peers that are trusted, and clients in "
            "smtp.relay_from, are not looked up.",
            list_example},
    section{
        "[directory]",
        "LDAP servers that have the CAs of some domains. Those are then asked, and not DNS. The first that matches.",
        directory_example},
};

} // namespace

std::span<const key<settings>> setting_keys()
{
    return setting_table;
}
std::span<const key<route>> route_keys()
{
    return route_table;
}
std::span<const section> sections()
{
    return section_table;
}

std::string_view section_of(std::string_view key_name)
{
    const auto dot = key_name.rfind('.');
    return dot == key_name.npos ? "" : key_name.substr(0, dot);
}

std::string_view last_part_of(std::string_view key_name)
{
    return key_name.substr(key_name.rfind('.') + 1);
}

std::string_view to_text(route_via value)
{
    for (const auto& [text, via] : words<route_via>::table)
        if (via == value) return text;
    return "";
}

std::string_view to_text(trust value)
{
    for (const auto& [text, level] : words<trust>::table)
        if (level == value) return text;
    return "";
}

} // namespace gateway::config
