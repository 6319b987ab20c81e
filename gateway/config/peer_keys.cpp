// The keys of [[peer]]; the rest is in keys.cpp and policy_keys.cpp.
#include "gateway/config/key_rows.hpp"
#include "gateway/config/keys.hpp"

#include <array>

namespace gateway::config {

using namespace rows;

namespace {

const std::array peer_table{
    row("host", field<&peer::host>, required, host_name, "The peer's name, which its certificate must prove."),
    row("ca", field<&peer::ca>, absent, any,
        "The CA that its certificate must come from, PEM. The peer gives it to you. Without it, the certificate must "
        "be "
        "valid by trust.trusted_ca, trust.known_ca or delegation; `isthmus check` says by which it can be."),
    row("trust", field<&peer::trust>, R"("known")", any,
        "\"unknown\": treated as any stranger; \"known\": may speak for its domains; \"trusted\": may vouch for anyone "
        "and relay anywhere."),
    row("domains", field<&peer::domains>, absent, pattern,
        "Domains that a known peer may speak for. Without it, the domain its host name stands in."),
    row("address", field<&peer::address>, absent, {form::address},
        "The IP address the peer must come from. Without it, any."),
    row("extensions", field<&peer::extensions>, absent, option_word,
        "Transfer extensions that this peer is offered, and asked for, in place of xproto.extensions."),
    row("keep", field<&peer::keep>, "false", any,
        "Is a session with it kept open at all times, where a route by xproto leads to it? One that breaks is made "
        "anew."),
    row("duplex", field<&peer::duplex>, "false", any,
        "May it send its mail in the sessions that this gateway opens to it (DUPLEX), under TLS? That mail is treated "
        "as "
        "if the peer had brought it by itself. With keep, a site that cannot be reached from outside gets all its mail "
        "so."),
    row("tls", field<&peer::tls>, R"("required")", any,
        "\"required\": never in clear. \"optional\": where a session begins in clear and the other end offers no TLS, "
        "it "
        "goes on in clear, readable and changeable on its way."),
};

} // namespace

std::span<const key<peer>> peer_keys()
{
    return peer_table;
}

} // namespace gateway::config
