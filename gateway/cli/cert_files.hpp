// Certificates, keys and CAs from PEM files, for the commands about them.
#pragma once

#include "gateway/cli/common.hpp"
#include "xproto/certificate_issue.hpp"

#include <vector>

namespace gateway::cli {

attempt<std::vector<xproto::certificate>> read_certificates(const std::filesystem::path& path);
attempt<xproto::private_key> read_key(const std::filesystem::path& path);
// A failure too when the key is not that of the certificate.
attempt<xproto::certificate_authority> read_ca(const std::filesystem::path& certificate,
                                               const std::filesystem::path& key);

} // namespace gateway::cli
