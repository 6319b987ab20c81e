// Which field has which syntax, and the words for it.
#include "mapping/view/view.hpp"

#include "xproto/field_names.hpp"

#include <algorithm>
#include <array>

namespace mapping::view {

namespace {

constexpr std::array<std::string_view, 13> elements{"text",     "mailbox", "group",     "date", "id",
                                                    "keyword",  "value",   "parameter", "tag",  "result",
                                                    "property", "list",    "uri"};

struct known_field {
    std::string_view name;
    syntax body;
};

// Sorted by name without regard to letter case. Fields that are not here are text.
constexpr auto known_fields = std::to_array<known_field>({
    {"Approved", syntax::addresses},
    {"ARC-Authentication-Results", syntax::results},
    {"ARC-Message-Signature", syntax::tags},
    {"ARC-Seal", syntax::tags},
    {"Archived-At", syntax::uris},
    {"Authentication-Results", syntax::results},
    {"Author", syntax::addresses},
    {"Auto-Submitted", syntax::parameters},
    {"Autocrypt", syntax::tags},
    {"Bcc", syntax::addresses},
    {"Cc", syntax::addresses},
    {"Content-Disposition", syntax::parameters},
    {"Content-ID", syntax::ids},
    {"Content-Transfer-Encoding", syntax::parameters},
    {"Content-Type", syntax::parameters},
    {"Date", syntax::date},
    {"Deferred-Delivery", syntax::date},
    {"Delivered-To", syntax::addresses},
    {"Delivery-Date", syntax::date},
    {"Disposition-Notification-To", syntax::addresses},
    {"DKIM-Signature", syntax::tags},
    {"DomainKey-Signature", syntax::tags},
    {"Errors-To", syntax::addresses},
    {"Expires", syntax::date},
    {"Expiry-Date", syntax::date},
    {"From", syntax::addresses},
    {"In-Reply-To", syntax::ids},
    {"Injection-Date", syntax::date},
    {"Keywords", syntax::keywords},
    {"Latest-Delivery-Time", syntax::date},
    {"List-Archive", syntax::uris},
    {"List-Help", syntax::uris},
    {"List-Id", syntax::list_id},
    {"List-Owner", syntax::uris},
    {"List-Post", syntax::uris},
    {"List-Subscribe", syntax::uris},
    {"List-Unsubscribe", syntax::uris},
    {"Mail-Followup-To", syntax::addresses},
    {"Mail-Reply-To", syntax::addresses},
    {"Message-Context", syntax::parameters},
    {"Message-ID", syntax::ids},
    {"MIME-Version", syntax::parameters},
    {"Original-From", syntax::addresses},
    {"Original-Message-ID", syntax::ids},
    {"Received", syntax::none},
    {"Received-SPF", syntax::spf},
    {"References", syntax::ids},
    {"Reply-By", syntax::date},
    {"Reply-To", syntax::addresses},
    {"Resent-Bcc", syntax::addresses},
    {"Resent-Cc", syntax::addresses},
    {"Resent-Date", syntax::date},
    {"Resent-From", syntax::addresses},
    {"Resent-Message-ID", syntax::ids},
    {"Resent-Reply-To", syntax::addresses},
    {"Resent-Sender", syntax::addresses},
    {"Resent-To", syntax::addresses},
    {"Return-Path", syntax::none},
    {"Return-Receipt-To", syntax::addresses},
    {"Sender", syntax::addresses},
    {"Supersedes", syntax::ids},
    {"To", syntax::addresses},
    {"VBR-Info", syntax::tags},
    {"X-Original-To", syntax::addresses},
});

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool less(std::string_view a, std::string_view b)
{
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](char x, char y) { return lower(x) < lower(y); });
}

static_assert(std::is_sorted(known_fields.begin(), known_fields.end(),
                             [](const auto& a, const auto& b) { return less(a.name, b.name); }));

} // namespace

syntax syntax_of(std::string_view field_name)
{
    const auto found =
        std::lower_bound(known_fields.begin(), known_fields.end(), field_name,
                         [](const known_field& row, std::string_view name) { return less(row.name, name); });
    if (found == known_fields.end() || !xproto::same_field_name(found->name, field_name)) return syntax::text;
    return found->body;
}

std::string_view to_text(kind what)
{
    return elements[static_cast<std::size_t>(what)];
}

} // namespace mapping::view
