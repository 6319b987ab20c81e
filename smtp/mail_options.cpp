#include "smtp/mail_options.hpp"

#include "smtp/command.hpp"

#include <algorithm>
#include <charconv>

namespace smtp {
namespace {

using value = std::optional<std::string>;

constexpr std::size_t longest_envid = 100; // RFC 3461 4.4
constexpr std::size_t longest_orcpt = 500; // RFC 3461 4.2

bool is_upper_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

// RFC 3461 section 4. The grammar of a parameter's value has already kept out spaces, control characters and `=`.
bool is_xtext(std::string_view text)
{
    for (auto plus = text.find('+'); plus != text.npos; plus = text.find('+', plus + 1)) {
        if (plus + 2 >= text.size() || !is_upper_hex(text[plus + 1]) || !is_upper_hex(text[plus + 2])) return false;
    }
    return true;
}

bool is_body(const value& v)
{
    return v && (equal_ignoring_case(*v, "7BIT") || equal_ignoring_case(*v, "8BITMIME"));
}

bool is_binary(const value& v)
{
    return v && equal_ignoring_case(*v, "BINARYMIME");
}

bool is_ret(const value& v)
{
    return v && (equal_ignoring_case(*v, "FULL") || equal_ignoring_case(*v, "HDRS"));
}

bool is_envid(const value& v)
{
    return v && v->size() <= longest_envid && is_ascii(*v) && is_xtext(*v);
}

// NEVER alone, or a list of SUCCESS, FAILURE, DELAY.
bool is_notify(const value& v)
{
    if (!v) return false;
    if (equal_ignoring_case(*v, "NEVER")) return true;
    std::string_view rest = *v;
    for (;;) {
        const auto comma = rest.find(',');
        const auto word = rest.substr(0, comma);
        const bool known = equal_ignoring_case(word, "SUCCESS") || equal_ignoring_case(word, "FAILURE") ||
                           equal_ignoring_case(word, "DELAY");
        if (!known) return false;
        if (comma == rest.npos) return true;
        rest.remove_prefix(comma + 1);
    }
}

// `address-type;address`. The address is xtext, or for the type utf-8 a form of RFC 6533 that may hold UTF-8.
bool is_orcpt(const value& v, bool smtputf8)
{
    if (!v || v->size() > longest_orcpt) return false;
    const auto semicolon = v->find(';');
    if (semicolon == v->npos || semicolon == 0 || semicolon + 1 == v->size()) return false;
    if (equal_ignoring_case(v->substr(0, semicolon), "utf-8")) return smtputf8 || is_ascii(*v);
    return is_ascii(*v) && is_xtext(std::string_view(*v).substr(semicolon + 1));
}

reply unknown(const parameter& p)
{
    return {555, {5, 5, 4}, "parameter not known: " + p.keyword}; // a keyword is letters, digits and hyphens
}

reply malformed(const parameter& p)
{
    return {501, {5, 5, 4}, "bad value of " + p.keyword};
}

std::optional<reply> read_size(const parameter& p, const extensions& offered, mail_options& options)
{
    constexpr std::size_t most_digits = 20; // RFC 1870 section 5
    const auto& text = p.value;
    if (!text || text->size() > most_digits) return malformed(p);
    if (!std::all_of(text->begin(), text->end(), [](char c) { return c >= '0' && c <= '9'; })) return malformed(p);
    const auto error = std::from_chars(text->data(), text->data() + text->size(), options.size).ec;
    const bool huge = error == std::errc::result_out_of_range;
    if (offered.size_limit == 0 || (!huge && options.size <= offered.size_limit)) return std::nullopt;
    return reply(552, {5, 3, 4},
                 "at most " + std::to_string(offered.size_limit) + " octets are taken (message_octets)");
}

} // namespace

boost::system::result<mail_options, reply> check_mail_parameters(const std::vector<parameter>& parameters,
                                                                 const extensions& offered)
{
    mail_options options;
    for (const auto& p : parameters) {
        const auto is = [&](std::string_view keyword) { return equal_ignoring_case(p.keyword, keyword); };
        if (is("SIZE") && offered.size) {
            if (const auto refusal = read_size(p, offered, options)) return *refusal;
        } else if (is("BODY") && offered.eight_bit_mime) {
            const bool binary = is_binary(p.value) && offered.chunking && offered.binarymime;
            if (!is_body(p.value) && !binary) return malformed(p);
            if (equal_ignoring_case(*p.value, "8BITMIME")) options.body = body_type::eight_bit;
            if (binary) options.body = body_type::binary;
        } else if (is("SMTPUTF8") && offered.smtputf8) {
            if (p.value) return malformed(p);
            options.smtputf8 = true;
        } else if (is("REQUIRETLS") && offered.require_tls) {
            if (p.value) return malformed(p);
            options.require_tls = true;
        } else if (is("RET") && offered.dsn) {
            if (!is_ret(p.value)) return malformed(p);
        } else if (is("ENVID") && offered.dsn) {
            if (!is_envid(p.value)) return malformed(p);
        } else {
            return unknown(p);
        }
    }
    return options;
}

std::optional<reply> check_rcpt_parameters(const std::vector<parameter>& parameters, const extensions& offered,
                                           bool smtputf8)
{
    for (const auto& p : parameters) {
        const bool notify = equal_ignoring_case(p.keyword, "NOTIFY");
        const bool orcpt = equal_ignoring_case(p.keyword, "ORCPT");
        if (!offered.dsn || (!notify && !orcpt)) return unknown(p);
        if (notify ? !is_notify(p.value) : !is_orcpt(p.value, smtputf8)) return malformed(p);
    }
    return std::nullopt;
}

} // namespace smtp
