// Length-prefixed records: two different sets of facts never have the same octets.
#include "xproto/helo_transcript.hpp"

namespace xproto {

std::string helo_transcript::octets() const
{
    std::string out = "xproto-helo-v1\n";
    const auto record = [&](std::string_view name, std::string_view value) {
        out += name;
        out += ' ';
        out += std::to_string(value.size());
        out += ' ';
        out += value;
        out += '\n';
    };
    record("role", role);
    record("server-nonce", server_nonce);
    record("client-nonce", client_nonce);
    record("client-host", client_host);
    record("server-host", server_host);
    record("tls-exporter", tls_exporter);
    return out;
}

} // namespace xproto
