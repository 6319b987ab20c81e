// Questions to the DNS beyond addresses: what a name's TXT, TLSA or A records are, and whether DNSSEC vouches for the
// answer. An interface, so that what decides by answers can be tested without a network; unbound.hpp is the real one.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::net {

enum class dns_type : std::uint16_t { a = 1, mx = 15, txt = 16, aaaa = 28, tlsa = 52 };

struct dns_answer {
    enum class outcome {
        found,    // there are records
        no_data,  // the name exists and has none of this type
        nxdomain, // the name does not exist
        failed,   // nobody could say (SERVFAIL, a time-out, too many questions): ask again later
    };
    enum class state {
        secure,   // signed, and the signatures lead to a trust anchor; of no_data and nxdomain too
        insecure, // not signed, provably or because there is no trust anchor
        bogus,    // should be signed and is not as it should be: as good as no answer, and `records` is empty
    };

    outcome what = outcome::failed;
    state dnssec = state::insecure;
    std::vector<std::string> records; // RDATA, as octets
    std::chrono::seconds ttl{};
    std::string why; // it failed or is bogus: for the log

    bool found() const { return what == outcome::found; }
    bool secure() const { return dnssec == state::secure; }
    // Can the answer be used at all? What failed, or is bogus, says nothing, not even that there is nothing.
    bool definite() const { return what != outcome::failed && dnssec != state::bogus; }

    static dns_answer failure(std::string why)
    {
        dns_answer made;
        made.why = std::move(why);
        return made;
    }
};

class resolver {
  public:
    using handler = std::function<void(dns_answer)>;

    virtual ~resolver() = default;
    // `done` runs once, later, in the event loop's thread, unless the resolver is destroyed before. Answers are kept as
    // long as their TTL allows, so asking twice costs little.
    virtual void look_up(const std::string& name, dns_type type, handler done) = 0;
};

// The same for coroutines.
boost::asio::awaitable<dns_answer> ask(resolver& dns, std::string name, dns_type type);

// The text of a TXT record: its character-strings put together (RFC 7208 3.3). Empty when it is malformed.
std::string txt_text(std::string_view rdata);
std::string_view to_text(dns_answer::outcome value);
std::string_view to_text(dns_answer::state value);

} // namespace gateway::net
