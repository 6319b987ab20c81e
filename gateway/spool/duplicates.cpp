// Entries of the duplicate memory, and what they say about a message's recipients.
#include "gateway/spool/duplicates.hpp"

#include "gateway/spool/octets.hpp"

#include <set>

namespace gateway::spool {
namespace {

constexpr std::uint64_t entry_version = 1;
constexpr std::size_t address_octets = 64 * 1024;

} // namespace

std::string duplicate_key(std::string_view peer_identity, std::string_view message_id)
{
    std::string key;
    put_text(key, peer_identity);
    key += message_id;
    return key;
}

std::string encode(const duplicate_entry& value)
{
    std::string out;
    put_number(out, entry_version);
    put_signed(out, value.forgotten_at);
    put_number(out, value.addresses.size());
    for (const auto& address : value.addresses) put_text(out, address);
    return out;
}

std::optional<duplicate_entry> decode_duplicate(std::string_view octets)
{
    octet_source in(octets);
    if (in.number() != entry_version) return std::nullopt;
    duplicate_entry value;
    value.forgotten_at = in.signed_number();
    value.addresses.resize(in.count(duplicate_entry::most_addresses, 1));
    for (auto& address : value.addresses) address = in.text(address_octets);
    if (in.failed() || !in.at_end()) return std::nullopt;
    return value;
}

unix_seconds forgotten_at(std::string_view octets)
{
    octet_source in(octets);
    if (in.number() != entry_version) return 0;
    return in.signed_number();
}

bool mark_repeated(std::vector<recipient>& recipients, const std::vector<std::string>& known)
{
    const std::set<std::string_view> owned(known.begin(), known.end());
    bool any_new = false;
    for (auto& recipient : recipients) {
        if (owned.count(recipient.address) > 0)
            recipient.state = recipient_state::repeated;
        else
            any_new = true;
    }
    return any_new;
}

duplicate_entry remember(const std::vector<std::string>& known, const std::vector<recipient>& taken, unix_seconds until)
{
    duplicate_entry entry;
    entry.forgotten_at = until;
    std::set<std::string_view> seen;
    const auto add = [&](const std::string& address) {
        if (entry.addresses.size() < duplicate_entry::most_addresses && seen.insert(address).second)
            entry.addresses.push_back(address);
    };
    for (const auto& recipient : taken) add(recipient.address);
    for (const auto& address : known) add(address);
    return entry;
}

} // namespace gateway::spool
