// Field by field, in the order of the RFC's grammar. Everything from elsewhere passes through printable().
#include "mapping/delivery_status.hpp"

#include "mapping/date.hpp"
#include "mapping/folded_field.hpp"
#include "mapping/header_section.hpp"
#include "mapping/status_table.hpp"
#include "mapping/text.hpp"
#include "mapping/xtext.hpp"
#include "smtp/address.hpp"

#include <algorithm>

namespace mapping {

namespace {

class writer {
  public:
    writer(bool utf8, const report_limits& limits) : utf8_(utf8), limits_(limits) {}

    // `Name: text`, in one line: for values whose spaces count.
    void exact(std::string_view name, std::string_view text)
    {
        out_ += folded_field(name).word(printable(text, utf8_, limits_.text)).take();
    }
    // `Name: type; text`, folded.
    void typed(std::string_view name, std::string_view type, std::string_view text)
    {
        folded_field field(name);
        field.word(std::string(type) + ";").words(printable(text, utf8_, limits_.text));
        out_ += field.take();
    }
    void date(std::string_view name, xproto::unix_seconds time)
    {
        if (time != 0) exact(name, rfc5322_date(time));
    }
    // `Name: type;address`. An address beyond ASCII is a "utf-8" one whatever its type was said to be.
    void address(std::string_view name, std::string_view type, const std::string& address)
    {
        if (smtp::is_ascii(address)) return exact(name, std::string(type) + ";" + address);
        const auto escaped = utf8_ ? address : to_unitext(address);
        exact(name, escaped ? "utf-8;" + *escaped : std::string(type) + ";" + address);
    }
    void blank() { out_ += "\r\n"; }
    std::string take() { return std::move(out_); }

  private:
    std::string out_;
    bool utf8_;
    const report_limits& limits_;
};

struct original_recipient {
    std::string type;
    std::string address;
};

// What ORCPT says, decoded (RFC 3461 4.2, RFC 6533 section 3); nothing when it is malformed or absent.
std::optional<original_recipient> original(const smtp::recipient& recipient)
{
    const auto* const value = find_value(recipient.parameters, "ORCPT");
    if (!value) return {};
    const auto semicolon = value->find(';');
    if (semicolon == std::string::npos || semicolon == 0) return {};
    auto type = value->substr(0, semicolon);
    const auto encoded = std::string_view(*value).substr(semicolon + 1);
    auto address = same_name(type, "utf-8") ? from_unitext(encoded) : from_xtext(encoded);
    if (!address || address->empty()) return {};
    return original_recipient{std::move(type), *std::move(address)};
}

bool is_beyond_ascii(const reported_recipient& r)
{
    const auto first = original(r.recipient);
    return !smtp::is_ascii(r.recipient.address) || (first && !smtp::is_ascii(first->address));
}

void put_message(writer& out, const report_facts& facts)
{
    if (const auto* const id = find_value(facts.original.parameters, "ENVID")) {
        const auto decoded = from_xtext(*id);
        out.exact("Original-Envelope-Id", decoded ? *decoded : *id);
    }
    out.typed("Reporting-MTA", "dns", facts.host);
    if (!facts.received_from.empty()) out.typed("Received-From-MTA", "dns", facts.received_from);
    out.date("Arrival-Date", facts.arrival);
}

void put_recipient(writer& out, const reported_recipient& r)
{
    if (const auto first = original(r.recipient)) out.address("Original-Recipient", first->type, first->address);
    out.address("Final-Recipient", "rfc822", r.recipient.address);
    out.exact("Action", to_text(r.action));
    out.exact("Status", to_text(r.status));
    if (!r.remote.empty()) out.typed("Remote-MTA", "dns", r.remote);
    if (!r.diagnostic_type.empty()) out.typed("Diagnostic-Code", r.diagnostic_type, r.diagnostic);
    out.date("Last-Attempt-Date", r.last_attempt);
    if (r.action == report_action::delayed) out.date("Will-Retry-Until", r.retry_until);
}

} // namespace

delivery_status write_delivery_status(const report_facts& facts, bool utf8, const report_limits& limits)
{
    const auto global = utf8 && std::any_of(facts.recipients.begin(), facts.recipients.end(), is_beyond_ascii);
    writer out(global, limits);
    put_message(out, facts);
    for (const auto& recipient : facts.recipients) {
        out.blank();
        put_recipient(out, recipient);
    }
    return {out.take(), global};
}

const std::string* find_value(const std::vector<smtp::parameter>& parameters, std::string_view keyword)
{
    for (const auto& p : parameters)
        if (same_name(p.keyword, keyword)) return p.value ? &*p.value : nullptr;
    return nullptr;
}

bool has_parameter(const std::vector<smtp::parameter>& parameters, std::string_view keyword)
{
    return std::any_of(parameters.begin(), parameters.end(),
                       [&](const smtp::parameter& p) { return same_name(p.keyword, keyword); });
}

} // namespace mapping
