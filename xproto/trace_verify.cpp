// Verifying a chain of signatures, and saying in words what is wrong with it.
#include "xproto/trace.hpp"

#include "xproto/trace_records.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>

namespace xproto {

namespace {

using trace_records::object_states;

class verifier {
  public:
    verifier(const envelope& message, const trace_expectations& expected) : m_(message), x_(expected) {}

    trace_report run();

  private:
    void read_certificates();
    void follow_changes();
    link_report originator() const;
    link_report step(std::size_t i) const;
    std::string wrong_with_originator(const certificate& signer) const;
    std::string wrong_with_step(std::size_t i, const certificate& signer) const;
    std::string wrong_time(unix_seconds t, std::string_view what) const;
    std::string wrong_signature(const signature& s, std::string_view octets, const certificate& signer) const;
    link_report begin(const std::optional<digest>& name) const;
    void judge(link_report& link, purpose use, unix_seconds at) const;
    std::string explain(const trace_report& report) const;

    const envelope& m_;
    const trace_expectations& x_;
    std::vector<certificate> certificates_;
    std::vector<object_states> after_; // each hop; the last one is what the envelope says now
    object_states born_;
    std::vector<bool> changes_fit_; // of each hop
    digest origin_{};
};

void verifier::read_certificates()
{
    for (const auto& [name, der] : m_.certificates) {
        auto one = x_.parse ? x_.parse(name, der) : certificate::from_der(der);
        if (one && one->sha256() == name) certificates_.push_back(*std::move(one));
    }
}

void verifier::follow_changes()
{
    const auto count = m_.trace.size();
    after_.resize(count);
    changes_fit_.resize(count);
    born_ = trace_records::states_of(m_.objects);
    for (std::size_t i = count; i-- > 0;) {
        after_[i] = born_;
        changes_fit_[i] = trace_records::undo(born_, m_.trace[i].changes);
    }
}

// Does this step lead to that one?
std::string wrong_way(const hop& step, const hop& following)
{
    if (!step.next.starts_with(smtp_next)) {
        if (same_host(step.next, following.host)) return {};
        return "it sent the message to " + step.next + ", but the next hop is " + following.host;
    }
    // Beyond SMTP there may be any host, but it must have come to it by SMTP.
    if (is_smtp_protocol(following.protocol)) return {};
    return "it handed the message to SMTP, but the next hop, " + following.host + ", did not take it from there";
}

// The signer's certificate, or why there is none.
link_report verifier::begin(const std::optional<digest>& name) const
{
    link_report link;
    if (!name) {
        link.reason = "it names no certificate";
        return link;
    }
    const auto found = std::find_if(certificates_.begin(), certificates_.end(),
                                    [&](const certificate& c) { return c.sha256() == *name; });
    if (found == certificates_.end())
        link.reason = "its certificate is not in the envelope, or cannot be read";
    else
        link.signer = *found;
    return link;
}

void verifier::judge(link_report& link, purpose use, unix_seconds at) const
{
    link.intact = link.reason.empty();
    if (!link.signer || !x_.validate) {
        link.identity_reason = link.signer ? "not checked" : "there is no certificate";
        return;
    }
    auto found = x_.validate(*link.signer, certificates_, use, at);
    if (found)
        link.identity = *std::move(found);
    else
        link.identity_reason = found.error().what;
}

std::string verifier::wrong_time(unix_seconds t, std::string_view what) const
{
    const auto said = std::string(what) + " (" + xml::timestamp(t) + ") ";
    if (t > x_.now + x_.limits.skew) return said + "lies in the future";
    if (t < x_.now - x_.limits.age) return said + "is longer ago than trace.age";
    return {};
}

std::string verifier::wrong_signature(const signature& s, std::string_view octets, const certificate& signer) const
{
    if (signer.key() == nullptr)
        return "its certificate has a key that is not accepted: neither Ed25519 nor ECDSA P-256 nor RSA of 2048 bits";
    if (signer.is_weakly_signed()) return "its certificate is signed with an algorithm that is too weak, such as SHA-1";
    if (s.algorithm != signer.key()->algorithm())
        return "it is signed by " + s.algorithm + ", but its certificate's key is for " +
               std::string(signer.key()->algorithm());
    if (s.path.size() > x_.limits.path) return "its inclusion path is longer than trace.path";
    if (s.path.size() < 64 && s.leaf >> s.path.size() != 0) return "its leaf lies outside the tree";
    const auto what = signed_octets(octets, s.leaf, s.path);
    const auto& key = *signer.key();
    if (!(x_.batches != nullptr ? x_.batches->verify(key, s, what) : key.verify(s.algorithm, what, s.value)))
        return "its signature does not fit what the envelope says";
    return {};
}

std::string verifier::wrong_with_originator(const certificate& signer) const
{
    const auto& address = m_.from.address;
    if (address.empty()) {
        // The null sender's mail is signed by the host where it was born.
        const auto host = m_.trace.empty() ? x_.peer : m_.trace.front().host;
        if (!signer.names_address("process@" + host))
            return "its certificate is not that of process@" + host + ", as the null sender's must be";
    } else if (!signer.names_address(address)) {
        return "its certificate does not name " + address;
    }
    if (auto what = wrong_time(m_.created, "its time"); !what.empty()) return what;
    return wrong_signature(*m_.from.sign, trace_records::origin(m_, born_), signer);
}

std::string verifier::wrong_with_step(std::size_t i, const certificate& signer) const
{
    const auto& h = m_.trace[i];
    const bool last = i + 1 == m_.trace.size();
    if (!signer.names_host(h.host)) return "its certificate does not name the host " + h.host;
    if (auto what = wrong_time(h.time, "its time"); !what.empty()) return what;
    const auto before = i == 0 ? m_.created : m_.trace[i - 1].time;
    if (h.time + x_.limits.skew < before) return "its time lies before that of the step before it";
    if (!changes_fit_[i]) return "the changes that it declares do not lead to the objects that follow";
    if (!last)
        if (auto what = wrong_way(h, m_.trace[i + 1]); !what.empty()) return what;
    if (last && !x_.host.empty() && !same_host(h.next, x_.host))
        return "it sent the message to " + h.next + ", not to " + x_.host;
    if (last && !x_.peer.empty() && !same_host(h.host, x_.peer))
        return "the message comes from " + x_.peer + ", which is not this hop";
    if (last && h.recipients != recipients_digest(m_.recipients))
        return "it was sent on with other recipients than the envelope's";
    const signature* previous = i > 0 ? &m_.trace[i - 1].sign : m_.from.sign ? &*m_.from.sign : nullptr;
    if (!covers_reception(h)) return "it did not sign what it says of its reception";
    return wrong_signature(h.sign, trace_records::hop_step(i + 1, origin_, previous, after_[i], h), signer);
}

link_report verifier::originator() const
{
    auto link = begin(m_.from.certificate);
    if (link.signer) link.reason = wrong_with_originator(*link.signer);
    judge(link, purpose::user, m_.created);
    return link;
}

link_report verifier::step(std::size_t i) const
{
    auto link = begin(m_.trace[i].certificate);
    if (link.signer) link.reason = wrong_with_step(i, *link.signer);
    judge(link, purpose::host, m_.trace[i].time);
    return link;
}

// The first broken link, oldest first, and what the links after it tell about it.
std::string verifier::explain(const trace_report& report) const
{
    const auto name = [&](std::size_t i) {
        return "hop " + std::to_string(i + 1) + " of " + std::to_string(m_.trace.size()) + " (" + m_.trace[i].host +
               ")";
    };
    const auto intact_after = [&](std::size_t first) {
        for (auto i = first; i < report.hops.size(); ++i)
            if (report.hops[i].intact) return "; " + name(i) + " is the first that signs what the envelope says now";
        return std::string();
    };
    if (report.originator && !report.originator->intact)
        return "the originator: " + report.originator->reason + intact_after(0);
    for (std::size_t i = 0; i < report.hops.size(); ++i)
        if (!report.hops[i].intact) return name(i) + ": " + report.hops[i].reason + intact_after(i + 1);
    return {};
}

trace_report verifier::run()
{
    trace_report report;
    if (m_.trace.size() > x_.limits.hops) {
        report.broken = "the trace has more hops than trace.hops (" + std::to_string(x_.limits.hops) + ")";
        return report;
    }
    read_certificates();
    follow_changes();
    origin_ = sha256(trace_records::origin(m_, born_));
    if (m_.from.sign) report.originator = originator();
    for (std::size_t i = 0; i < m_.trace.size(); ++i) report.hops.push_back(step(i));
    report.broken = explain(report);
    if (report.broken.empty() && m_.trace.empty() && !x_.peer.empty())
        report.broken = "there is no hop, although the message comes from " + x_.peer;
    return report;
}

bool has_identity(const link_report& link)
{
    return link.identity.has_value();
}

} // namespace

bool trace_report::valid() const
{
    if (!originator && hops.empty()) return false;
    return (!originator || has_identity(*originator)) && std::all_of(hops.begin(), hops.end(), has_identity);
}

trace_report verify_trace(const envelope& message, const trace_expectations& expected)
{
    return verifier(message, expected).run();
}

} // namespace xproto
