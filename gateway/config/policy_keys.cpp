// The keys of the lists of tables that say which mail is taken, and who knows the CAs of others. To add one: a field in
// settings.hpp and a row here.
#include "gateway/config/key_rows.hpp"

#include <array>

namespace gateway::config {

using namespace rows;

namespace {

const std::array filter_table{
    row("name", field<&filter::name>, absent, any,
        "What the log calls the rule. Without it, its place: \"filter[1]\"."),
    row("action", field<&filter::action>, R"("refuse")", any,
        "\"refuse\" for good, \"defer\" (refuse for now), or \"accept\": no further rule is asked about the message, "
        "or, "
        "of a rule with recipients, about those."),
    row("at", field<&filter::at>, absent, any,
        "The stage: \"envelope-announced\", \"envelope\", \"headers-announced\", \"headers\" or \"body-announced\". "
        "Without it, the first at which everything is known that the rule asks for."),
    row("code", field<&filter::code>, absent, any,
        "The status code that is given (RFC 3463): 5.x.x to refuse, 4.x.x to defer. Without it, 5.7.1 or 4.7.1."),
    row("text", field<&filter::text>, R"("refused by policy")", any, "What the peer is told."),
    row("protocol", field<&filter::protocol>, R"("any")", any, "Mail that comes by \"smtp\", \"xproto\" or \"any\"."),
    row("hosts", field<&filter::hosts>, R"([])", pattern,
        "xproto peers, by their proved names: a name, \"*.name\" for all below it, or \"*\". An SMTP client has proved "
        "none."),
    row("addresses", field<&filter::addresses>, R"([])", any, "Networks that the peer connects from."),
    row("trust", field<&filter::trust>, R"([])", any,
        "What the peer is here: \"unknown\", \"known\", \"trusted\". An SMTP client in smtp.relay_from is trusted, any "
        "other unknown."),
    row("min_tls", field<&filter::min_tls>, R"("none")", any,
        "The peer came without TLS, or with less than \"1.2\" or \"1.3\"."),
    row("max_octets", field<&filter::max_octets>, "0", size(0, tib), "The message is larger than this. 0: any size."),
    row("senders", field<&filter::senders>, R"([])", {form::mailbox},
        "The sender is one of these: \"a@b.example\", \"b.example\", \"*.b.example\", or \"<>\" for the null sender."),
    row("recipients", field<&filter::recipients>, R"([])", {form::mailbox},
        "A recipient is one of these. At the envelope the rule is about those recipients only; later, about the whole "
        "message if it has one of them."),
    row("options", field<&filter::options>, R"([])", {form::name},
        "The message asks for one of these: OIDs of delivery extensions, names of SMTP parameters."),
    row("media_type", field<&filter::media_type>, R"([])", {form::media},
        "The message's media type, such as \"application/x-msdownload\" or \"image/*\". Parts within it are not looked "
        "at."),
    row("field", field<&filter::field>, absent, {form::name}, "The name of a header field that the message has."),
    row("matches", field<&filter::matches>, absent, any,
        "A regular expression (RE2) that is found in the field's text, with encoded words decoded. \"(?i)\" at its "
        "beginning: without letter case."),
};

const std::array list_table{
    row("name", field<&trust_list::name>, absent, any,
        "What the log calls the list. Without it, its place: \"list[1]\"."),
    row("kind", field<&trust_list::kind>, required, any,
        "\"block\": what is listed is refused, at HELO (SMTP: at MAIL) or, of senders, at the envelope. \"vouch\": a "
        "peer "
        "that would be unknown is offered the options of a known one; it may relay no more than before."),
    row("by", field<&trust_list::by>, required, any,
        "What the entries are: \"host\" (an xproto peer's proved name), \"domain\" (of the proved name or the sender's "
        "address; with all that is below it), \"address\" (an IP address or network), \"sender\" (a mail address, or a "
        "domain with all below it; only to block), \"issuer\" (the issuerAltName of the host's certificate)."),
    row("file", field<&trust_list::file>, absent, any,
        "A file with one entry on each line; \"#\" begins a comment. It is read again when it changes; a file with a "
        "mistake changes nothing."),
    row("dns", field<&trust_list::dns>, absent, {form::domain},
        "The zone of a list in the DNS (RFC 5782), for addresses and names."),
    row("url", field<&trust_list::url>, absent, any,
        "A file like the above, fetched by HTTPS: \"https://lists.example.net/block.txt\". What was fetched last is "
        "kept "
        "below `state`, and used until there is something newer. Redirects are not followed."),
    row("ca", field<&trust_list::ca>, absent, any,
        "For url: the CAs that its server's certificate may come from, PEM. Without it, the system's."),
    row("refresh", field<&trust_list::refresh>, R"("1h")", duration,
        "For url: how often it is asked whether the list has changed."),
    row("stale", field<&trust_list::stale>, R"("7d")", duration,
        "For url: how long the list is used when its server cannot be asked. Beyond that it is one that cannot be "
        "asked "
        "itself; see on_failure."),
    row("on_failure", field<&trust_list::on_failure>, R"("ignore")", any,
        "When a list to block cannot be asked, or is stale: \"ignore\" it, or \"defer\" those that it would have been "
        "asked about."),
};

const std::array directory_table{
    row("domain", field<&directory::domain>, required, pattern,
        "Whose CAs it has: a name, \"*.name\" for all below it (not itself), or \"*\" for all."),
    row("server", field<&directory::server>, required, any,
        "Its address, such as \"ldaps://ldap.carrier.example\" or \"ldap://127.0.0.1:389\"."),
    row("ca", field<&directory::ca>, absent, any,
        "The CA that the directory's certificate must come from, PEM. Without it, the system's."),
    row("tls", field<&directory::tls>, R"("starttls")", any,
        "For ldap://: \"starttls\", or \"none\" where the way to the directory is safe by itself."),
};

} // namespace

std::span<const key<trust_list>> list_keys()
{
    return list_table;
}

std::span<const key<filter>> filter_keys()
{
    return filter_table;
}

std::span<const key<directory>> directory_keys()
{
    return directory_table;
}

} // namespace gateway::config
