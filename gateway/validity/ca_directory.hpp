// The CAs of domains that delegate, from the source that the configuration has for each, remembered for as long as they
// may be (docs/xproto.md, "Delegation"). Questions for the same domain at the same time are asked once.
#pragma once

#include "gateway/config/settings.hpp"
#include "gateway/net/resolver.hpp"
#include "gateway/validity/ca_source.hpp"
#include "xproto/recently_used.hpp"

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gateway::validity {

struct ca_directory_limits {
    std::size_t remembered = 4096;           // domains
    std::size_t look_ups = 256;              // under way at once; beyond, peers are told to try again
    std::chrono::seconds longest{24 * 3600}; // whatever the TTL says
    std::chrono::seconds longest_none{300};
};

// Belongs to the thread of the event loop.
class ca_directory {
  public:
    // Makes a source: DNS, when `from` is null.
    using source_maker =
        std::function<std::unique_ptr<ca_source>(const config::settings& settings, const config::directory* from)>;
    using clock = std::function<std::chrono::steady_clock::time_point()>;

    // By DNS and LDAP as the settings say. `dns` must outlive this. A source is opened when it is first needed.
    ca_directory(boost::asio::io_context& context, net::resolver& dns,
                 std::shared_ptr<const config::settings> settings);
    // For tests: other sources, another clock.
    ca_directory(std::shared_ptr<const config::settings> settings, source_maker make, clock now,
                 const ca_directory_limits& limits = {});

    // `receiver` may be called at once. When this has gone before, it is not called at all.
    void find(const std::string& domain, ca_receiver receiver);
    // From now on as these settings say. Where they say the same as before, nothing is forgotten.
    void use(std::shared_ptr<const config::settings> settings);

  private:
    struct memory {
        ca_answer answer;
        std::chrono::steady_clock::time_point until;
    };

    ca_source* source_for(const std::string& domain);
    void take(const std::string& domain, ca_answer answer);

    std::shared_ptr<const config::settings> settings_;
    source_maker make_;
    clock now_;
    ca_directory_limits limits_;
    xproto::recently_used<std::string, memory> remembered_;
    std::map<std::string, std::vector<ca_receiver>> waiting_;
    // By the `domain` of the directory; empty: DNS. Last, so that they go first.
    std::map<std::string, std::unique_ptr<ca_source>> sources_;
    std::vector<std::unique_ptr<ca_source>> retired_; // of earlier settings, with questions under way
};

} // namespace gateway::validity
