// A dialogue written down as a person would type it (tests/transcripts/README.md), and what playing it yields.
#pragma once

#include "xproto/extensions.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace session_script {

enum class kind {
    client,   // C: octets of the client
    server,   // S: octets of the server
    question, // ? what the session asks or tells the driver
    answer,   // = what the driver answers, or does by itself
    event,    // ! something that happens to the connection
};

struct entry {
    kind what = kind::question;
    std::string text; // escapes resolved, CRLF included where the line stands for one

    bool operator==(const entry&) const = default;
};
void PrintTo(const entry& e, std::ostream* out);

// Successive entries of the same end's octets are one, and so are successive `append`s to the same object.
using dialogue = std::vector<entry>;
void add(dialogue& to, kind what, const std::string& text);

struct script {
    std::string side; // "server" or "client": which of the two is the session under test
    std::map<std::string, std::string> settings;
    dialogue lines;

    bool has(const std::string& setting) const { return settings.contains(setting); }
};

// Throws std::runtime_error naming what cannot be understood.
script read(const std::filesystem::path& file);

// A table with all extensions there are.
const xproto::extension_table& every_extension();
// Is this setting the word of an option, in small letters?
bool is_option(const std::string& setting);
// PIPE, and those that the script's settings name: what the server offers, or the client wants.
xproto::option_set options_of(const script& s);

// How to play.
struct manner {
    std::size_t split = 0;                                // octets given at a time; 0: all there are
    std::size_t cut_after = static_cast<std::size_t>(-1); // actions until the other end closes the connection
    bool deferred = false;                                // answer only when the session can do nothing else?
};

struct outcome {
    dialogue lines;          // as far as it went, in order
    std::size_t actions = 0; // that the session gave
    bool closed = false;
    std::string complaint; // why playing could not go on

    std::string octets(kind what) const;
    dialogue questions() const;
};

outcome play_server(const script& s, const manner& how);
outcome play_client(const script& s, const manner& how);

// The words of a line up to the n-th, and what remains.
std::vector<std::string> words(const std::string& text, std::size_t most, std::string& rest);

} // namespace session_script
