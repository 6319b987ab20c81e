// What a HELO proof signs (docs/xproto.md, "Proving who one is"): everything that makes this session unlike any other,
// so that a proof cannot be replayed in another session or relayed to another server.
#pragma once

#include <string>
#include <string_view>

namespace xproto {

struct helo_transcript {
    std::string_view role;         // of the one who proves: "client" or "server"
    std::string_view server_nonce; // NONCE of the greeting, as octets
    std::string_view client_nonce; // NONCE of the client's HELO, as octets; empty when it has none
    std::string_view client_host;  // as HELO names it, in lower case; empty when it names none
    std::string_view server_host;  // as the one who proves knows it, in lower case
    std::string_view tls_exporter; // RFC 9266; empty in clear

    // "xproto-helo-v1" LF, then for each fact in this order: name SP octets-in-decimal SP value LF.
    std::string octets() const;
};

} // namespace xproto
