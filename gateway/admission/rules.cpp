// One function for each condition, and a table of them.
#include "gateway/admission/rules.hpp"

#include <algorithm>
#include <charconv>

namespace gateway::admission {

namespace {

using config::filter;

template <class List, class Test> bool any_of(const List& list, Test test)
{
    return std::any_of(list.begin(), list.end(), test);
}

bool is_below(std::string_view tls, config::tls_version least)
{
    if (tls.empty()) return true;
    return least == config::tls_version::tls_1_3 && tls != "TLSv1.3"; // nothing below TLS 1.2 is spoken here
}

bool matches_media(std::string_view pattern, std::string_view type)
{
    if (pattern.ends_with("/*")) return type.starts_with(pattern.substr(0, pattern.size() - 1));
    return type == pattern;
}

bool has_field(const filter& rule, const mail_facts& mail)
{
    return any_of(mail.fields, [&](const field_facts& f) {
        if (!mapping::same_name(f.name, rule.field)) return false;
        return rule.matches.found_in(f.text) || (!f.decoded.empty() && rule.matches.found_in(f.decoded));
    });
}

// A condition: does the rule have it, does it hold, and what is it about? In the order in which things become known.
struct condition {
    subject about;
    bool (*asked)(const filter&);
    bool (*holds)(const filter&, const mail_facts&);
};

constexpr condition conditions[] = {
    {subject::peer, [](const filter& r) { return r.protocol != config::mail_protocol::any; },
     [](const filter& r, const mail_facts& m) { return (r.protocol == config::mail_protocol::xproto) == m.by_xproto; }},
    {subject::peer, [](const filter& r) { return !r.hosts.empty(); },
     [](const filter& r, const mail_facts& m) {
         return any_of(r.hosts, [&](const auto& p) { return config::matches(p, m.host); });
     }},
    {subject::peer, [](const filter& r) { return !r.addresses.empty(); },
     [](const filter& r, const mail_facts& m) {
         return any_of(r.addresses, [&](const auto& n) { return n.contains(m.address); });
     }},
    {subject::peer, [](const filter& r) { return !r.trust.empty(); },
     [](const filter& r, const mail_facts& m) { return any_of(r.trust, [&](const auto t) { return t == m.trust; }); }},
    {subject::encryption, [](const filter& r) { return r.min_tls != config::tls_version::none; },
     [](const filter& r, const mail_facts& m) { return is_below(m.tls, r.min_tls); }},
    {subject::size, [](const filter& r) { return r.max_octets != 0; },
     [](const filter& r, const mail_facts& m) { return m.octets > r.max_octets; }},
    {subject::sender, [](const filter& r) { return !r.senders.empty(); },
     [](const filter& r, const mail_facts& m) {
         return m.sender && any_of(r.senders, [&](const auto& p) { return matches_mailbox(p, *m.sender); });
     }},
    {subject::option, [](const filter& r) { return !r.options.empty(); },
     [](const filter& r, const mail_facts& m) {
         return any_of(r.options, [&](const auto& wanted) {
             return any_of(m.options, [&](const auto& o) { return mapping::same_name(o, wanted); });
         });
     }},
    {subject::media_type, [](const filter& r) { return !r.media_type.empty(); },
     [](const filter& r, const mail_facts& m) {
         return any_of(r.media_type, [&](const auto& p) { return matches_media(p, m.media_type); });
     }},
    {subject::field, [](const filter& r) { return !r.field.empty(); }, has_field},
};

bool applies(const filter& rule, const mail_facts& mail)
{
    return std::all_of(std::begin(conditions), std::end(conditions),
                       [&](const condition& c) { return !c.asked(rule) || c.holds(rule, mail); });
}

bool is_for(const filter& rule, std::string_view recipient)
{
    return any_of(rule.recipients, [&](const auto& p) { return matches_mailbox(p, recipient); });
}

// What a rule is about is what it learns last.
subject about(const filter& rule)
{
    auto found = rule.recipients.empty() ? subject::peer : subject::recipient;
    for (const auto& c : conditions)
        if (c.asked(rule)) found = std::max(found, c.about);
    return found;
}

mapping::enhanced_code code_of(const filter& rule)
{
    mapping::enhanced_code code{rule.code.front() - '0', 7, 1};
    const auto* const end = rule.code.data() + rule.code.size();
    const auto subject_end = std::from_chars(rule.code.data() + 2, end, code.subject).ptr;
    if (subject_end != end) std::from_chars(subject_end + 1, end, code.detail);
    return code;
}

refusal refuse(const filter& rule)
{
    refusal made;
    const bool later = rule.action == config::filter_action::defer;
    made.verdict = later ? mapping::verdict::deferred(code_of(rule), rule.text)
                         : mapping::verdict::rejected(code_of(rule), rule.text);
    made.verdict.detail = rule.name;
    made.about = about(rule);
    made.rule = rule.name;
    return made;
}

// Is the rule asked now: at its stage, or again because what it asks for is known better?
bool is_due(const filter& rule, stage now)
{
    return rule.at == now || (rule.at < now && (rule.max_octets != 0 || !rule.media_type.empty()));
}

// A rule about recipients, at the envelope: about those that it names and that no rule has decided about.
void judge_recipients(const filter& rule, const mail_facts& mail, std::vector<bool>& decided, ruling& out)
{
    for (std::size_t i = 0; i < mail.recipients.size(); ++i) {
        if (decided[i] || !is_for(rule, mail.recipients[i])) continue;
        decided[i] = true;
        if (rule.action != config::filter_action::accept) out.recipients.emplace_back(i, refuse(rule));
    }
}

} // namespace

bool matches_mailbox(std::string_view pattern, std::string_view address)
{
    if (pattern == "<>" || address.empty()) return pattern == "<>" && address.empty();
    const auto at = address.rfind('@');
    const auto domain = at == address.npos ? std::string_view() : address.substr(at + 1);
    const auto pattern_at = pattern.rfind('@');
    if (pattern_at == pattern.npos) return config::matches(pattern, domain);
    const auto local = pattern.substr(0, pattern_at);
    if (local != "*" && local != address.substr(0, at)) return false;
    return config::matches(pattern.substr(pattern_at + 1), domain);
}

ruling judge(std::span<const filter> rules, stage now, const mail_facts& mail)
{
    ruling out;
    std::vector<bool> decided(mail.recipients.size());
    for (const auto& rule : rules) {
        if (!is_due(rule, now) || !applies(rule, mail)) continue;
        if (!rule.recipients.empty()) {
            if (now == stage::envelope) {
                judge_recipients(rule, mail, decided, out);
                continue;
            }
            if (!any_of(mail.recipients, [&](const auto& to) { return is_for(rule, to); })) continue;
        }
        if (rule.action == config::filter_action::accept)
            out.exempt = true;
        else
            out.message = refuse(rule);
        break;
    }
    std::sort(out.recipients.begin(), out.recipients.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return out;
}

} // namespace gateway::admission
