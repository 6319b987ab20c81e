// Who is at the other end of an xproto session, how we know, and what follows from it. Two answers that are never
// mixed: whether the host's certificate is valid, and by what (docs/xproto.md, "Identity and certificates"); and what
// standing the configuration gives to such a host.
#pragma once

#include "gateway/log/logger.hpp"
#include "gateway/site/identity.hpp"
#include "gateway/validity/ca_directory.hpp"
#include "gateway/validity/public_suffix.hpp"
#include "xproto/envelope.hpp"
#include "xproto/identity.hpp"
#include "xproto/session.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace gateway::validity {

// What a host shows, and who it says it is.
struct claim {
    std::string host;    // empty: the one name of its certificate
    std::string address; // it came from; empty: we went to it
    std::string proof, transcript;
};

struct finding {
    xproto::identity_answer answer;               // for the session
    std::shared_ptr<const site::known_peer> peer; // null when refused
    std::string mechanism;                        // "store" or "delegation"; empty when not valid
    std::string issuer;                           // whose word that is: the CA's subject, or the domain that delegated
    std::vector<std::string> issuers;             // the certificate's issuerAltNames: the peer's word
    // The certificates, DER, the host's own first; null: there was no good proof. As octets, because every session
    // keeps them for review(), and certificates that were read are many times larger.
    std::shared_ptr<const std::vector<std::string>> shown;
    xproto::reception reception; // the same for hops of messages that the host brings
};

// One line about a host that is let in: who it is, how that is known, by whose word, and what standing it has for it.
void log_proved(log::logger& log, const finding& found, const std::string& address);

// One about a host whose session is made to end, because it would not be let in as it was any more.
void log_disowned(log::logger& log, const finding& before, const std::string& address, std::string_view side,
                  const xproto::result_code& code, const std::string& why);

using finding_receiver = std::function<void(finding)>;

// Has a host that was `before` lost something by what is found `now`? Not when it cannot be told for now.
bool has_lost(const xproto::identity_answer& before, const xproto::identity_answer& now);

// Belongs to the thread of the event loop.
class host_validator {
  public:
    host_validator(boost::asio::io_context& context, net::resolver& dns,
                   std::shared_ptr<const config::settings> settings);
    // For tests: with CAs from elsewhere.
    host_validator(std::shared_ptr<const config::settings> settings, std::unique_ptr<ca_directory> directory);

    // Finds out who a host is. `receiver` is called once: at once when the local store says all, later when CAs have to
    // be looked up; not at all when this has gone before. `now`: of the clock.
    void identify(std::shared_ptr<const site::identity> site, claim shown, xproto::unix_seconds now,
                  finding_receiver receiver);

    // The same of a host that has proved itself by `found` before, perhaps long ago: would it be let in as it is now?
    // Nothing is counted.
    void review(std::shared_ptr<const site::identity> site, const finding& found, std::string address,
                xproto::unix_seconds now, finding_receiver receiver);

    void use(std::shared_ptr<const config::settings> settings);

  private:
    class inquiry;

    // Counts the sessions that a host without [[peer]] has begun. Null: it has as many as it may.
    std::shared_ptr<const site::known_peer> admit(site::known_peer made);

    std::shared_ptr<const config::settings> settings_;
    public_suffix_list suffixes_;
    std::shared_ptr<std::map<std::string, std::uint64_t>> strangers_ =
        std::make_shared<std::map<std::string, std::uint64_t>>();
    std::unique_ptr<ca_directory> directory_;
};

} // namespace gateway::validity
