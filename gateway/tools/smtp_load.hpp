// An SMTP load generator: sends the same message as often as wanted, over several sessions at once. All content is made
// before the first octet leaves, commands are pipelined (RFC 2920) up to the next message's DATA: what is measured is
// the server.
#pragma once

#include "gateway/config/endpoint.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/tools/load_result.hpp"
#include "gateway/tools/workbench.hpp"
#include "smtp/reply.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace gateway::tools {

struct smtp_load_setup {
    config::endpoint to;
    std::string host = "bench.invalid"; // what EHLO says
    std::string from = "sender@bench.invalid";
    std::vector<std::string> recipients;
    std::string content; // as it is: CRLF line ends, no line with a dot at its beginning
    std::uint64_t messages = 1;
    std::uint64_t per_session = 0; // then the session says QUIT and another begins; 0: no limit
    std::uint32_t sessions = 1;
    bool chunking = false;             // BDAT instead of DATA
    std::chrono::seconds patience{60}; // for each answer
};

class smtp_load {
  public:
    smtp_load(workbench& bench, const smtp_load_setup& setup);

    // Starts all sessions; the workbench finishes when every message has had its answer, or no session can go on.
    void start();
    const load_result& result() const { return result_; }
    // Was any session ever let in?
    bool reached() const { return reached_; }

  private:
    struct session {
        std::unique_ptr<net::stream> connection;
        smtp::reply_parser replies;
        std::string_view input;
        std::string problem; // the connection is of no use any more
    };

    boost::asio::awaitable<void> run();
    boost::asio::awaitable<bool> open(session& on);
    boost::asio::awaitable<void> send_messages(session& on);
    boost::asio::awaitable<void> send_by_data(session& on);
    boost::asio::awaitable<void> send_by_chunks(session& on);
    // The server's next reply; an error is in session::problem.
    boost::asio::awaitable<smtp::reply> read(session& on);
    boost::asio::awaitable<void> write(session& on, std::string_view octets);
    boost::asio::awaitable<std::string> read_envelope_replies(session& on);
    bool take_one();
    static void fail(session& on, const std::string& what);

    workbench& bench_;
    const smtp_load_setup& setup_;
    std::string begin_;  // MAIL and RCPT
    std::string data_;   // and DATA
    std::string last_;   // the content with its end
    std::string next_;   // the content, and the next message up to DATA
    std::string chunk_;  // a whole message by BDAT
    std::uint64_t left_; // messages that nobody has taken
    std::uint32_t running_ = 0;
    load_result result_;
    bool reached_ = false;
};

} // namespace gateway::tools
