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

// Fields that are not here are text.
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

constexpr std::size_t hash(std::string_view name)
{
    std::uint32_t h = 2166136261;
    for (const char c : name) h = (h ^ static_cast<unsigned char>(lower(c))) * 16777619;
    return h ^ h >> 15;
}

// Open addressing, at most half full.
constexpr std::size_t slots = 256;
constexpr std::uint8_t nothing = 0xFF;
static_assert(known_fields.size() * 2 < slots);

constexpr auto index = [] {
    std::array<std::uint8_t, slots> made{};
    made.fill(nothing);
    for (std::size_t i = 0; i < known_fields.size(); ++i) {
        auto slot = hash(known_fields[i].name) % slots;
        while (made[slot] != nothing) slot = (slot + 1) % slots;
        made[slot] = static_cast<std::uint8_t>(i);
    }
    return made;
}();

constexpr std::size_t longest_name = 32;
static_assert(std::all_of(known_fields.begin(), known_fields.end(),
                          [](const known_field& row) { return row.name.size() <= longest_name; }));

} // namespace

syntax syntax_of(std::string_view field_name)
{
    if (field_name.size() > longest_name) return syntax::text;
    for (auto slot = hash(field_name) % slots; index[slot] != nothing; slot = (slot + 1) % slots)
        if (const auto& row = known_fields[index[slot]]; xproto::same_field_name(row.name, field_name)) return row.body;
    return syntax::text;
}

std::string_view to_text(kind what)
{
    return elements[static_cast<std::size_t>(what)];
}

} // namespace mapping::view
