// Where the CA of a domain is found: its public data, by DNS or LDAP (docs/xproto.md, "Delegation").
#pragma once

#include "xproto/certificate_association.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace gateway::validity {

struct ca_answer {
    enum class kind {
        found,  // these are the CAs
        none,   // there are none that could be believed: nothing published, or not secured
        failed, // not now
    };
    kind outcome = kind::failed;
    std::vector<xproto::certificate_association> records;
    std::chrono::seconds ttl{}; // how long this may be kept
    std::string what;           // why there are none; for logs

    static ca_answer found(std::vector<xproto::certificate_association> records, std::chrono::seconds ttl)
    {
        ca_answer made;
        made.outcome = kind::found;
        made.records = std::move(records);
        made.ttl = ttl;
        return made;
    }
    static ca_answer none(std::string why, std::chrono::seconds ttl)
    {
        ca_answer made;
        made.outcome = kind::none;
        made.what = std::move(why);
        made.ttl = ttl;
        return made;
    }
    static ca_answer failed(std::string why)
    {
        ca_answer made;
        made.what = std::move(why);
        return made;
    }
};

using ca_receiver = std::function<void(ca_answer)>;

class ca_source {
  public:
    virtual ~ca_source() = default;

    // Asks for the CAs of a domain (in A-labels). `receiver` is called once, later, on the thread of the event loop;
    // never when the source has gone before.
    virtual void find(const std::string& domain, ca_receiver receiver) = 0;
};

} // namespace gateway::validity
