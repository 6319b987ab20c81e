// What a peer says of the messages that a session sends it: verdicts at once, and, with TRACE, what becomes of them
// later.
#include "gateway/delivery/session_pool.hpp"
#include "gateway/delivery/xproto_outgoing.hpp"
#include "mapping/status_table.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {

// Messages of which the next hop may still tell something that somebody wants to hear.
constexpr std::size_t max_passed = 4096;

// A refusal that is about the session's state or the way the octets travelled, not about the message: another session
// may fare better, so mail that meets one is tried again and not returned.
bool about_the_session(const xproto::result_code& code)
{
    using namespace xproto::codes;
    if (code.size() > 2 && code[0] == 99 && code[1] == 3) return true; // of a transfer extension
    const auto number = code.size() == 4 ? code[3] : 0;
    return code == xproto::result_code::core(5, number) &&
           (number < object_too_large[3] || (number >= window_exceeded[3] && number <= bad_fragment[3]));
}

} // namespace

void xproto_outgoing::result(const xproto::sending::result& result)
{
    auto done = sending_.extract(result.handle);
    if (done.empty()) return;
    auto& work = done.mapped().job;
    ++completed_;
    const bool accepted = result.outcome == xproto::sending::outcome::accepted;
    // The peer leaves, and has not looked at it: another session may do better, once.
    if (result.code == xproto::codes::shutting_down && !work.returned && !left_) return pool_.put_back(std::move(work));
    if (accepted) remember(*work.message);
    mapping::verdict whole;
    if (accepted)
        whole = mapping::verdict::delivered(result.text);
    else if (result.outcome == xproto::sending::outcome::refused && about_the_session(result.code))
        whole = mapping::verdict::deferred({4, 5, 0}, result.text, result.code.text());
    else if (result.outcome == xproto::sending::outcome::refused)
        whole = mapping::to_verdict({result.code, result.smtp_code, result.text}, mapping::verdict::kind::rejected);
    else
        whole = mapping::verdict::deferred({4, 4, 2}, "the session with " + host_ + " was lost", result.text);
    whole.remote = host_;
    whole.maybe_duplicate = result.answer_lost;
    whole.reports_success = true; // the notify parameters travel on with the recipient

    auto made = outcome::same(work.recipients.size(), whole);
    made.unreachable = result.outcome == xproto::sending::outcome::lost && pool_.waits_after(*this);
    for (std::size_t i = 0; i < work.recipients.size(); ++i) {
        const auto number = work.message->recipients[work.recipients[i]].number;
        const auto own = std::find_if(result.recipients.begin(), result.recipients.end(),
                                      [number](const auto& r) { return r.number == number; });
        if (own == result.recipients.end() || own->accepted == accepted) continue;
        if (own->accepted) {
            made.verdicts[i] = mapping::verdict::delivered(own->text);
            continue;
        }
        made.verdicts[i] =
            mapping::to_verdict({own->code, own->smtp_code, own->text}, mapping::verdict::kind::rejected);
        made.verdicts[i].remote = host_;
    }
    work.done(std::move(made));
}

void xproto_outgoing::later_hop(xproto::hop_notice what)
{
    const auto found = passed_.find(what.message_id);
    if (found == passed_.end()) return;
    ++what.hop;
    gateway_.traces.tell(found->second, what);
}

void xproto_outgoing::remember(const spool::record& message)
{
    if (!session_.active().has(xproto::option::trace)) return;
    if (!gateway_.traces.is_followed({message.peer_identity, message.message_id})) return;
    if (passed_.size() == max_passed) passed_.clear(); // whoever followed them hears no more
    passed_[message.message_id] = message.peer_identity;
}

void xproto_outgoing::leave()
{
    if (std::exchange(left_, true)) return;
    const auto lost = mapping::verdict::deferred({4, 4, 2}, "the session with " + host_ + " was lost", failure_);
    const auto finish = [&](job& work) {
        auto made = outcome::same(work.recipients.size(), lost);
        made.unreachable = pool_.waits_after(*this);
        work.done(std::move(made));
    };
    for (auto& [handle, work] : std::exchange(sending_, {})) finish(work.job);
    signed_.finish_all(finish);
    for (auto& work : std::exchange(planned_, {})) finish(work.job);
    for (auto& work : std::exchange(planning_, {})) finish(work->job);
    pool_.part(*this);
}

} // namespace gateway::delivery
