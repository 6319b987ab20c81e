// The client's half of HELO: reads the greeting, proves who we are, and checks the server's proof if it gives one
// (docs/xproto.md, "Session set-up").
#pragma once

#include "xproto/announcement.hpp"
#include "xproto/client_session.hpp"
#include "xproto/line.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace xproto {

class client_helo {
  public:
    using action = client_session::action;

    // All are written to or read from, and must outlive this.
    client_helo(const client_config& config, std::string& out, std::deque<action>& events);

    void set_tls(tls_facts facts) { tls_ = std::move(facts); }

    bool greeted() const { return now_ != state::greeting; }
    bool done() const { return now_ == state::done; }
    // Was TLS asked for, and not answered yet?
    bool awaits_tls() const { return now_ == state::tls; }
    // Is a question outstanding?
    bool blocked() const { return now_ == state::signing || now_ == state::checking; }
    // How many octets of the server's proof are to come next, before any line.
    std::size_t expected() const { return now_ == state::octets ? proof_octets_ - proof_.size() : 0; }
    // The session cannot go on: why.
    const std::optional<client_session::close>& failed() const { return failed_; }

    // The first line.
    void on_greeting(const line& greeting);
    // Answers to our HELO, which has the tag `own_tag`. False: nobody asked.
    bool on_response(const line& response);
    // The server's HELO. False: not now.
    bool on_request(const line& request);
    void on_octets(std::string_view octets);
    void on_identity(const identity_answer& answer);
    void on_proof(std::string der);

    static constexpr std::uint32_t own_tag = 1;
    const std::string& server() const { return server_; }
    bool server_proved() const { return proved_; }
    // What the server has said about itself, in its greeting and in its answer to HELO.
    const announcement& said() const { return said_; }

  private:
    enum class state : std::uint8_t {
        greeting,
        tls,       // OPT (TLS=ON) was sent; another session follows
        signing,   // make_proof is outstanding
        offered,   // our HELO was sent; the server is to say TMP
        presented, // our proof was sent; the server is to say OK, or HELO
        octets,    // the server's proof is arriving
        checking,  // check_identity is outstanding
        done,
    };

    void ask_for_tls();
    std::string transcript(std::string_view role) const;
    void fail(const result_code& code, std::string text);

    const client_config& config_;
    std::string& out_;
    std::deque<action>& events_;
    tls_facts tls_;
    std::optional<client_session::close> failed_;

    state now_ = state::greeting;
    announcement said_;
    std::string server_;
    bool proved_ = false;
    std::uint32_t server_tag_ = 0; // of the server's HELO
    std::size_t proof_octets_ = 0;
    std::string proof_; // ours while it waits for the server's TMP, the server's while it arrives
};

} // namespace xproto
