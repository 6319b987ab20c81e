// HELO proofs and certificates from any octets: nothing but the signer's own octets proves anything.
#include "xproto/identity.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace xproto;
    const std::string octets(reinterpret_cast<const char*>(data), size);
    const std::string transcript = "xproto-helo-v1\n"; // what the proofs of the corpus sign
    const certificate_store nobody;
    const auto proof = open_proof(octets, transcript);
    if (proof) {
        if (proof->hosts.empty() || open_proof(octets, "another transcript")) std::abort();
        if (verify_proof(octets, transcript, {&nobody}, 0)) std::abort();
    }
    if (const auto c = certificate::from_der(octets); c) {
        static_cast<void>(c->names_host("mx.example") || c->names_address("a@mx.example"));
        if (nobody.validate(*c, {*c}, purpose::host, c->not_before())) std::abort();
    }
    return 0;
}
