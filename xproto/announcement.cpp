// Announcements as groups of a line, both ways.
#include "xproto/announcement.hpp"

#include "xproto/extensions.hpp"

#include <algorithm>
#include <array>

namespace xproto {

namespace {

constexpr std::size_t shortest_nonce = 16;
constexpr std::size_t longest_nonce = 64;
constexpr std::size_t most_versions = 16;

struct limit_row {
    std::string_view name;
    std::uint64_t& (*field)(announcement&);
};

constexpr std::array limit_rows{
    limit_row{"CHUNK", [](announcement& a) -> std::uint64_t& { return a.chunk; }},
    limit_row{"ENVELOPE", [](announcement& a) -> std::uint64_t& { return a.objects[0]; }},
    limit_row{"HEADERS", [](announcement& a) -> std::uint64_t& { return a.objects[1]; }},
    limit_row{"BODY", [](announcement& a) -> std::uint64_t& { return a.objects[2]; }},
    limit_row{"RCPTMAX", [](announcement& a) -> std::uint64_t& { return a.recipients; }},
    limit_row{"NOW", [](announcement& a) -> std::uint64_t& { return a.unasked; }},
};

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> pieces;
    for (auto at = text.find(separator); at != text.npos; at = text.find(separator)) {
        pieces.push_back(text.substr(0, at));
        text.remove_prefix(at + 1);
    }
    pieces.push_back(text);
    return pieces;
}

bool read_limits(std::string_view text, announcement& what)
{
    for (const auto piece : split(text, ' ')) {
        const auto equals = piece.find('=');
        const auto number = equals == piece.npos ? std::nullopt : plain_number(piece.substr(equals + 1));
        if (!number) return false;
        for (const auto& row : limit_rows)
            if (row.name == piece.substr(0, equals)) row.field(what) = *number;
    }
    return what.chunk != 0; // in chunks of nothing nothing would ever arrive
}

} // namespace

void write_announcement(const extension_table& table, line_writer& line, const announcement& what)
{
    if (!what.versions.empty()) {
        std::string versions;
        for (const auto& version : what.versions) versions += (versions.empty() ? "" : ";") + version;
        line.group("VER", versions);
    }
    if (!what.host.empty()) line.group("HOST", what.host);
    if (!what.nonce.empty()) line.group("NONCE", nonce_text(what.nonce));
    std::string limits;
    announcement copy = what; // the rows give references
    for (const auto& row : limit_rows) {
        const auto number = row.field(copy);
        if (number == announcement::unlimited) continue;
        if (!limits.empty()) limits += ' ';
        limits += row.name;
        limits += '=';
        limits += std::to_string(number);
    }
    if (!limits.empty()) line.note("LIMITS", limits);
    for (const auto& row : table.transfer())
        if (what.options.has(row.id)) line.group(row.word);
    if (what.window) line.group("WINDOW", to_text(*what.window));
}

bool read_announcement(const extension_table& table, std::string_view groups, announcement& what)
{
    group_reader reader(groups);
    while (const auto item = reader.next())
        if (!read_announcement(table, *item, what)) return false;
    return true;
}

bool read_announcement(const extension_table& table, const group_item& item, announcement& what)
{
    if (item.name == "LIMITS") return read_limits(item.text, what);
    if (const auto* row = table.find_option(item.name)) {
        what.options.set(row->id, true);
        return true;
    }
    if (!item.value) return item.name != "VER" && item.name != "HOST" && item.name != "NONCE" && item.name != "WINDOW";
    if (item.name == "VER") {
        const auto versions = split(*item.value, ';');
        if (versions.size() > most_versions) return false;
        what.versions.assign(versions.begin(), versions.end());
    }
    if (item.name == "HOST") {
        const auto host = host_name(*item.value);
        if (!host) return false;
        what.host = *host;
    }
    if (item.name == "NONCE") {
        const auto nonce = nonce_from_text(*item.value);
        if (!nonce) return false;
        what.nonce = *nonce;
    }
    if (item.name == "WINDOW") {
        what.window = window_from_text(*item.value);
        return what.window.has_value();
    }
    return true;
}

std::optional<std::string> host_name(std::string_view text)
{
    if (text.empty() || text.size() > 253) return std::nullopt;
    std::string name(text);
    bool label_begins = true;
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        const bool sound = letter_or_digit || (!label_begins && (c == '-' || c == '.'));
        if (!sound) return std::nullopt;
        label_begins = c == '.';
    }
    if (label_begins) return std::nullopt;
    return name;
}

std::string nonce_text(std::string_view nonce)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * nonce.size());
    for (const char c : nonce) {
        const auto octet = static_cast<unsigned char>(c);
        text += digits[octet >> 4];
        text += digits[octet & 15];
    }
    return text;
}

std::optional<std::string> nonce_from_text(std::string_view text)
{
    const auto value = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        return -1;
    };
    if (text.size() % 2 != 0 || text.size() < 2 * shortest_nonce || text.size() > 2 * longest_nonce)
        return std::nullopt;
    std::string nonce;
    nonce.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = value(text[i]);
        const int low = value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        nonce += static_cast<char>(high * 16 + low);
    }
    return nonce;
}

} // namespace xproto
