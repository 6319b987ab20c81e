// Holds certificates, HELO proofs and signed traces against the language-neutral vectors that every implementation is
// held against.
#include "tests/unit/xproto/conformance_vectors.hpp"
#include "xproto/helo_transcript.hpp"
#include "xproto/identity.hpp"
#include "xproto/trace.hpp"

#include <algorithm>

namespace {

using namespace conformance;

xproto::certificate certificate_of(const value& base64)
{
    return xproto::certificate::from_der(decoded(base64)).value();
}

array lower(std::vector<std::string> names)
{
    array said;
    for (auto& name : names) {
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
        said.emplace_back(name);
    }
    return said;
}

bool is_valid(const object& vector, const xproto::certificate& leaf)
{
    std::vector<xproto::certificate> others;
    for (const auto& other : vector.at("others").as_array()) others.push_back(certificate_of(other));
    const xproto::certificate_store store({certificate_of(vector.at("anchor"))});
    const auto use = text(vector, "purpose") == "host" ? xproto::purpose::host : xproto::purpose::user;
    return store.validate(leaf, others, use, vector.at("at").as_int64()).has_value();
}

TEST(ConformanceCertificates, NameAndAreValidAsTheVectorsSay)
{
    for (const auto& vector : load("certificates")) {
        const auto& name = text(vector, "name");
        const auto leaf = xproto::certificate::from_der(decoded(vector.at("certificate")));
        const bool wanted = vector.at("valid").as_bool();
        ASSERT_TRUE(leaf || !wanted) << name << ": " << leaf.error().what;
        if (!leaf) continue; // refused when it was read
        EXPECT_EQ(is_valid(vector, *leaf), wanted) << name;
        if (!vector.contains("algorithm")) continue;
        EXPECT_EQ(lower(leaf->dns_names()), vector.at("hosts")) << name;
        EXPECT_EQ(array(leaf->addresses().begin(), leaf->addresses().end()), vector.at("addresses")) << name;
        ASSERT_NE(leaf->key(), nullptr) << name;
        EXPECT_EQ(leaf->key()->algorithm(), text(vector, "algorithm")) << name;
    }
}

std::string unhex(const std::string& digits)
{
    std::string octets;
    for (std::size_t i = 0; i < digits.size(); i += 2)
        octets.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    return octets;
}

std::string lower_text(const std::string& name)
{
    return std::string(lower({name}).front().as_string());
}

TEST(ConformanceProofs, SignAndHoldAsTheVectorsSay)
{
    for (const auto& vector : load("proofs")) {
        const auto& name = text(vector, "name");
        const auto role = text(vector, "role");
        const auto server_nonce = unhex(text(vector, "server-nonce")),
                   client_nonce = unhex(text(vector, "client-nonce"));
        const auto client_host = lower_text(text(vector, "client-host"));
        const auto server_host = lower_text(text(vector, "server-host"));
        const auto exporter = unhex(text(vector, "tls-exporter"));
        const xproto::helo_transcript session{role, server_nonce, client_nonce, client_host, server_host, exporter};
        const auto transcript = session.octets();
        EXPECT_EQ(transcript, octets(vector, "signed")) << name;

        const xproto::certificate_store store({certificate_of(vector.at("anchor"))});
        const auto& claimed = role == "client" ? client_host : server_host;
        const auto found =
            xproto::verify_proof(decoded(vector.at("proof")), transcript, {&store}, vector.at("at").as_int64());
        const bool holds = found && (claimed.empty() || found->who.names(claimed));
        EXPECT_EQ(holds, vector.at("holds").as_bool()) << name << (found ? "" : ": " + found.error().what);
    }
}

// The number of the first link that does not hold, 0 the originator; none: all do.
std::optional<std::int64_t> broken_link(const xproto::trace_report& report)
{
    if (report.originator && !report.originator->intact) return 0;
    for (std::size_t i = 0; i < report.hops.size(); ++i)
        if (!report.hops[i].intact) return static_cast<std::int64_t>(i) + 1;
    if (!report.intact()) return 0;
    return std::nullopt;
}

xproto::trace_report verify(const object& vector, const xproto::envelope& message)
{
    xproto::trace_expectations expected;
    // Nobody is known here: whether a chain is intact does not depend on it.
    expected.validate = [](const auto&, const auto&, auto, auto) -> xproto::checked<xproto::validation> {
        return xproto::certificate_error{xproto::certificate_fault::untrusted, "nobody is known"};
    };
    expected.peer = text(vector, "peer");
    expected.host = text(vector, "here");
    expected.now = vector.at("now").as_int64();
    return xproto::verify_trace(message, expected);
}

TEST(ConformanceSignatures, HoldAsTheVectorsSay)
{
    for (const auto& vector : load("signatures")) {
        const auto& name = text(vector, "name");
        const auto message = xproto::read_envelope(octets(vector, "envelope"));
        ASSERT_TRUE(message) << name << ": " << message.error().what;
        const auto report = verify(vector, *message);
        const auto found = broken_link(report);
        const auto* wanted = vector.if_contains("broken");
        EXPECT_EQ(found.has_value(), wanted != nullptr) << name << ": " << report.broken;
        if (found && wanted && wanted->is_int64()) {
            EXPECT_EQ(*found, wanted->as_int64()) << name << ": " << report.broken;
        }
    }
}

// The objects as they were before the hops from number `first` (counted from 0) changed them.
xproto::envelope undone(xproto::envelope message, std::size_t first)
{
    for (std::size_t i = message.trace.size(); i-- > first;) {
        const auto& changes = message.trace[i].changes;
        for (auto change = changes.rbegin(); change != changes.rend(); ++change)
            for (auto& one : message.objects)
                if (one.type == change->object && one.sha256 == change->after) one.sha256 = change->before;
    }
    return message;
}

// What a hop signs: over the trace before it, and the objects as it sent them on.
std::string hop_octets(const xproto::envelope& message, std::size_t index)
{
    auto then = undone(message, index + 1);
    then.trace.resize(index);
    return xproto::hop_octets(then, message.trace[index]);
}

// What each signature is made over, and the root of its batch where it has one.
void expect_signed(const object& vector, const std::string& octets, const xproto::signature& signature)
{
    EXPECT_EQ(octets, conformance::octets(vector, "octets"));
    const auto over = xproto::signed_octets(octets, signature.leaf, signature.path);
    EXPECT_EQ(over == octets ? "" : over, conformance::octets(vector, "batch"));
}

TEST(ConformanceSignatures, StandOverWhatTheVectorsSay)
{
    for (const auto& vector : load("signatures")) {
        if (!vector.contains("signed")) continue;
        SCOPED_TRACE(text(vector, "name"));
        const auto message = xproto::read_envelope(octets(vector, "envelope")).value();
        EXPECT_EQ(xproto::recipients_digest(message.recipients), xproto::sha256(text(vector, "recipients-signed")));
        const auto& links = vector.at("signed").as_array();
        std::size_t at = 0;
        if (message.from.sign)
            expect_signed(links.at(at++).as_object(), xproto::origin_octets(undone(message, 0)), *message.from.sign);
        for (std::size_t i = 0; i < message.trace.size(); ++i)
            expect_signed(links.at(at++).as_object(), hop_octets(message, i), message.trace[i].sign);
        EXPECT_EQ(at, links.size());
    }
}

} // namespace
