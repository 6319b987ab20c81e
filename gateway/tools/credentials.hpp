// Who a tool is when it speaks xproto, and whom it believes: from PEM files, or from a site's configuration.
#pragma once

#include "gateway/cli/common.hpp"
#include "gateway/config/settings.hpp"
#include "xproto/certificate_issue.hpp"
#include "xproto/certificate_store.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gateway::tools {

using cli::attempt;
using cli::failure;
using cli::read_file;

// What the command line says.
struct credential_options {
    std::filesystem::path site; // a folder made by `isthmus init`
    std::filesystem::path certificate, key;
    std::vector<std::filesystem::path> cas;
    std::string host;
    std::filesystem::path user_ca, user_ca_key;
};

struct credentials {
    std::string host; // lower case; the certificate names it
    std::string chain_pem, key_pem, anchors_pem;
    std::vector<xproto::certificate> chain; // leaf first
    xproto::private_key key{nullptr};
    xproto::certificate_store anchors;                            // whose certificates are believed
    std::shared_ptr<const xproto::certificate_authority> user_ca; // that certifies senders; null: none does
    std::optional<config::settings> settings;                     // of the site, if one was given
};

// --site, --cert, --key, --ca, --host; with `signs_for_users` --user-ca and --user-ca-key too.
void add_credential_options(CLI::App& command, credential_options& into, bool signs_for_users);

// The error is a sentence that names the option or the file.
attempt<credentials> load(const credential_options& from);

} // namespace gateway::tools
