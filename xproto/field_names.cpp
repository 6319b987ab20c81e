// The table of registered field names, and an index over it for the writer of headers objects.
#include "xproto/field_names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace xproto {

namespace {

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool less(std::string_view a, std::string_view b)
{
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](char x, char y) { return lower(x) < lower(y); });
}

constexpr auto table = std::to_array<registered_name>({
    {"RFC3282.Accept-Language", "Accept-Language"},
    {"RFC2156.Alternate-Recipient", "Alternate-Recipient"},
    {"RFC5536.Approved", "Approved"},
    {"RFC8617.ARC-Authentication-Results", "ARC-Authentication-Results"},
    {"RFC8617.ARC-Message-Signature", "ARC-Message-Signature"},
    {"RFC8617.ARC-Seal", "ARC-Seal"},
    {"RFC5536.Archive", "Archive"},
    {"RFC5064.Archived-At", "Archived-At"},
    {"RFC8601.Authentication-Results", "Authentication-Results"},
    {"RFC9057.Author", "Author"},
    {"RFC3834.Auto-Submitted", "Auto-Submitted"},
    {"RFC2156.Autoforwarded", "Autoforwarded"},
    {"RFC2156.Autosubmitted", "Autosubmitted"},
    {"RFC822.Bcc", "Bcc"},
    {"RFC822.Cc", "Cc"},
    {"RFC822.Comments", "Comments"},
    {"RFC3297.Content-Alternative", "Content-Alternative"},
    {"RFC2557.Content-Base", "Content-Base"},
    {"RFC2045.Content-Description", "Content-Description"},
    {"RFC2183.Content-Disposition", "Content-Disposition"},
    {"RFC2424.Content-Duration", "Content-Duration"},
    {"RFC2912.Content-Features", "Content-Features"},
    {"RFC2045.Content-ID", "Content-ID"},
    {"RFC2156.Content-Identifier", "Content-Identifier"},
    {"RFC3282.Content-Language", "Content-Language"},
    {"RFC2557.Content-Location", "Content-Location"},
    {"RFC1864.Content-MD5", "Content-MD5"},
    {"RFC2156.Content-Return", "Content-Return"},
    {"RFC2045.Content-Transfer-Encoding", "Content-Transfer-Encoding"},
    {"RFC8255.Content-Translation-Type", "Content-Translation-Type"},
    {"RFC2045.Content-Type", "Content-Type"},
    {"RFC5536.Control", "Control"},
    {"RFC2156.Conversion", "Conversion"},
    {"RFC2156.Conversion-With-Loss", "Conversion-With-Loss"},
    {"RFC822.Date", "Date"},
    {"RFC2156.Deferred-Delivery", "Deferred-Delivery"},
    {"RFC9228.Delivered-To", "Delivered-To"},
    {"RFC2156.Delivery-Date", "Delivery-Date"},
    {"RFC2156.Discarded-X400-IPMS-Extensions", "Discarded-X400-IPMS-Extensions"},
    {"RFC2156.Discarded-X400-MTS-Extensions", "Discarded-X400-MTS-Extensions"},
    {"RFC2156.Disclose-Recipients", "Disclose-Recipients"},
    {"RFC8098.Disposition-Notification-Options", "Disposition-Notification-Options"},
    {"RFC8098.Disposition-Notification-To", "Disposition-Notification-To"},
    {"RFC5536.Distribution", "Distribution"},
    {"RFC6376.DKIM-Signature", "DKIM-Signature"},
    {"RFC2156.DL-Expansion-History", "DL-Expansion-History"},
    {"RFC4870.DomainKey-Signature", "DomainKey-Signature"},
    {"RFC5504.Downgraded-Bcc", "Downgraded-Bcc"},
    {"RFC5504.Downgraded-Cc", "Downgraded-Cc"},
    {"RFC5504.Downgraded-Disposition-Notification-To", "Downgraded-Disposition-Notification-To"},
    {"RFC6857.Downgraded-Final-Recipient", "Downgraded-Final-Recipient"},
    {"RFC5504.Downgraded-From", "Downgraded-From"},
    {"RFC6857.Downgraded-In-Reply-To", "Downgraded-In-Reply-To"},
    {"RFC5504.Downgraded-Mail-From", "Downgraded-Mail-From"},
    {"RFC6857.Downgraded-Message-Id", "Downgraded-Message-Id"},
    {"RFC6857.Downgraded-Original-Recipient", "Downgraded-Original-Recipient"},
    {"RFC5504.Downgraded-Rcpt-To", "Downgraded-Rcpt-To"},
    {"RFC6857.Downgraded-References", "Downgraded-References"},
    {"RFC5504.Downgraded-Reply-To", "Downgraded-Reply-To"},
    {"RFC5504.Downgraded-Resent-Bcc", "Downgraded-Resent-Bcc"},
    {"RFC5504.Downgraded-Resent-Cc", "Downgraded-Resent-Cc"},
    {"RFC5504.Downgraded-Resent-From", "Downgraded-Resent-From"},
    {"RFC5504.Downgraded-Resent-Reply-To", "Downgraded-Resent-Reply-To"},
    {"RFC5504.Downgraded-Resent-Sender", "Downgraded-Resent-Sender"},
    {"RFC5504.Downgraded-Resent-To", "Downgraded-Resent-To"},
    {"RFC5504.Downgraded-Return-Path", "Downgraded-Return-Path"},
    {"RFC5504.Downgraded-Sender", "Downgraded-Sender"},
    {"RFC5504.Downgraded-To", "Downgraded-To"},
    {"RFC6017.EDIINT-Features", "EDIINT-Features"},
    {"RFC7681.Eesst-Version", "Eesst-Version"},
    {"RFC1505.Encoding", "Encoding"},
    {"RFC822.Encrypted", "Encrypted"},
    {"RFC2156.Expires", "Expires"},
    {"RFC5536.Followup-To", "Followup-To"},
    {"RFC822.From", "From"},
    {"RFC2156.Generate-Delivery-Report", "Generate-Delivery-Report"},
    {"RFC9788.HP-Outer", "HP-Outer"},
    {"RFC2156.Importance", "Importance"},
    {"RFC822.In-Reply-To", "In-Reply-To"},
    {"RFC2156.Incomplete-Copy", "Incomplete-Copy"},
    {"RFC5536.Injection-Date", "Injection-Date"},
    {"RFC5536.Injection-Info", "Injection-Info"},
    {"RFC7259.Jabber-ID", "Jabber-ID"},
    {"RFC822.Keywords", "Keywords"},
    {"RFC2156.Language", "Language"},
    {"RFC2156.Latest-Delivery-Time", "Latest-Delivery-Time"},
    {"RFC5536.Lines", "Lines"},
    {"RFC2369.List-Archive", "List-Archive"},
    {"RFC2369.List-Help", "List-Help"},
    {"RFC2919.List-Id", "List-Id"},
    {"RFC2369.List-Owner", "List-Owner"},
    {"RFC2369.List-Post", "List-Post"},
    {"RFC2369.List-Subscribe", "List-Subscribe"},
    {"RFC2369.List-Unsubscribe", "List-Unsubscribe"},
    {"RFC8058.List-Unsubscribe-Post", "List-Unsubscribe-Post"},
    {"RFC3458.Message-Context", "Message-Context"},
    {"RFC822.Message-ID", "Message-ID"},
    {"RFC2156.Message-Type", "Message-Type"},
    {"RFC2045.MIME-Version", "MIME-Version"},
    {"RFC6477.MMHS-Acp127-Message-Identifier", "MMHS-Acp127-Message-Identifier"},
    {"RFC6477.MMHS-Codress-Message-Indicator", "MMHS-Codress-Message-Indicator"},
    {"RFC6477.MMHS-Copy-Precedence", "MMHS-Copy-Precedence"},
    {"RFC6477.MMHS-Exempted-Address", "MMHS-Exempted-Address"},
    {"RFC6477.MMHS-Extended-Authorisation-Info", "MMHS-Extended-Authorisation-Info"},
    {"RFC6477.MMHS-Handling-Instructions", "MMHS-Handling-Instructions"},
    {"RFC6477.MMHS-Message-Instructions", "MMHS-Message-Instructions"},
    {"RFC6477.MMHS-Message-Type", "MMHS-Message-Type"},
    {"RFC6477.MMHS-Originator-PLAD", "MMHS-Originator-PLAD"},
    {"RFC6477.MMHS-Originator-Reference", "MMHS-Originator-Reference"},
    {"RFC6477.MMHS-Other-Recipients-Indicator-CC", "MMHS-Other-Recipients-Indicator-CC"},
    {"RFC6477.MMHS-Other-Recipients-Indicator-To", "MMHS-Other-Recipients-Indicator-To"},
    {"RFC6477.MMHS-Primary-Precedence", "MMHS-Primary-Precedence"},
    {"RFC6477.MMHS-Subject-Indicator-Codes", "MMHS-Subject-Indicator-Codes"},
    {"RFC6758.MT-Priority", "MT-Priority"},
    {"RFC5536.Newsgroups", "Newsgroups"},
    {"RFC5536.Organization", "Organization"},
    {"RFC2156.Original-Encoded-Information-Types", "Original-Encoded-Information-Types"},
    {"RFC5703.Original-From", "Original-From"},
    {"RFC8098.Original-Recipient", "Original-Recipient"},
    {"RFC5703.Original-Subject", "Original-Subject"},
    {"RFC2156.Originator-Return-Address", "Originator-Return-Address"},
    {"RFC5536.Path", "Path"},
    {"RFC4021.PICS-Label", "PICS-Label"},
    {"RFC2156.Prevent-NonDelivery-Report", "Prevent-NonDelivery-Report"},
    {"RFC2156.Priority", "Priority"},
    {"RFC7208.Received-SPF", "Received-SPF"},
    {"RFC822.References", "References"},
    {"RFC2156.Reply-By", "Reply-By"},
    {"RFC822.Reply-To", "Reply-To"},
    {"RFC7293.Require-Recipient-Valid-Since", "Require-Recipient-Valid-Since"},
    {"RFC822.Resent-Bcc", "Resent-Bcc"},
    {"RFC822.Resent-Cc", "Resent-Cc"},
    {"RFC822.Resent-Date", "Resent-Date"},
    {"RFC822.Resent-From", "Resent-From"},
    {"RFC822.Resent-Message-ID", "Resent-Message-ID"},
    {"RFC822.Resent-Reply-To", "Resent-Reply-To"},
    {"RFC822.Resent-Sender", "Resent-Sender"},
    {"RFC822.Resent-To", "Resent-To"},
    {"RFC822.Sender", "Sender"},
    {"RFC2156.Sensitivity", "Sensitivity"},
    {"RFC7444.SIO-Label", "SIO-Label"},
    {"RFC7444.SIO-Label-History", "SIO-Label-History"},
    {"RFC3865.Solicitation", "Solicitation"},
    {"RFC822.Subject", "Subject"},
    {"RFC5536.Summary", "Summary"},
    {"RFC2156.Supersedes", "Supersedes"},
    {"RFC8460.TLS-Report-Domain", "TLS-Report-Domain"},
    {"RFC8460.TLS-Report-Submitter", "TLS-Report-Submitter"},
    {"RFC8689.TLS-Required", "TLS-Required"},
    {"RFC822.To", "To"},
    {"RFC5536.User-Agent", "User-Agent"},
    {"RFC5518.VBR-Info", "VBR-Info"},
    {"RFC2156.X400-Content-Identifier", "X400-Content-Identifier"},
    {"RFC2156.X400-Content-Return", "X400-Content-Return"},
    {"RFC2156.X400-Content-Type", "X400-Content-Type"},
    {"RFC2156.X400-MTS-Identifier", "X400-MTS-Identifier"},
    {"RFC2156.X400-Originator", "X400-Originator"},
    {"RFC2156.X400-Received", "X400-Received"},
    {"RFC2156.X400-Recipients", "X400-Recipients"},
    {"RFC2156.X400-Trace", "X400-Trace"},
    {"RFC5536.Xref", "Xref"},
});

static_assert(std::is_sorted(table.begin(), table.end(),
                             [](const auto& a, const auto& b) { return less(a.name, b.name); }));
static_assert(std::all_of(table.begin(), table.end(), [](const auto& row) {
    return row.element.substr(row.element.find('.') + 1) == row.name && row.element.starts_with("RFC");
}));

constexpr std::size_t hash(std::string_view name)
{
    std::uint32_t h = 2166136261;
    for (const char c : name) h = (h ^ static_cast<unsigned char>(lower(c))) * 16777619;
    return h ^ h >> 15;
}

// Open addressing, at most half full.
constexpr std::size_t slots = 512;
constexpr std::uint16_t nothing = 0xFFFF;
static_assert(table.size() * 2 < slots);

constexpr std::array<std::uint16_t, slots> make_index()
{
    std::array<std::uint16_t, slots> index{};
    index.fill(nothing);
    for (std::size_t i = 0; i < table.size(); ++i) {
        auto slot = hash(table[i].name) % slots;
        while (index[slot] != nothing) slot = (slot + 1) % slots;
        index[slot] = static_cast<std::uint16_t>(i);
    }
    return index;
}

constexpr auto index = make_index();
constexpr std::size_t longest = std::max_element(table.begin(), table.end(), [](const auto& a, const auto& b) {
                                    return a.name.size() < b.name.size();
                                }) -> name.size();

} // namespace

std::span<const registered_name> registered_names()
{
    return table;
}

const registered_name* find_registered(std::string_view field_name)
{
    if (field_name.size() > longest) return nullptr;
    for (auto slot = hash(field_name) % slots; index[slot] != nothing; slot = (slot + 1) % slots)
        if (const auto& row = table[index[slot]]; same_field_name(row.name, field_name)) return &row;
    return nullptr;
}

bool same_field_name(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

} // namespace xproto
