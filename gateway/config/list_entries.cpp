// Entries of lists.
#include "gateway/config/list_entries.hpp"

#include "gateway/config/quantity.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gateway::config {

namespace {

constexpr std::size_t longest_entry = 320; // a mail address
constexpr int address_bits = 128, mapped_bits = 96;

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

// A local part may hold `#`: a comment begins the line, or stands after a space.
std::string_view without_comment(std::string_view line)
{
    for (std::size_t i = 0; i < line.size(); ++i)
        if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) return line.substr(0, i);
    return line;
}

bool is_name(std::string_view text)
{
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' || (c & 0x80) != 0;
    };
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), allowed) &&
           text.front() != '.' && text.back() != '.' && text.find("..") == text.npos;
}

// The 16 octets of an address, an IPv4 one as its IPv4-mapped form.
std::optional<std::string> octets_of(std::string_view address)
{
    boost::system::error_code ec;
    const auto parsed = boost::asio::ip::make_address(std::string(address), ec);
    if (ec) return std::nullopt;
    const auto v6 =
        parsed.is_v4() ? boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, parsed.to_v4()) : parsed.to_v6();
    const auto octets = v6.to_bytes();
    return std::string(octets.begin(), octets.end());
}

std::string masked(std::string octets, int prefix)
{
    for (int bit = prefix; bit < address_bits; bit += bit % 8 == 0 ? 8 : 1) {
        auto& octet = octets[static_cast<std::size_t>(bit / 8)];
        octet = bit % 8 == 0 ? '\0' : static_cast<char>(octet & ~(0x80 >> (bit % 8)));
    }
    return octets;
}

// "a@b.example" with its domain in canonical form; the local part as it is.
std::string canonical_mailbox(std::string_view address)
{
    const auto at = address.rfind('@');
    return std::string(address.substr(0, at + 1)) + canonical_domain(address.substr(at + 1));
}

} // namespace

void throw_exception_from_error(const list_error& e, const boost::source_location&)
{
    throw std::logic_error(e.what);
}

boost::system::result<list_entries, list_error> list_entries::parse(list_by by, std::string_view text,
                                                                    const list_limits& limits)
{
    if (text.size() > limits.octets)
        return list_error{0, "has more than limits.list_octets (" + octets_to_text(limits.octets) + ")"};
    list_entries made;
    made.by_ = by;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto entry = trimmed(without_comment(text.substr(0, end)));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (entry.empty()) continue;
        if (made.size_ == limits.entries)
            return list_error{number,
                              "has more entries than limits.list_entries (" + std::to_string(limits.entries) + ")"};
        if (entry.size() > longest_entry || !made.add(entry))
            return list_error{number, "\"" + std::string(entry.substr(0, 80)) + "\" is no entry of such a list"};
        ++made.size_;
    }
    return {boost::system::in_place_value, std::move(made)};
}

boost::system::result<list_entries, list_error> list_entries::read(list_by by, const std::filesystem::path& file,
                                                                   const list_limits& limits)
{
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error) return list_error{0, "cannot be read: " + error.message()};
    if (size > limits.octets)
        return list_error{0, "has more than limits.list_octets (" + octets_to_text(limits.octets) + ")"};
    std::ifstream in(file, std::ios::binary);
    if (!in) return list_error{0, "cannot be read"};
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return parse(by, text, limits);
}

bool list_entries::add(std::string_view entry)
{
    if (by_ == list_by::address) return add_network(entry);
    const auto at = by_ == list_by::sender ? entry.rfind('@') : entry.npos;
    if (at == 0) return false;
    auto name = at == entry.npos ? canonical_domain(entry) : canonical_mailbox(entry);
    if (!is_name(at == entry.npos ? std::string_view(name) : std::string_view(name).substr(at + 1))) return false;
    names_.insert(std::move(name));
    return true;
}

bool list_entries::add_network(std::string_view entry)
{
    if (!network::from_text(entry)) return false;
    const auto slash = entry.find('/');
    const auto octets = octets_of(entry.substr(0, slash));
    if (!octets) return false;
    int prefix = address_bits;
    if (slash != entry.npos) {
        const auto text = entry.substr(slash + 1);
        std::from_chars(text.data(), text.data() + text.size(), prefix);
        if (entry.find(':') == entry.npos) prefix += mapped_bits;
    }
    networks_[prefix].insert(masked(*octets, prefix));
    return true;
}

std::optional<std::string> list_entries::find(std::string_view what) const
{
    if (what.empty()) return std::nullopt;
    switch (by_) {
    case list_by::address: return find_network(what);
    case list_by::domain: return find_at_or_above(canonical_domain(what));
    case list_by::sender: {
        const auto whole = canonical_mailbox(what);
        if (names_.contains(whole)) return whole;
        const auto at = whole.rfind('@');
        if (at == whole.npos) return std::nullopt;
        return find_at_or_above(std::string_view(whole).substr(at + 1));
    }
    case list_by::host:
    case list_by::issuer: break;
    }
    auto name = canonical_domain(what);
    if (!names_.contains(name)) return std::nullopt;
    return name;
}

std::optional<std::string> list_entries::find_network(std::string_view address) const
{
    const auto octets = octets_of(address);
    if (!octets) return std::nullopt;
    for (const auto& [prefix, known] : networks_)
        if (known.contains(masked(*octets, prefix))) return std::string(address) + "/" + std::to_string(prefix);
    return std::nullopt;
}

std::optional<std::string> list_entries::find_at_or_above(std::string_view domain) const
{
    for (;;) {
        std::string name(domain);
        if (names_.contains(name)) return name;
        const auto dot = domain.find('.');
        if (dot == domain.npos) return std::nullopt;
        domain.remove_prefix(dot + 1);
    }
}

} // namespace gateway::config
