// The server's half of HELO: the client proves who it is, and where the configuration says so the server proves itself
// before it says welcome (docs/xproto.md, "Session set-up").
#pragma once

#include "xproto/line.hpp"
#include "xproto/options.hpp"
#include "xproto/server_session.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace xproto {

class server_helo {
  public:
    using action = server_session::action;

    // All are written to or read from, and must outlive this.
    server_helo(const server_config& config, std::string& out, std::deque<action>& questions);

    void set_tls(tls_facts facts) { tls_ = std::move(facts); }
    void greet();

    bool done() const { return now_ == state::done; }
    // Is a question outstanding?
    bool blocked() const { return now_ == state::checking || now_ == state::signing; }
    // How many octets of the client's proof are to come next, before any line.
    std::size_t expected() const { return now_ == state::octets ? proof_octets_ - proof_.size() : 0; }
    // The session cannot go on: why.
    const std::optional<server_session::close>& failed() const { return failed_; }

    // HELO. A code: refused, and to be answered with it. `unknown_extension` is then the name of the group, if that was
    // it.
    std::optional<result_code> on_request(const line& request, std::string_view& unknown_extension);
    // The client's answers to our own HELO. False: nobody asked.
    bool on_response(const line& response);
    void on_octets(std::string_view octets);
    void on_identity(identity_answer answer);
    void on_proof(std::string der);

    static constexpr std::uint32_t own_tag = 1; // of our HELO
    const std::string& peer() const { return peer_; }
    standing peer_standing() const { return standing_; }
    const window& granted() const;
    // What this client may use or switch on; before its HELO was accepted, what anybody may.
    option_set offered() const;

  private:
    enum class state : std::uint8_t {
        none,
        octets,    // the client's proof is arriving
        checking,  // check_identity is outstanding
        signing,   // make_proof is outstanding
        offered,   // our HELO was sent; the client is to say TMP
        presented, // our proof was sent; the client is to say OK
        done,
    };

    std::string transcript(std::string_view role) const;
    void welcome();
    void fail(const result_code& code, std::string text);

    const server_config& config_;
    std::string& out_;
    std::deque<action>& questions_;
    tls_facts tls_;
    std::optional<server_session::close> failed_;

    state now_ = state::none;
    std::uint32_t tag_ = 0;
    std::string client_host_; // as claimed
    std::string client_nonce_;
    std::size_t proof_octets_ = 0;
    std::string proof_; // the client's while it arrives, ours while it waits for the client's TMP
    std::string peer_;
    standing standing_ = standing::refused;
    option_set allowed_;  // by the answer to check_identity
    bool proved_ = false; // has the client accepted our proof?
};

} // namespace xproto
