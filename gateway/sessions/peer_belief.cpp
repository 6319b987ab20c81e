// Who the peer is, asked once and asked again.
#include "gateway/sessions/peer_belief.hpp"

#include "gateway/site/identity.hpp"
#include "gateway/trust/lists.hpp"

#include <utility>

namespace gateway::sessions {

void peer_belief::identify(validity::claim shown, validity::finding_receiver receiver)
{
    believed_by_ = gateway_.identity;
    auto take = [weak = std::weak_ptr(driver_.kept()), receiver = std::move(receiver)](validity::finding what) {
        if (const auto kept = weak.lock()) receiver(std::move(what));
    };
    gateway_.hosts.identify(believed_by_, std::move(shown), gateway_.now(), std::move(take));
}

void peer_belief::ask_lists(std::function<void(xproto::identity_answer)> handler)
{
    const trust::subject about{found.answer.host, driver_.connection().peer_address(), {}, found.issuers};
    auto take = [this, weak = std::weak_ptr(driver_.kept()), handler = std::move(handler)](auto said) {
        const auto kept = weak.lock();
        if (!kept) return;
        if (said.peer == xproto::standing::known) found.reception.standing = config::to_text(config::trust::known);
        if (said.peer != xproto::standing::refused) found.answer.peer = said.peer;
        handler(std::move(said));
    };
    gateway_.lists.judge_host(found.answer, about, std::move(take));
}

void peer_belief::review(std::string address, bool by_lists, loser lost)
{
    if (!found.peer) return;
    believed_by_ = gateway_.identity;
    auto valid = [this, weak = std::weak_ptr(driver_.kept()), by_lists,
                  lost = std::move(lost)](const validity::finding& now) {
        const auto kept = weak.lock();
        if (!kept || !found.peer) return;
        if (!now.peer || !by_lists) return judge(now.answer, lost);
        const trust::subject about{now.answer.host, driver_.connection().peer_address(), {}, now.issuers};
        gateway_.lists.judge_host(now.answer, about, [this, weak, lost](const xproto::identity_answer& listed) {
            if (const auto still = weak.lock()) judge(listed, lost);
        });
    };
    gateway_.hosts.review(gateway_.identity, found, std::move(address), gateway_.now(), std::move(valid));
}

void peer_belief::judge(const xproto::identity_answer& now, const loser& lost)
{
    if (!found.peer || !validity::has_lost(found.answer, now)) return;
    const auto& code = now.peer == xproto::standing::refused ? now.code : xproto::codes::identity_refused;
    const auto why = now.text.empty() ? "not as trusted as before" : now.text;
    validity::log_disowned(gateway_.log, found, driver_.connection().peer_address(), side_, code, why);
    forget();
    lost(code, why);
}

} // namespace gateway::sessions
