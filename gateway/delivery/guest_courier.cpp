// Delivers to hosts in the sessions that they open.
#include "gateway/delivery/guest_courier.hpp"

namespace gateway::delivery {

void guest_courier::part(xproto_outgoing& session)
{
    session_pool::part(session);
    more_needed();
}

void guest_courier::more_needed()
{
    if (!has_session())
        fail_waiting(mapping::verdict::deferred({4, 4, 1}, "no session is open in which it could be sent"), true);
}

} // namespace gateway::delivery
