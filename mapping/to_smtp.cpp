// Puts the fields of the two objects back into one header, each in its place.
#include "mapping/to_smtp.hpp"

#include "mapping/field.hpp"
#include "mapping/view/regenerate.hpp"
#include "smtp/command.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace mapping {

namespace {

std::vector<smtp::parameter> parameters(const std::vector<xproto::parameter>& list)
{
    std::vector<smtp::parameter> out;
    out.reserve(list.size());
    for (const auto& p : list) out.push_back({p.name, p.value});
    return out;
}

std::string_view text(xproto::separator end)
{
    switch (end) {
    case xproto::separator::crlf: return "\r\n";
    case xproto::separator::lf: return "\n";
    case xproto::separator::none: break;
    }
    return {};
}

// RFC 6531 3.6: UTF-8 in the header only where the transaction says so.
view::header_charset charset_of(const smtp::transaction& transaction)
{
    const auto is_utf8 =
        std::any_of(transaction.parameters.begin(), transaction.parameters.end(),
                    [](const smtp::parameter& p) { return smtp::equal_ignoring_case(p.keyword, "SMTPUTF8"); });
    return is_utf8 ? view::header_charset::utf8 : view::header_charset::ascii;
}

void put_header(smtp_message& out, const xproto::envelope& envelope, const xproto::headers_object& headers)
{
    const auto charset = charset_of(out.transaction);
    for (const auto* field : fields_in_order(envelope, headers))
        if (view::append_current(out.header, *field, charset) == view::edit::refused)
            out.refused_edits.push_back(field->name);
    out.header += text(headers.end);
}

} // namespace

// The legacy fields stand at their places and the others fill the gaps. Places that cannot be (taken twice, beyond the
// end) lose nothing: each field is there, as near to its place as the order allows.
std::vector<const xproto::field*> fields_in_order(const xproto::envelope& envelope,
                                                  const xproto::headers_object& headers)
{
    std::vector<const xproto::field*> out;
    out.reserve(envelope.legacy.size() + headers.fields.size());
    auto legacy = envelope.legacy.begin();
    auto ordinary = headers.fields.begin();
    for (std::uint64_t place = 0;; ++place) {
        const auto is_legacy = legacy != envelope.legacy.end() && legacy->place <= place;
        if (is_legacy || ordinary == headers.fields.end()) {
            if (legacy == envelope.legacy.end()) break;
            out.push_back(&legacy++->octets);
        } else {
            out.push_back(&*ordinary++);
        }
    }
    return out;
}

bool asks_for(const xproto::envelope& envelope, std::string_view parameter)
{
    const auto& said = envelope.from.parameters;
    return std::any_of(said.begin(), said.end(), [&](const auto& p) { return same_name(p.name, parameter); });
}

smtp::transaction transaction_of(const xproto::envelope& envelope)
{
    smtp::transaction out;
    out.reverse_path = envelope.from.address;
    out.parameters = parameters(envelope.from.parameters);
    out.recipients.reserve(envelope.recipients.size());
    for (const auto& r : envelope.recipients) out.recipients.push_back({r.address, parameters(r.parameters)});
    return out;
}

smtp_message to_smtp(const xproto::envelope& envelope, const xproto::headers_object& headers)
{
    smtp_message out;
    out.transaction = transaction_of(envelope);
    put_header(out, envelope, headers);
    return out;
}

} // namespace mapping
