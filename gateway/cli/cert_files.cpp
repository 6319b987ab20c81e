// PEM files.
#include "gateway/cli/cert_files.hpp"

namespace gateway::cli {

attempt<std::vector<xproto::certificate>> read_certificates(const std::filesystem::path& path)
{
    const auto text = read_file(path, max_pem_octets);
    if (!text) return text.error();
    auto all = xproto::certificate::all_from_pem(*text);
    if (!all) return failure{path.string() + ": " + all.error().what};
    return {boost::system::in_place_value, std::move(*all)};
}

attempt<xproto::private_key> read_key(const std::filesystem::path& path)
{
    const auto text = read_file(path, max_pem_octets);
    if (!text) return text.error();
    auto key = xproto::private_key::from_pem(*text);
    if (!key) return failure{path.string() + ": " + key.error().what};
    return {boost::system::in_place_value, std::move(*key)};
}

attempt<xproto::certificate_authority> read_ca(const std::filesystem::path& certificate,
                                               const std::filesystem::path& key_file)
{
    auto own = read_certificates(certificate);
    if (!own) return own.error();
    auto key = read_key(key_file);
    if (!key) return key.error();
    const auto* public_key = own->front().key();
    if (public_key == nullptr || !(*public_key == key->public_part()))
        return failure{key_file.string() + " is not the key of " + certificate.string()};
    return xproto::certificate_authority{own->front(), std::move(*key)};
}

} // namespace gateway::cli
