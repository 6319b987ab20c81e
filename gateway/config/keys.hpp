// The table of keys: one row for each, from which everything else follows. Reading, defaults, the check for unknown
// keys, the commented file, the reference page, and what a reload changes all walk these rows.
#pragma once

#include "gateway/config/toml_document.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

// How a text or number is to be understood, where its C++ type leaves that open.
enum class form {
    plain,
    octets,   // std::uint64_t: "64KiB"
    domain,   // std::string, and lists of it: a domain name, kept in lower case
    host,     // a domain name in ASCII (A-labels), as certificates hold it
    pattern,  // a domain name, `*.name` or `*`
    address,  // an IP address
    option,   // a word of xproto's transfer extensions, or `*`
    listener, // endpoint: an IP address and a port
    mailbox,  // an address, `*@domain`, a domain pattern, or `<>`
    media,    // a media type, or `image/*`
    name,     // of a header field or parameter, or an OID
};

struct rule {
    config::form form = config::form::plain;
    std::uint64_t least = 0; // of numbers, sizes and seconds; of a list: its length
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

// Something that could not be taken, and what was wanted instead.
struct slip {
    position place;
    std::string what;
};
using slips = std::vector<slip>;

// The fallback column of a key that has none.
inline constexpr std::string_view required = "required"; // must be in the file
inline constexpr std::string_view absent = "";           // may be left out, and then is empty or worked out

// How a key reaches its field.
template <class Section> struct binding {
    slips (*take)(const node& from, Section& to, const rule& allowed, const std::filesystem::path& folder) = nullptr;
    bool (*same)(const Section& a, const Section& b) = nullptr;
    void (*copy)(const Section& from, Section& to) = nullptr;
};

// One key of a Section: settings itself (names with their table: "smtp.listen"), or an entry of a list of tables.
template <class Section> struct key {
    std::string_view name;
    binding<Section> field;
    std::string_view fallback; // the default as TOML, or one of the two above
    rule allowed;
    std::string_view doc; // a sentence or two
    bool needs_restart = false;
};

std::span<const key<settings>> setting_keys();
std::span<const key<route>> route_keys();
std::span<const key<peer>> peer_keys();
std::span<const key<filter>> filter_keys();
std::span<const key<trust_list>> list_keys();
std::span<const key<directory>> directory_keys();

// A table of the file: "" for the keys before the first, "smtp", "[[route]]".
struct section {
    std::string_view name;
    std::string_view doc;
    std::string_view example = ""; // TOML, for lists of tables
};
std::span<const section> sections();

// "smtp" of "smtp.listen", "" of "site".
std::string_view section_of(std::string_view key_name);
std::string_view last_part_of(std::string_view key_name);

// The known key that was most likely meant, or nothing when none is near. Knows tables too.
std::string nearest_key(std::string_view unknown);

// Everything wrong with values that are each right: cross references, completions (route.host, peer.domains).
void complete(settings& value, problems& found);
// The same for lists and for the rules about mail: reports by the key's name ("filter[1].at").
void complete_filters(settings& value,
                      const std::function<void(const std::string& key, const std::string& what)>& wrong);

} // namespace gateway::config
