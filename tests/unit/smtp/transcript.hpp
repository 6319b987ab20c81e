// A dialogue written down as a person would type it (tests/transcripts/README.md), and what playing it yields.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace transcript {

enum class kind {
    client,   // C: octets of the client
    server,   // S: octets of the server
    question, // ? what the session asks or tells the driver
    answer,   // = what the driver answers
    content,  // > octets of a message's content
    event,    // ! something that happens to the connection
};

struct entry {
    kind what = kind::question;
    std::string text; // escapes resolved, CRLF included where the line stands for one

    bool operator==(const entry&) const = default;
};
void PrintTo(const entry& e, std::ostream* out);

// Successive entries of octets are one: the client's, the server's, or content.
using dialogue = std::vector<entry>;
void add(dialogue& to, kind what, const std::string& text);

struct script {
    std::string side; // "server" or "client": which of the two is the session under test
    std::map<std::string, std::string> settings;
    dialogue lines;

    bool splittable() const { return !settings.contains("whole"); }
};

// Throws std::runtime_error naming the line that cannot be understood.
script read(const std::filesystem::path& file);

// How to play.
struct manner {
    std::size_t split = 0; // octets given at a time; 0: all there are up to the next line of the other
    std::size_t cut_after = static_cast<std::size_t>(-1); // actions until the connection breaks
    bool deferred = false;                                // keep every question waiting?
};

struct outcome {
    dialogue lines;          // as far as it went, in order
    std::size_t actions = 0; // that the session gave
    bool closed = false;
    std::string complaint; // why playing could not go on

    std::string octets(kind what) const; // all of one kind, joined
    dialogue only(kind a, kind b) const; // successive octets joined again
};

outcome play_server(const script& s, const manner& how);
outcome play_client(const script& s, const manner& how);

// The next entries of a script, of one kind only, for whoever plays the driver.
class feed {
  public:
    feed(const dialogue& all, std::vector<kind> kinds);
    bool empty() const { return next_ == entries_.size(); }
    const entry& front() const { return entries_.at(next_); }
    void pop() { ++next_; }
    // Up to `most` octets of the front entry; 0: all of it.
    std::string take(std::size_t most);

  private:
    dialogue entries_;
    std::size_t next_ = 0;
    std::size_t offset_ = 0;
};

} // namespace transcript
