// The configuration file that `isthmus init` writes, and the reference page, both from the table of keys.
#include "gateway/config/reference.hpp"

#include "gateway/config/keys.hpp"

#include <algorithm>
#include <cassert>
#include <set>

namespace gateway::config {
namespace {

constexpr std::size_t line_width = 100;

// "# " and the text, broken at spaces.
std::string comment(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        auto end = text.size();
        if (end > line_width) {
            end = text.rfind(' ', line_width);
            if (end == text.npos) end = std::min(text.find(' '), text.size());
        }
        out.append("# ").append(text.substr(0, end)).append("\n");
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

// `key = value`, commented out unless it is set; a key without a default shows only that it exists.
std::string line(std::string_view name, std::string_view value, bool set)
{
    return (set ? "" : "# ") + std::string(name) + " =" + (value.empty() ? "" : " ") + std::string(value) + "\n";
}

// What a [[route]] or [[peer]] may hold, and an example, all of it commented.
template <class Section> std::string explanation(const section& of, std::span<const key<Section>> keys)
{
    std::string out;
    for (const auto& k : keys) {
        const auto fallback = k.fallback == required ? ""
                              : k.fallback == absent ? " (optional)"
                                                     : " (default " + std::string(k.fallback) + ")";
        out += comment("- " + std::string(k.name) + fallback + ": " + std::string(k.doc));
    }
    for (auto rest = of.example; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
        const auto text = rest.substr(0, rest.find('\n'));
        out += text.empty() ? "#\n" : "# " + std::string(text) + "\n";
    }
    return out;
}

// A cell of a Markdown table.
std::string cell(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '|' || c == '<' || c == '*') out += '\\';
        out += c;
    }
    return out;
}

std::string shown_fallback(std::string_view fallback)
{
    if (fallback == required) return "*required*";
    return fallback.empty() ? "" : "`" + std::string(fallback) + "`";
}

template <class Section> std::string table_row(const key<Section>& k, bool reloads)
{
    return "| `" + std::string(last_part_of(k.name)) + "` | " + shown_fallback(k.fallback) + " | " + cell(k.doc) +
           (reloads && k.needs_restart ? " *Restart.*" : "") + " |\n";
}

constexpr std::string_view table_head = "| key | default | meaning |\n|---|---|---|\n";

} // namespace

std::string toml_string(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out.append(1, '\\').append(1, c);
        else if (octet < 0x20 || octet == 0x7f)
            out.append("\\u00").append(1, digits[octet >> 4]).append(1, digits[octet & 15]);
        else
            out += c;
    }
    return out + '"';
}

std::string commented_file(const std::map<std::string, std::string>& set)
{
    std::string out =
        "# Configuration of isthmus. Lines that begin with # show the defaults; `isthmus check` finds mistakes.\n"
        "# Durations: \"30s\", \"5m\", \"4h\", \"5d\". Sizes: \"64KiB\", \"50MiB\". SIGHUP makes a running daemon read "
        "it again.\n";
    [[maybe_unused]] std::size_t used = 0;
    for (const auto& s : sections()) {
        if (s.name.starts_with('[')) continue;
        out += "\n" + comment(s.doc);
        if (!s.name.empty()) out += "[" + std::string(s.name) + "]\n";
        for (const auto& k : setting_keys()) {
            if (section_of(k.name) != s.name) continue;
            const auto at = set.find(std::string(k.name));
            used += at != set.end() ? 1 : 0;
            out += "\n" + comment(k.doc);
            out += line(last_part_of(k.name), at != set.end() ? at->second : k.fallback, at != set.end());
        }
    }
    assert(used == set.size());
    for (const auto& s : sections()) {
        if (!s.name.starts_with('[')) continue;
        out += "\n" + comment(s.doc);
        if (s.name == "[route]") out += explanation(s, route_keys());
        if (s.name == "[peer]") out += explanation(s, peer_keys());
        if (s.name == "[filter]") out += explanation(s, filter_keys());
        if (s.name == "[list]") out += explanation(s, list_keys());
        if (s.name == "[directory]") out += explanation(s, directory_keys());
    }
    return out;
}

std::string reference_page()
{
    std::string out =
        "# Configuration\n\n"
        "<!-- Printed by `isthmus config-reference` from gateway/config/keys.cpp; a test compares. -->\n\n"
        "One TOML file. `isthmus init` writes it with every default; `isthmus check` reports what is wrong with it, "
        "all\n"
        "at once, by file, line and key. Relative paths are relative to the file. Durations are written \"30s\", "
        "\"5m\",\n"
        "\"4h\", \"5d\" (a bare number: seconds), sizes \"64KiB\", \"50MiB\" (a bare number: octets). Unknown keys "
        "are\n"
        "errors.\n\n"
        "The file is the one named by `-c`, else by the environment variable ISTHMUS_CONFIG, else `isthmus.toml` in "
        "the\n"
        "current folder, else `/etc/isthmus/isthmus.toml`.\n\n"
        "SIGHUP makes a running daemon read the file again. A file with mistakes changes nothing. Keys marked "
        "*Restart*\n"
        "keep their running value until the daemon is started anew; the log says so.\n";
    for (const auto& s : sections()) {
        out += s.name.empty() ? "\n## General\n\n" : "\n## [" + std::string(s.name) + "]\n\n";
        out += std::string(s.doc) + "\n\n";
        out += table_head;
        if (s.name == "[route]")
            for (const auto& k : route_keys()) out += table_row(k, false);
        else if (s.name == "[peer]")
            for (const auto& k : peer_keys()) out += table_row(k, false);
        else if (s.name == "[filter]")
            for (const auto& k : filter_keys()) out += table_row(k, false);
        else if (s.name == "[list]")
            for (const auto& k : list_keys()) out += table_row(k, false);
        else if (s.name == "[directory]")
            for (const auto& k : directory_keys()) out += table_row(k, false);
        else
            for (const auto& k : setting_keys())
                if (section_of(k.name) == s.name) out += table_row(k, true);
        if (!s.example.empty()) out += "\n```toml\n" + std::string(s.example) + "```\n";
    }
    return out;
}

} // namespace gateway::config
