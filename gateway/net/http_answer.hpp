// The answer to a GET (RFC 9112), without sockets: octets become a file, or the news that it has not changed, or words
// for what is wrong. Beast parses.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gateway::net {

// What names one state of a file for its server (RFC 9110 8.8), to ask whether it has changed. Empty: it gave none.
struct file_version {
    std::string etag;
    std::string last_modified;

    bool empty() const { return etag.empty() && last_modified.empty(); }
    bool operator==(const file_version&) const = default;
};

struct http_answer {
    enum class outcome { fetched, unchanged, failed };
    outcome what = outcome::failed;
    std::string body;     // of a file that was fetched
    file_version version; // of the same
    std::string why;      // it failed

    static http_answer failure(std::string why)
    {
        http_answer made;
        made.why = std::move(why);
        return made;
    }
};

// The octets of a GET. `known`: what is here already, and need not come again.
std::string http_get_request(std::string_view host, std::uint16_t port, std::string_view target,
                             const file_version& known);

// One answer, however its octets are split.
class http_answer_reader {
  public:
    static constexpr std::uint32_t header_octets = 16 * 1024;

    // `may_be_unchanged`: the request asked for news only.
    http_answer_reader(std::uint64_t most_octets, bool may_be_unchanged);
    ~http_answer_reader();
    http_answer_reader(const http_answer_reader&) = delete;
    http_answer_reader& operator=(const http_answer_reader&) = delete;

    // Octets from the server. True: that is all, whatever follows.
    bool put(std::string_view octets);
    // The server has ended the connection.
    void put_end();

    // Once, after the end. Failed: redirects, which are not followed; statuses but 200 and 304; encodings; more than
    // `most_octets`; an answer that says neither how long it is nor where it ends, because a connection that was cut
    // would look like its end.
    http_answer take();

  private:
    struct parser;

    bool fail(std::string why);
    std::string wrong_with_head() const;

    std::uint64_t most_octets_;
    bool may_be_unchanged_;
    bool head_seen_ = false;
    std::unique_ptr<parser> parser_;
    std::string pending_; // not yet parsed
    std::string why_;
};

} // namespace gateway::net
