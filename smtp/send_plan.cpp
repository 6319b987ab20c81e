#include "smtp/send_plan.hpp"

#include "smtp/command.hpp"

#include <algorithm>
#include <utility>

namespace smtp {
namespace {

constexpr address_limits any_length{2000, 255};

// Which extension lets a parameter of the transaction be passed on. SIZE and BODY are computed instead.
struct row {
    std::string_view keyword;
    bool extensions::*offered;
};
constexpr row passed_on[] = {
    {"SMTPUTF8", &extensions::smtputf8}, {"RET", &extensions::dsn},   {"ENVID", &extensions::dsn},
    {"NOTIFY", &extensions::dsn},        {"ORCPT", &extensions::dsn}, {"REQUIRETLS", &extensions::require_tls},
};

bool asks_for_body(const transaction& mail, std::string_view type)
{
    const auto* body = find_parameter(mail.parameters, "BODY");
    return body && body->value && equal_ignoring_case(*body->value, type);
}

std::vector<parameter> what_is_offered(const std::vector<parameter>& parameters, const extensions& offered)
{
    std::vector<parameter> kept;
    for (const auto& p : parameters) {
        if (!offered.smtputf8 && p.value && !is_ascii(*p.value)) continue; // an ORCPT of RFC 6533
        for (const auto& [keyword, member] : passed_on) {
            if (equal_ignoring_case(p.keyword, keyword) && offered.*member) kept.push_back(p);
        }
    }
    return kept;
}

// Would a command line with these parameters be read as these parameters?
bool can_be_written(const std::vector<parameter>& parameters)
{
    std::string text;
    for (const auto& [keyword, value] : parameters) text += ' ' + keyword + (value ? '=' + *value : "");
    const auto read = parse_parameters(text);
    return read && *read == parameters;
}

// How the content travels, as far as it is the same for all recipients.
struct carriage {
    bool binary = false;
    bool chunked = false;
    bool utf8 = false; // is SMTPUTF8 needed for sender or header?
};

carriage choose_carriage(const transaction& mail, const content_facts& facts, const extensions& offered,
                         const send_choices& choices)
{
    carriage chosen;
    const bool chunking = offered.chunking && choices.chunking;
    const bool can_be_binary = chunking && offered.binarymime;
    chosen.binary = can_be_binary && (facts.bare_newline || facts.nul || asks_for_body(mail, "BINARYMIME"));
    const bool one_round_trip = offered.pipelining && choices.pipelining && facts.octets <= choices.eager_octets;
    chosen.chunked = chosen.binary || (chunking && (!facts.ends_in_crlf || one_round_trip));
    chosen.utf8 = facts.smtputf8 || !is_ascii(mail.reverse_path);
    return chosen;
}

std::optional<reply> refuse_all(const transaction& mail, const content_facts& facts, const extensions& offered,
                                const send_choices& choices, const carriage& how)
{
    if (offered.size_limit != 0 && facts.octets > offered.size_limit) {
        return reply(552, {5, 3, 4},
                     "the message has " + std::to_string(facts.octets) + " octets, the server takes at most " +
                         std::to_string(offered.size_limit));
    }
    if (how.utf8 && !offered.smtputf8) {
        return reply(550, {5, 6, 7}, "the message needs SMTPUTF8, which the server does not offer");
    }
    if (facts.bare_newline && !how.binary) {
        return reply(554, {5, 6, 1},
                     "a CR or LF stands alone in the message; only CHUNKING and BINARYMIME could carry it, which the "
                     "server does not offer");
    }
    const bool eight_bit_offered = offered.eight_bit_mime || how.binary;
    if (facts.eight_bit && !eight_bit_offered && choices.eight_bit == eight_bit_policy::refuse) {
        return reply(554, {5, 6, 3}, "the message is 8-bit and the server does not offer 8BITMIME");
    }
    if (!mail.reverse_path.empty() && !parse_mailbox(mail.reverse_path, any_length)) {
        return reply(553, {5, 1, 7}, "the sender's address cannot be written in SMTP");
    }
    return std::nullopt;
}

std::vector<parameter> mail_parameters(const transaction& mail, const content_facts& facts, const extensions& offered,
                                       const carriage& how, bool utf8)
{
    auto parameters = what_is_offered(mail.parameters, offered);
    if (utf8 && offered.smtputf8 && !find_parameter(parameters, "SMTPUTF8"))
        parameters.push_back({"SMTPUTF8", std::nullopt});
    const auto body = [&](const char* type) { parameters.insert(parameters.begin(), {"BODY", type}); };
    if (how.binary) {
        body("BINARYMIME");
    } else if (offered.eight_bit_mime && (facts.eight_bit || asks_for_body(mail, "8BITMIME"))) {
        body("8BITMIME");
    } else if (offered.eight_bit_mime && asks_for_body(mail, "7BIT")) {
        body("7BIT");
    }
    if (offered.size) parameters.insert(parameters.begin(), {"SIZE", std::to_string(facts.octets)});
    return parameters;
}

// RFC 8689 4.2.1: only to a server that has proved itself, and promises the same for the rest of the way.
std::optional<reply> refuse_insecure(const transaction& mail, const extensions& offered, bool secure)
{
    if (!find_parameter(mail.parameters, "REQUIRETLS")) return std::nullopt;
    if (!secure) return reply(550, {5, 7, 10}, "the message demands TLS with a server that proves itself");
    if (!offered.require_tls)
        return reply(550, {5, 7, 30}, "the message demands REQUIRETLS, which the server does not offer");
    return std::nullopt;
}

std::optional<reply> refuse_one(const recipient& to, const std::vector<parameter>& parameters,
                                const extensions& offered)
{
    if (!parse_mailbox(to.address, any_length)) {
        return reply(553, {5, 1, 3}, "the recipient's address cannot be written in SMTP");
    }
    if (!is_ascii(to.address) && !offered.smtputf8) {
        return reply(553, {5, 6, 7}, "the address needs SMTPUTF8, which the server does not offer");
    }
    if (!can_be_written(parameters)) {
        return reply(501, {5, 5, 4}, "a parameter of the recipient cannot be written in SMTP");
    }
    return std::nullopt;
}

} // namespace

send_plan plan_sending(const transaction& mail, const content_facts& facts, const extensions& offered,
                       const send_choices& choices, bool secure)
{
    const auto how = choose_carriage(mail, facts, offered, choices);
    const auto is_utf8_recipient = [](const recipient& to) { return !is_ascii(to.address); };
    const bool utf8 = how.utf8 || std::any_of(mail.recipients.begin(), mail.recipients.end(), is_utf8_recipient);
    const auto parameters = mail_parameters(mail, facts, offered, how, utf8);
    auto refusal = refuse_insecure(mail, offered, secure);
    if (!refusal) refusal = refuse_all(mail, facts, offered, choices, how);
    if (!refusal && !can_be_written(parameters)) {
        refusal = reply(501, {5, 5, 4}, "a parameter of the sender cannot be written in SMTP");
    }

    send_plan plan;
    plan.chunked = how.chunked;
    plan.eager = how.chunked && offered.pipelining && choices.pipelining && facts.octets <= choices.eager_octets;
    plan.mail = format_mail(mail.reverse_path, parameters);
    for (const auto& to : mail.recipients) {
        const recipient sent{to.address, what_is_offered(to.parameters, offered)};
        send_plan::step step{format_rcpt(sent), refusal};
        if (!refusal) step.refusal = refuse_one(sent, sent.parameters, offered);
        plan.recipients.push_back(std::move(step));
    }
    return plan;
}

} // namespace smtp
