// What an xproto session sends: which job next, how its body travels, and its octets.
#include "gateway/delivery/xproto_outgoing.hpp"

#include "gateway/delivery/job_parts.hpp"
#include "gateway/delivery/session_pool.hpp"
#include "xproto/digest.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace gateway::delivery {

namespace asio = boost::asio;
namespace {

// Octets that wait to be written; above this no more are taken from the spool.
constexpr std::size_t max_unsent_octets = 128 * 1024;
// Messages whose bodies are looked through at once. While there are so many the link takes no other jobs.
constexpr std::size_t most_planned = 4;
// Read before others have their turn, and at once.
constexpr std::uint64_t turn_octets = 1024 * 1024;
constexpr std::uint64_t piece_octets = 256 * 1024;

} // namespace

xproto_outgoing::xproto_outgoing(runtime& gateway, session_pool& pool, std::string host, xproto::sending_half& session,
                                 sessions::session_driver& driver, std::shared_ptr<const config::settings> settings,
                                 std::shared_ptr<const site::identity> identity)
    : gateway_(gateway), pool_(pool), host_(std::move(host)), session_(session), driver_(driver),
      settings_(std::move(settings)), signed_(gateway, std::move(identity), host_)
{
}

void xproto_outgoing::feed()
{
    if (take_jobs()) driver_.go_on();
}

bool xproto_outgoing::take_jobs()
{
    const auto before = last_handle_;
    const auto take = [this] { return pool_.take(); };
    while (!left_ && session_.can_send()) {
        if (!planned_.empty()) {
            auto next = std::move(planned_.front());
            planned_.pop_front();
            send(std::move(next));
            continue;
        }
        if (planning_.size() >= most_planned) break;
        auto next = signed_.next(take);
        if (!next) break;
        if (next->content->needs_tls() && !driver_.connection().encrypted()) {
            next->job.finish(mapping::verdict::rejected({5, 7, 10}, "the message demands TLS, and " + host_ +
                                                                        " is spoken to in clear"));
            continue;
        }
        const auto octets = next->content->octets(xproto::object_type::body);
        const bool large = !next->content->envelope_only() && octets >= settings_->xproto.split_octets;
        if (session_.active().has(xproto::option::split) && large)
            plan(std::make_shared<signed_job>(std::move(*next)));
        else
            send(std::move(*next));
    }
    return last_handle_ != before;
}

// Looks through a large body, while others have their turn.
void xproto_outgoing::plan(std::shared_ptr<signed_job> next)
{
    planning_.push_back(next);
    asio::post(gateway_.context, [this, kept = driver_.kept(), next] { plan_on(next); });
}

void xproto_outgoing::plan_on(const std::shared_ptr<signed_job>& next)
{
    const auto found = std::find(planning_.begin(), planning_.end(), next);
    if (found == planning_.end()) return; // the session is over
    if (!next->content->plan_split()) {
        asio::post(gateway_.context, [this, kept = driver_.kept(), next] { plan_on(next); });
        return;
    }
    planning_.erase(found);
    planned_.push_back(std::move(*next));
    feed();
}

void xproto_outgoing::send(signed_job next)
{
    auto message = next.content->outgoing(++last_handle_);
    if (session_.active().has(xproto::option::stat)) {
        message.fragment_octets = settings_->xproto.fragment_octets;
        message.ask_held = message.body_octets >= settings_->xproto.resume_octets;
    }
    sending_.emplace(message.handle, std::move(next));
    session_.send(std::move(message));
}

void xproto_outgoing::withdraw(spool::entry_id id)
{
    signed_.withdraw(id);
    for (auto& work : take_out(planned_, id)) work.job.finish_withdrawn();
    for (auto& work : take_out(planning_, id)) work->job.finish_withdrawn();
    std::vector<std::uint64_t> begun;
    for (const auto& [handle, work] : sending_)
        if (work.job.message->id == id && !session_.may_be_complete(handle)) begun.push_back(handle);
    if (begun.empty() || left_) return;
    for (const auto handle : begun) session_.cancel(handle);
    driver_.go_on();
}

// The first octets of an object, which the peer says it has, while they are digested.
struct xproto_outgoing::beginning {
    std::uint64_t handle = 0;
    xproto::object_type type{};
    std::size_t leaf = 0;
    std::uint64_t octets = 0;
    std::uint64_t at = 0;
    xproto::sha256_stream digest;
};

// Goes on with what the peer holds of the body, or of one of its leaves.
void xproto_outgoing::held(const xproto::sending::held& what)
{
    const auto found = sending_.find(what.handle);
    if (found == sending_.end()) return;
    const auto& content = *found->second.content;
    const auto message = content.outgoing(what.handle);
    const bool split = !message.leaves.empty();
    const auto type = split ? xproto::object_type::leaf : xproto::object_type::body;
    for (std::size_t i = 0; i < (split ? message.leaves.size() : 1); ++i) {
        const auto all = split ? message.leaves[i].octets : message.body_octets;
        const auto digest = content.digest_of(type, i);
        for (const auto& one : what.answer.objects) {
            if (one.digest != digest || one.octets == 0 || one.octets > all) continue;
            auto known = std::make_shared<beginning>();
            known->handle = what.handle;
            known->type = type;
            known->leaf = i;
            known->octets = one.octets;
            return asio::post(gateway_.context, [this, kept = driver_.kept(), known] { digest_on(known); });
        }
    }
    session_.resume(what.handle, {});
}

void xproto_outgoing::digest_on(const std::shared_ptr<beginning>& of)
{
    const auto found = sending_.find(of->handle);
    if (left_ || found == sending_.end()) return;
    xproto::resumption how;
    for (std::uint64_t read = 0; read < turn_octets && of->at < of->octets;) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(of->octets - of->at, piece_octets));
        const auto piece = found->second.content->read(of->type, of->at, most, of->leaf);
        if (!piece || piece->empty()) break; // it is found out again when it is sent
        of->digest.update(*piece);
        of->at += piece->size();
        read += piece->size();
        if (of->at < of->octets && read >= turn_octets)
            return asio::post(gateway_.context, [this, kept = driver_.kept(), of] { digest_on(of); });
    }
    if (of->at == of->octets) {
        how.from = of->octets;
        how.beginning = xproto::to_text(of->digest.finish());
        how.leaf = of->leaf;
        gateway_.log.info("goes_on",
                          {{"id", found->second.job.message->id.text()}, {"to", host_}, {"octets", how.from}});
    }
    session_.resume(of->handle, std::move(how));
    driver_.go_on();
}

void xproto_outgoing::want(const xproto::sending::want_content& wanted)
{
    const auto found = sending_.find(wanted.handle);
    if (found == sending_.end()) return;
    if (driver_.out().size() > max_unsent_octets) return put_off_.push_back(wanted);
    const auto piece = found->second.content->read(wanted.type, wanted.offset, wanted.max, wanted.leaf);
    if (piece && !piece->empty()) return session_.on_content(wanted.handle, wanted.type, *piece);
    const auto id = found->second.job.message->id.text();
    gateway_.log.error("message_unreadable",
                       {{"id", id}, {"reason", piece ? std::string("it ends early") : piece.error().message()}});
    session_.cancel(wanted.handle);
}

void xproto_outgoing::content_room()
{
    if (left_) return;
    if (put_off_.empty() || driver_.out().size() > max_unsent_octets) return;
    const auto wanted = std::exchange(put_off_, {});
    for (const auto& one : wanted) want(one);
    driver_.go_on();
}

} // namespace gateway::delivery
