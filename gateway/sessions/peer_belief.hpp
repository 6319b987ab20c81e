// What the peer of an xproto session was found to be, and whether it still is when what that rests on (configuration,
// CAs, lists) was read again.
#pragma once

#include "gateway/runtime/runtime.hpp"
#include "gateway/sessions/session_driver.hpp"
#include "gateway/validity/host_validator.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gateway::sessions {

class peer_belief {
  public:
    // `side`: "client" or "server", which we are, for the log. Gateway and driver must outlive this.
    peer_belief(runtime& gateway, session_driver& driver, std::string_view side)
        : gateway_(gateway), driver_(driver), side_(side)
    {
    }

    // Finds out who the peer is, by the site's identity of now. `receiver` is called once, unless the driver has gone
    // before, and puts what it makes of the finding into `found`.
    void identify(validity::claim shown, validity::finding_receiver receiver);
    validity::finding found; // `found.peer` is null: nothing was, or it does not matter any more

    // Asks the lists about what was found. `found` has the standing that they leave, unless they refuse; `handler`
    // hears all that they say, and is called as above.
    void ask_lists(std::function<void(xproto::identity_answer)> handler);

    using loser = std::function<void(const xproto::result_code& code, const std::string& why)>;
    // Would the peer, that comes from `address` (as in validity::claim), be let in as it was? If not, it is logged and
    // `lost` is called, perhaps later.
    void review(std::string address, bool by_lists, loser lost);
    // Was something read again since identify() was called, that it did not know?
    bool is_stale() const { return found.peer && believed_by_ != gateway_.identity; }
    // The session is over, or about to be: nothing more is said of its peer.
    void forget() { found.peer.reset(); }

  private:
    void judge(const xproto::identity_answer& now, const loser& lost);

    runtime& gateway_;
    session_driver& driver_;
    std::string_view side_;
    std::shared_ptr<const site::identity> believed_by_;
};

} // namespace gateway::sessions
