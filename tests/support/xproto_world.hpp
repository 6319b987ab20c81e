// Sites with authorities, hosts and senders, and a message that has travelled between them: what trace tests play with.
#pragma once

#include "tests/support/xproto_samples.hpp"
#include "xproto/certificate_issue.hpp"
#include "xproto/trace.hpp"

#include <string>
#include <utility>
#include <vector>

namespace samples {

using xproto::certificate;
using xproto::certificate_authority;
using xproto::certificate_store;
using xproto::change;
using xproto::hop;
using xproto::private_key;
using xproto::purpose;
using xproto::trace_expectations;
using xproto::trace_report;
using xproto::unix_seconds;
using xproto::validity;

constexpr unix_seconds now = samples::noon + 60;
constexpr validity year{samples::noon - 86400, samples::noon + 365 * 86400};

// A site with one host, whose CA also certifies its senders.
struct site {
    explicit site(const std::string& domain, private_key host_key = private_key::generate())
        : ca(*make_ca(domain, year)), key(std::move(host_key)), name("mx1." + domain),
          host(*make_host(ca, name, key.public_part(), year)), user_key(private_key::generate())
    {
    }
    certificate user(const std::string& address) const
    {
        return *make_user(ca, address, user_key.public_part(), "2.25.1.2", year);
    }
    certificate_authority ca;
    private_key key;
    std::string name;
    certificate host;
    private_key user_key;
};

struct world {
    site edge{"edge.example"};
    site relay{"relay.example", private_key::generate_ed25519()};
    site carrier{"carrier.example"};
    site mallory{"mallory.example"};
    certificate_store store{{edge.ca.own, relay.ca.own, carrier.ca.own, mallory.ca.own}};
};

inline const world& w()
{
    static const world made;
    return made;
}

inline void add_certificate(envelope& e, const certificate& c)
{
    for (const auto& [name, der] : e.certificates)
        if (name == c.sha256()) return;
    e.certificates.emplace_back(c.sha256(), c.der());
}

// Takes the message on at `by` and sends it to `next`.
inline void pass(envelope& e, const site& by, const std::string& peer, const std::string& next,
                 std::vector<change> changes = {}, std::optional<xproto::reception> said = {})
{
    hop h;
    h.host = by.name;
    h.certificate = by.host.sha256();
    h.peer = peer;
    h.peer_address = "192.0.2.1";
    h.protocol = e.trace.empty() ? "ESMTP" : "XPROTO";
    h.id = "4f2a";
    h.time = samples::noon + 1 + static_cast<unix_seconds>(e.trace.size());
    h.next = next;
    h.changes = std::move(changes);
    h.reception = std::move(said);
    sign_hop(e, h, e.recipients, by.key);
    add_certificate(e, by.host);
    e.trace.push_back(std::move(h));
}

// Born at edge, over relay and carrier, to home.example.
inline envelope journey()
{
    auto e = samples::message();
    const auto sender = w().edge.user(e.from.address);
    e.from.certificate = sender.sha256();
    add_certificate(e, sender);
    e.extensions = {{"1.2.3", false, "<x xmlns=\"urn:x\"/>"}};
    sign_originator(e, w().edge.user_key);
    pass(e, w().edge, "pc.edge.example", w().relay.name);
    pass(e, w().relay, w().edge.name, w().carrier.name);
    pass(e, w().carrier, w().relay.name, "mx1.home.example");
    return e;
}

inline trace_expectations expectations()
{
    trace_expectations x;
    x.validate = [](const certificate& leaf, const std::vector<certificate>& others, purpose use, unix_seconds at) {
        return w().store.validate(leaf, others, use, at);
    };
    x.peer = w().carrier.name;
    x.host = "mx1.home.example";
    x.now = now;
    return x;
}

inline trace_report verify(const envelope& e)
{
    // What a peer sends is what is verified.
    const auto received = xproto::read_envelope(xproto::write(e)).value();
    return xproto::verify_trace(received, expectations());
}

} // namespace samples
