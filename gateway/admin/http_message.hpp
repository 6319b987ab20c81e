// HTTP/1.1 (RFC 9112) as far as the administration API needs it, without sockets: octets become a request, an answer
// becomes a head. Beast parses.
#pragma once

#include "gateway/admin/api.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gateway::admin {

struct http_limits {
    std::uint32_t header_octets = 8192; // request line and header fields
    std::uint64_t body_octets = 64 * 1024;
};

// One request at a time, however its octets are split. Bodies have a Content-Length or are refused.
class request_reader {
  public:
    explicit request_reader(http_limits limits = {});
    ~request_reader();
    request_reader(const request_reader&) = delete;
    request_reader& operator=(const request_reader&) = delete;

    // Octets from the client, of this request and perhaps of later ones. False: no HTTP, or over a limit; error() then
    // tells, and the connection is to be closed after it.
    bool put(std::string_view octets);
    // Is a whole request here?
    bool complete() const;
    // Has anything of a request come?
    bool begun() const;
    const answer& error() const { return error_; }

    // Of a complete request.
    std::string_view method() const;
    std::string_view target() const;
    bool keep_alive() const;  // does the client want to go on?
    unsigned version() const; // 10 or 11

    // On to the next request: octets that came with the last are its beginning. False as with put().
    bool next();

  private:
    struct parser;

    bool parse();
    bool refuse(unsigned status, const std::string& why);

    http_limits limits_;
    std::unique_ptr<parser> parser_;
    std::string pending_; // not yet parsed
    answer error_;
};

// Status line and header fields of an answer, with the empty line.
std::string response_head(const answer& a, unsigned version, bool keep_alive);

} // namespace gateway::admin
