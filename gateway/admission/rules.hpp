// The rules of the configuration ([[filter]]) about a message, as far as it is known: a pure function of facts. The
// same for mail that comes by xproto and by SMTP.
#pragma once

#include "gateway/config/settings.hpp"
#include "mapping/header_section.hpp"
#include "mapping/verdict.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::admission {

using stage = config::filter_stage;

// What is looked at of all fields of one name together: the time that a header can cost is bounded.
inline constexpr std::size_t longest_field_text = 64 * 1024;

// A header field as rules see it: unfolded, and with its encoded words decoded where that makes a difference.
struct field_facts {
    std::string name;
    std::string text, decoded; // decoded: empty when it is the same, or nobody can decode it

    bool operator==(const field_facts&) const = default;
};

// What is known of a message; more from stage to stage.
struct mail_facts {
    // Of the peer, from the beginning.
    bool by_xproto = false;
    std::string host;    // proved; empty: nothing was
    std::string address; // IP
    config::trust trust = config::trust::unknown;
    std::string tls; // "TLSv1.3"; empty: in clear
    // From the envelope on.
    std::optional<std::string> sender; // empty text: the null sender
    std::vector<std::string> recipients;
    std::uint64_t octets = 0; // of the whole message, as announced; 0: not known
    std::vector<std::string> options;
    std::string media_type; // in lower case; as the envelope says, then as the header does; empty: not known
    // From the headers on.
    std::vector<field_facts> fields;
};

// What a refusal is about, for the counters; in the order in which it becomes known.
enum class subject { peer, list, encryption, size, sender, recipient, option, media_type, field };

struct refusal {
    mapping::verdict verdict;
    subject about = subject::peer;
    std::string rule; // its name: for the log
};

struct ruling {
    bool exempt = false;            // a rule has accepted the message: none is to be asked at later stages
    std::optional<refusal> message; // of the whole
    std::vector<std::pair<std::size_t, refusal>> recipients; // by place in the facts, ascending
};

// What the rules say at one stage. Asked are the rules of this stage, and again those of earlier ones that ask for what
// is now known better (size and media type).
ruling judge(std::span<const config::filter> rules, stage now, const mail_facts& mail);

// Is this address one that the pattern of a rule is about: "a@b.example" (the local part is compared exactly), or what
// config::matches() says of its domain; "<>" is the null sender.
bool matches_mailbox(std::string_view pattern, std::string_view address);

// The fields of a header that rules of this list ask for, and no others.
std::vector<field_facts> facts_of(const xproto::headers_object& header, std::span<const config::filter> rules);
std::vector<field_facts> facts_of(const mapping::header_section& header, std::span<const config::filter> rules);
// The media type that a header gives; "text/plain" when it gives none (RFC 2045 5.2).
std::string media_type_of(const xproto::headers_object& header);
std::string media_type_of(const mapping::header_section& header);
// What the envelope says of it; empty when it does not say.
std::string media_type_of(const xproto::object_reference& body);
// The options of an envelope: its extensions, and the parameters of the originator and the recipients.
std::vector<std::string> options_of(const xproto::envelope& message);

} // namespace gateway::admission
