// Whatever is done to a signed trace, of any length, with changes, batches and passages through SMTP: it is found out,
// and the link that is named is the first that the damage touches.
#include "xproto/trace.hpp"

#include "tests/support/xproto_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace {

using namespace xproto;
using namespace samples;

constexpr std::size_t most_hops = 6;
const std::string here = "mx1.home.example";

const std::vector<site>& sites()
{
    static const auto made = [] {
        std::vector<site> all;
        for (std::size_t i = 0; i < most_hops; ++i) {
            const auto name = "site" + std::to_string(i) + ".example";
            all.emplace_back(name, i % 3 == 2 ? private_key::generate_ed25519() : private_key::generate());
        }
        return all;
    }();
    return made;
}

// Several messages that go the same way side by side: their hops are signed in batches, or each by itself.
struct convoy {
    std::vector<envelope> messages;

    const envelope& first() const { return messages.front(); }
};

class road {
  public:
    explicit road(unsigned seed) : random_(seed), length_(1 + random_.below(most_hops)) {}

    // Two branches of one message (each recipient for itself), and another message.
    convoy travel()
    {
        const auto& home = sites().front();
        const auto sender = home.user("alice@edge.example");
        auto message = samples::message();
        message.from.certificate = sender.sha256();
        add_certificate(message, sender);
        message.extensions = {{"1.2.3", false, "<x xmlns=\"urn:x\"/>"}};
        auto other = message;
        other.id = "another@edge.example";
        sign_originator(message, home.user_key);
        sign_originator(other, home.user_key);
        convoy all{{message, message, other}};
        all.messages[0].recipients.pop_back();
        all.messages[1].recipients.erase(all.messages[1].recipients.begin());
        for (std::size_t i = 0; i < length_; ++i) pass(all, i);
        return all;
    }

    random_values& random() { return random_; }

  private:
    void pass(convoy& all, std::size_t i)
    {
        const auto& by = sites()[i];
        const bool changes = i > 0 && random_.one_in(3), batched = random_.one_in(2), legacy = random_.one_in(4);
        const bool to_smtp = i + 1 < length_ && random_.one_in(5);
        signature_batch batch;
        std::vector<hop> steps;
        for (auto& e : all.messages) {
            hop h;
            h.host = by.name;
            h.certificate = by.host.sha256();
            h.peer = i > 0 ? sites()[i - 1].name : "pc.edge.example";
            h.peer_address = "192.0.2.1";
            h.protocol = i == 0 || from_smtp_ ? "ESMTP" : "XPROTO";
            h.id = "4f2a" + std::to_string(i);
            h.time = samples::noon + 1 + static_cast<unix_seconds>(i);
            h.next = i + 1 == length_ ? here : to_smtp ? "smtp:relay.example" : sites()[i + 1].name;
            if (legacy) h.legacy = e.legacy;
            if (changes) {
                const auto before = e.objects[1].sha256;
                e.objects[1].sha256 = sha256("body at " + by.name);
                h.changes = {{"message/body", before, e.objects[1].sha256, "footer"}};
            }
            add_certificate(e, by.host);
            sign_hop(e, h, e.recipients, by.key);
            batch.add(hop_octets(e, h));
            steps.push_back(h);
        }
        const auto made = batch.sign(by.key);
        for (std::size_t m = 0; m < all.messages.size(); ++m) {
            if (batched) steps[m].sign = made[m];
            all.messages[m].trace.push_back(steps[m]);
        }
        from_smtp_ = to_smtp;
    }

    random_values random_;
    std::size_t length_;
    bool from_smtp_ = false;
};

class judge {
  public:
    explicit judge(const envelope& honest) : length_(honest.trace.size())
    {
        x_.validate = [this](const certificate& leaf, const std::vector<certificate>& others, purpose use,
                             unix_seconds at) { return cache_.validate(store_, leaf, others, use, at); };
        x_.parse = [this](const digest& name, std::string_view der) { return cache_.parse(name, der); };
        x_.peer = honest.trace.back().host;
        x_.host = here;
        x_.now = now;
    }
    std::string broken(const envelope& e) { return verify_trace(e, x_).broken; }

    // It must be broken, first at link `first` to `last`: 0 the originator, 1 and on the hops.
    void expect_broken(const envelope& e, std::size_t first, std::size_t last, const std::string& what)
    {
        const auto said = broken(e);
        for (auto link = first; link <= last; ++link) {
            const auto name = link == 0 ? "the originator: " : "hop " + std::to_string(link) + " of ";
            if (said.rfind(name, 0) == 0) return;
        }
        ADD_FAILURE() << what << " (links " << first << " to " << last << " of " << length_ << "): " << said;
    }

  private:
    static certificate_store everybody()
    {
        std::vector<certificate> anchors;
        for (const auto& s : sites()) anchors.push_back(s.ca.own);
        return certificate_store(std::move(anchors));
    }
    std::size_t length_;
    certificate_store store_ = everybody();
    validation_cache cache_;
    trace_expectations x_;
};

struct edit {
    const char* name;
    std::function<void(envelope&)> apply;
};

const edit of_the_origin[] = {
    {"id", [](envelope& e) { e.id += "x"; }},
    {"created", [](envelope& e) { --e.created; }},
    {"address", [](envelope& e) { e.from.address = "Alice@edge.example"; }},
    {"domain's letters", [](envelope& e) { e.from.address = "alice@Edge.example"; }},
    {"certificate", [](envelope& e) { e.from.certificate = e.trace[0].certificate; }},
    {"parameter's name", [](envelope& e) { e.from.parameters[0].name = "size"; }},
    {"parameter's value", [](envelope& e) { e.from.parameters[0].value = "4712"; }},
    {"parameter put in",
     [](envelope& e) {
         e.from.parameters.push_back({"X", std::nullopt});
     }},
    {"parameters exchanged", [](envelope& e) { std::swap(e.from.parameters[0], e.from.parameters[1]); }},
    {"legacy field's view", [](envelope& e) { e.legacy[0].view.pop_back(); }},
    {"legacy field's text", [](envelope& e) { e.legacy[0].octets.text[1] = 'F'; }},
    {"legacy field put in", [](envelope& e) { e.legacy.push_back(e.legacy[0]); }},
    {"extension's name", [](envelope& e) { e.extensions[0].oid = "1.2.4"; }},
    {"extension put in",
     [](envelope& e) {
         e.extensions.push_back({"1.2.5", false, ""});
     }},
    {"extension made critical", [](envelope& e) { e.extensions[0].critical = true; }},
    {"object taken out", [](envelope& e) { e.objects.erase(e.objects.begin()); }},
    {"object put in", [](envelope& e) { e.objects.push_back(object("message/other", "x")); }},
    {"headers' digest", [](envelope& e) { e.objects[0].sha256[0] ^= 1; }},
    {"object's type", [](envelope& e) { e.objects[0].type = "message/other"; }},
    {"signature", [](envelope& e) { e.from.sign->value.back() ^= 1; }},
    {"algorithm", [](envelope& e) { e.from.sign->algorithm = "rsa-sha1"; }},
    {"path put in", [](envelope& e) { e.from.sign->path.push_back(sha256("x")); }},
};

struct hop_edit {
    const char* name;
    std::function<void(hop&)> apply;
};

// What is within one hop: the link is its own, or, where it connects two, the one before.
const hop_edit of_a_hop[] = {
    {"host", [](hop& h) { h.host = "mx1.site9.example"; }},
    {"host's letters", [](hop& h) { h.host[0] = 'M'; }},
    {"certificate", [](hop& h) { h.certificate = sites()[(h.id.back() - '0' + 1) % most_hops].host.sha256(); }},
    {"no certificate", [](hop& h) { h.certificate.reset(); }},
    {"peer", [](hop& h) { h.peer += "x"; }},
    {"peer-address", [](hop& h) { h.peer_address = "192.0.2.2"; }},
    {"protocol", [](hop& h) { h.protocol += "S"; }},
    {"id", [](hop& h) { h.id += "x"; }},
    {"a second later", [](hop& h) { ++h.time; }},
    {"a second before", [](hop& h) { --h.time; }},
    {"next", [](hop& h) { h.next = "mx1.mallory.example"; }},
    {"next's letters", [](hop& h) { h.next.back() = 'E'; }},
    {"to SMTP", [](hop& h) { h.next = "smtp:mx1.mallory.example"; }},
    {"recipients", [](hop& h) { h.recipients[5] ^= 1; }},
    {"legacy field put in", [](hop& h) { h.legacy.push_back(samples::message().legacy[0]); }},
    {"signature's first octet", [](hop& h) { h.sign.value.front() ^= 1; }},
    {"signature's last octet", [](hop& h) { h.sign.value.back() ^= 1; }},
    {"signature longer", [](hop& h) { h.sign.value += '\0'; }},
    {"signature empty", [](hop& h) { h.sign.value.clear(); }},
    {"algorithm", [](hop& h) { h.sign.algorithm = h.sign.algorithm == "ed25519" ? "ecdsa-p256-sha256" : "ed25519"; }},
    {"algorithm nobody knows", [](hop& h) { h.sign.algorithm = "sha1-rsa"; }},
    {"leaf", [](hop& h) { h.sign.leaf ^= 1; }},
    {"leaf outside", [](hop& h) { h.sign.leaf += std::uint64_t{1} << h.sign.path.size(); }},
    {"path longer", [](hop& h) { h.sign.path.push_back(sha256("x")); }},
    {"path repeated", [](hop& h) { h.sign.path.push_back(h.sign.path.empty() ? digest{} : h.sign.path.back()); }},
};

void try_edits(judge& court, const envelope& honest)
{
    for (const auto& one : of_the_origin) {
        auto e = honest;
        one.apply(e);
        court.expect_broken(e, 0, 0, one.name);
    }
    for (std::size_t i = 0; i < honest.trace.size(); ++i) {
        for (const auto& one : of_a_hop) {
            auto e = honest;
            one.apply(e.trace[i]);
            court.expect_broken(e, i > 0 ? i : 1, i + 1, one.name);
        }
        for (std::size_t p = 0; p < honest.trace[i].sign.path.size(); ++p) {
            auto e = honest;
            e.trace[i].sign.path[p][7] ^= 1;
            court.expect_broken(e, i + 1, i + 1, "a hash of a path");
            e = honest;
            e.trace[i].sign.path.erase(e.trace[i].sign.path.begin() + static_cast<std::ptrdiff_t>(p));
            court.expect_broken(e, i + 1, i + 1, "a hash of a path taken out");
        }
    }
}

void try_recipients(judge& court, const envelope& honest)
{
    const auto n = honest.trace.size();
    const edit all[] = {
        {"address", [](envelope& e) { e.recipients[0].address = "eve@carrier.example"; }},
        {"number", [](envelope& e) { ++e.recipients[0].number; }},
        {"salt", [](envelope& e) { e.recipients[0].salt[0] ^= 1; }},
        {"no salt", [](envelope& e) { e.recipients[0].salt.clear(); }},
        {"parameter",
         [](envelope& e) {
             e.recipients[0].parameters.push_back({"NOTIFY", "NEVER"});
         }},
        {"put in", [](envelope& e) { e.recipients.push_back(samples::recipient(9, "eve@carrier.example")); }},
        {"taken out", [](envelope& e) { e.recipients.clear(); }},
    };
    for (const auto& one : all) {
        auto e = honest;
        one.apply(e);
        court.expect_broken(e, n, n, std::string("recipient: ") + one.name);
    }
}

void try_moves(judge& court, const envelope& honest)
{
    const auto n = honest.trace.size();
    for (std::size_t i = 0; i < n; ++i) {
        auto e = honest;
        e.trace.erase(e.trace.begin() + static_cast<std::ptrdiff_t>(i));
        if (!e.trace.empty()) court.expect_broken(e, 0, std::min(i + 1, n - 1), "hop taken out");
        e = honest;
        e.trace.insert(e.trace.begin() + static_cast<std::ptrdiff_t>(i), honest.trace[i]);
        court.expect_broken(e, 0, i + 2, "hop put in twice");
        e = honest;
        e.trace.resize(i);
        if (i > 0) court.expect_broken(e, 0, i, "trace cut off");
        for (std::size_t k = i + 1; k < n; ++k) {
            e = honest;
            std::swap(e.trace[i], e.trace[k]);
            court.expect_broken(e, 0, i + 1, "hops exchanged");
            e = honest;
            std::swap(e.trace[i].sign, e.trace[k].sign);
            court.expect_broken(e, i + 1, i + 1, "signatures exchanged");
            e = honest;
            std::swap(e.trace[i].certificate, e.trace[k].certificate);
            court.expect_broken(e, i + 1, i + 1, "certificates exchanged");
        }
    }
    auto e = honest;
    e.trace.clear();
    EXPECT_NE(court.broken(e), "") << "no hop at all";
}

// Parts of messages that went the same way at the same time, some of them under the very same signature.
void try_transplants(judge& court, const convoy& all)
{
    const auto n = all.first().trace.size();
    for (std::size_t m = 1; m < all.messages.size(); ++m) {
        const auto& other = all.messages[m];
        const bool branch = other.id == all.first().id;
        for (std::size_t i = 0; i < n; ++i) {
            // The hop of another branch holds by itself. It is the next signature that it does not fit under.
            auto e = all.first();
            e.trace[i] = other.trace[i];
            court.expect_broken(e, i + 1, branch && i + 1 < n ? i + 2 : i + 1, "hop of another message");
            e = all.first();
            e.trace[i].sign = other.trace[i].sign;
            court.expect_broken(e, i + 1, i + 1, "signature of another message");
            e = all.first();
            std::copy(other.trace.begin() + static_cast<std::ptrdiff_t>(i), other.trace.end(),
                      e.trace.begin() + static_cast<std::ptrdiff_t>(i));
            court.expect_broken(e, i + 1, n, "the rest of the way of another message");
        }
        auto e = all.first();
        e.trace = other.trace;
        court.expect_broken(e, 1, n, "trace of another message");
        e = all.first();
        e.recipients = other.recipients;
        court.expect_broken(e, n, n, "recipients of another message");
        if (branch) continue;
        e = all.first();
        e.from.sign = other.from.sign;
        court.expect_broken(e, 0, 0, "originator's signature of another message");
        e = all.first();
        e.objects = {object("message/headers", "h"), object("message/body", "b")};
        court.expect_broken(e, 0, n, "objects of another message");
    }
}

TEST(TraceProperty, WhateverIsDoneToItIsFoundOut)
{
    std::size_t longest = 0;
    for (unsigned seed = 0; seed < 24; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        road way(seed);
        const auto all = way.travel();
        longest = std::max(longest, all.first().trace.size());
        for (const auto& e : all.messages) ASSERT_EQ(judge(e).broken(e), "");
        judge court(all.first());
        try_edits(court, all.first());
        try_recipients(court, all.first());
        try_moves(court, all.first());
        try_transplants(court, all);
        if (HasFailure()) return;
    }
    EXPECT_EQ(longest, most_hops);
}

// Not signed: what only announces an object, beside its digest. Receivers compare it with the object itself.
envelope without_claims(envelope e)
{
    for (auto& o : e.objects) {
        o.octets = 0;
        o.media_type.clear();
    }
    return e;
}

TEST(TraceProperty, NoOctetOfAnEnvelopeCanBeAnother)
{
    road way(3);
    const auto honest = way.travel().first();
    const auto octets = write(honest);
    judge court(honest);
    std::size_t judged = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        auto damaged = octets;
        damaged[i] = static_cast<char>(damaged[i] ^ (1 << way.random().below(7)));
        const auto read = read_envelope(damaged);
        if (!read || without_claims(*read) == without_claims(honest)) continue;
        ++judged;
        ASSERT_NE(court.broken(*read), "") << "octet " << i << ", " << damaged.substr(i < 20 ? 0 : i - 20, 40);
    }
    EXPECT_GT(judged, octets.size() / 8);
}

} // namespace
