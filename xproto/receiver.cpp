// The life of a message at the receiving end. Of its parts at most one is asked about, received or judged at a
// time; those after it wait.
#include "xproto/receiver.hpp"

#include "xproto/extensions.hpp"

#include <algorithm>
#include <cassert>

namespace xproto {

namespace {

result_code permission(object_type type)
{
    switch (type) {
    case object_type::envelope: return codes::send_envelope;
    case object_type::headers: return codes::send_headers;
    case object_type::body:
    case object_type::skeleton:
    case object_type::leaf: break;
    }
    return codes::send_body;
}

// What must have been accepted before this can be asked about. There is nothing before the envelope.
object_type before(object_type type)
{
    switch (type) {
    case object_type::leaf: return object_type::skeleton;
    case object_type::body:
    case object_type::skeleton: return object_type::headers;
    case object_type::headers:
    case object_type::envelope: break;
    }
    return object_type::envelope;
}

} // namespace

receiver::receiver(const session_limits& limits, const window& granted, std::string& out,
                   std::deque<transfer_event>& questions)
    : limits_(limits), window_(granted), out_(out), questions_(questions), messages_(limits_, window_)
{
}

outcome receiver::refusal(const object_answer& why)
{
    return {why.code.size() == 0 ? codes::transfer_failed : why.code, why.text, why.smtp_code, {}};
}

// --- changes of state

void receiver::start(place at)
{
    if (messages_.fits(*at))
        ask_or_permit(at);
    else
        messages_.enter(*at, state::queued);
}

void receiver::start_queued()
{
    while (const auto at = messages_.next_queued()) ask_or_permit(at);
}

void receiver::ask_or_permit(place at)
{
    part& p = *at;
    messages_.take_room(p);
    if (p.name != p.tag) { // a later fragment of what the driver has permitted
        permit(at);
        return;
    }
    messages_.enter(p, state::asked);
    at.of->told = true;
    questions_.emplace_back(receiving::check_object{
        p.name, at.of->id, at.type, p.octets, p.pending, std::move(p.media_type), std::move(p.file_name),
        std::move(p.digest), p.received, std::move(p.beginning), p.unasked});
}

void receiver::permit(place at)
{
    part& p = *at;
    messages_.enter(p, state::receiving);
    if (!p.unasked) write_answer(out_, p.tag, word::tmp, permission(at.type));
    if (!p.held.empty()) {
        held_ -= p.held.size();
        const auto kept = std::make_shared<const std::string>(std::exchange(p.held, {}));
        questions_.emplace_back(receiving::append{p.name, *kept, kept});
    }
    if (p.left == 0)
        arrived(at);
    else if (!pipelined_)
        chunk_ = {p.left, at};
}

void receiver::arrived(place at)
{
    part& p = *at;
    p.received += p.octets;
    if (p.pending != 0) {
        messages_.enter(p, state::between);
        write_answer(out_, p.tag, word::ok, codes::object_received);
        start_queued();
        return;
    }
    finish(at);
}

void receiver::finish(place at)
{
    messages_.enter(*at, state::finishing);
    const bool last = at.type == object_type::body || at->last;
    questions_.emplace_back(receiving::finish_object{at->name, at.of->id, at.type, last});
}

void receiver::refuse(place at, const object_answer& why)
{
    part& p = *at;
    if (p.now == state::receiving && !pipelined_ && chunk_.left != 0) {
        late_refusal_ = late_refusal{p.tag, why};
    } else {
        if (incoming::is_open(p.now)) write_outcome(out_, p.tag, word::err, refusal(why), limits_);
    }
    end(at);
}

void receiver::end(place at)
{
    if (pipelined_) swallow_the_rest(*at.of);
    for (const auto& p : at.of->parts) {
        if (p.type == at.type || !incoming::is_open(p.now)) continue;
        write_answer(out_, p.tag, word::err, p.type < at.type ? codes::transfer_failed : codes::prior_part);
    }
    close(*at.of);
    start_queued();
}

void receiver::tell_driver(message& m)
{
    if (!m.told) return;
    std::uint32_t name = 0;
    for (const auto& p : m.parts)
        if (p.now == state::asked || p.now == state::receiving || p.now == state::between || p.now == state::finishing)
            name = p.name;
    questions_.emplace_back(receiving::abort{name, m.id});
}

void receiver::close(message& m)
{
    if (chunk_.into.of == &m) chunk_.into = {};
    for (const auto& p : m.parts) {
        held_ -= p.held.size();
        discarded_ += p.held.size();
    }
    messages_.close(m);
}

// --- from the peer

std::optional<result_code> receiver::order_problem(const request& asked, message* known, bool draining) const
{
    if (!known) {
        if (asked.type != object_type::envelope) return codes::prior_part;
        if (draining) return codes::shutting_down;
        if (messages_.messages() >= (pipelined_ ? window_.messages : 1)) return codes::window_exceeded;
        return std::nullopt;
    }
    const part& here = (*known)[asked.type];
    const part& prior = (*known)[before(asked.type)]; // of an envelope itself, which is not `none` in a known message
    if (here.now == state::between && here.type == asked.type) return std::nullopt;
    // A leaf is asked for when what is before it was acknowledged: its place is that of the leaf before it.
    if (asked.type == object_type::leaf && prior.type == object_type::skeleton && prior.now == state::done)
        return here.now == state::none || here.now == state::done ? std::nullopt : std::optional(codes::in_progress);
    if (asked.type == object_type::leaf) return codes::prior_part;
    if (here.now != state::none) return codes::in_progress;
    // In synchronous mode nothing is read while an object waits, so the fragment it waits for would never come.
    if (!pipelined_ && prior.now == state::between) return codes::bad_fragment;
    return prior.now != state::none ? std::nullopt : std::optional(codes::prior_part);
}

std::optional<result_code> receiver::size_problem(const request& asked, message* known) const
{
    const part* earlier = known ? &(*known)[asked.type] : nullptr;
    const bool continues = earlier && earlier->now == state::between;
    if (asked.pending >= limits_.fragments) return codes::bad_fragment;
    if (continues && asked.pending + 1 != earlier->pending) return codes::bad_fragment;
    if (continues && !asked.beginning.empty()) return codes::bad_fragment;
    const auto received = continues ? earlier->received : asked.from;
    const auto most = limits_.object(asked.type);
    if (received > most || asked.octets > most - received) return codes::object_too_large;
    if (continues && earlier->whole) { // octets that are not announced need not travel to be refused
        const auto missing = *earlier->whole - std::min(received, *earlier->whole);
        if (asked.octets > missing || (asked.pending == 0 && asked.octets < missing)) return codes::not_announced;
    }
    const bool whole = asked.pending == 0 && !continues && asked.beginning.empty();
    const bool small = asked.octets <= limits_.chunk && whole;
    if (asked.unasked && (!small || asked.type > object_type::body)) return codes::now_too_large;
    return std::nullopt;
}

std::optional<result_code> receiver::on_xfer(request asked, bool draining)
{
    message* known = messages_.find(asked.message_id);
    const auto problem = order_problem(asked, known, draining);
    const auto over = problem ? std::nullopt : size_problem(asked, known);
    if ((problem || over) && asked.unasked) swallow(asked.tag, asked.octets);
    if (problem) return problem;
    if (over) {
        write_answer(out_, asked.tag, word::err, *over);
        if (!known) return std::nullopt;
        tell_driver(*known);
        end({known, asked.type});
        return std::nullopt;
    }

    const place at{known ? known : &messages_.open(asked.message_id), asked.type};
    part& p = *at;
    if (p.now == state::done) { // of the leaf before
        messages_.enter(p, state::none);
        p = part{};
    }
    if (p.now == state::none) p.name = asked.tag;
    p.tag = asked.tag;
    p.type = asked.type;
    p.octets = p.left = asked.octets;
    p.pending = asked.pending;
    p.unasked = asked.unasked;
    p.media_type = std::move(asked.media_type);
    p.file_name = std::move(asked.file_name);
    p.digest = std::move(asked.digest);
    if (p.now == state::none) p.received = asked.from;
    p.beginning = std::move(asked.beginning);
    const bool waits = at.type != object_type::envelope && (*at.of)[before(at.type)].now != state::done;
    if (waits)
        messages_.enter(p, state::waiting);
    else
        start(at);
    return std::nullopt;
}

std::optional<result_code> receiver::on_abort(std::uint32_t tag, std::uint32_t target)
{
    const auto at = messages_.find_tag(target, [](state s) { return s != state::none; });
    if (!at) return codes::unknown_command;
    if (incoming::may_be_last(*at.of, *at)) return codes::too_late;
    write_answer(out_, tag, word::ok, codes::killed, "Command number " + std::to_string(target) + " killed.");
    if (incoming::is_open(at->now)) write_answer(out_, target, word::err, codes::transfer_failed);
    tell_driver(*at.of);
    end(at);
    return std::nullopt;
}

// --- from the driver

void receiver::on_object(std::uint32_t tag, const object_answer& answer)
{
    const auto at = messages_.find_name(tag, [](state s) {
        return s == state::asked || s == state::queued || s == state::receiving || s == state::between;
    });
    if (!at) return;
    const bool asked = at->now == state::asked;
    if (asked) at->last = answer.last && at.type == object_type::leaf;
    if (asked) at->whole = answer.whole;
    if (answer.permitted) {
        if (asked) permit(at);
        return;
    }
    if (asked && answer.code == codes::already_have && at.type == object_type::leaf) return leaf_here(at);
    if (asked && answer.code == codes::already_have) {
        write_answer(out_, at->tag, word::ok, codes::already_have);
        end(at);
        return;
    }
    refuse(at, answer);
}

// Nothing of it has to travel. The answer to the last leaf is the one that moves the responsibility, and that is for
// the driver to give.
void receiver::leaf_here(place at)
{
    if (at->last) return finish(at);
    write_answer(out_, at->tag, word::ok, codes::already_have);
    messages_.enter(*at, state::done);
    start_queued();
}

void receiver::on_finished(std::uint32_t tag, finish_answer answer)
{
    const auto at = messages_.find_name(tag, [](state s) { return s == state::finishing; });
    if (!at) return;
    part& p = *at;
    const bool last = at.type == object_type::body || p.last;
    const bool over = !answer.ok || last || answer.complete || answer.code == codes::already_have;
    outcome what{answer.code, std::move(answer.text), answer.smtp_code, std::move(answer.recipients)};
    if (what.code.size() == 0)
        what.code = !answer.ok ? codes::transfer_failed : over ? codes::stored : codes::object_received;
    // Of a leaf that would say that its octets are here, not that the message came by another session meanwhile.
    if (at.type == object_type::leaf && what.code == codes::already_have) what.code = codes::stored;
    write_outcome(out_, p.tag, answer.ok ? word::ok : word::err, what, limits_);

    if (over) {
        end(at);
        return;
    }
    messages_.enter(p, state::done);
    for (const auto& next : at.of->parts)
        if (next.now == state::waiting && before(next.type) == at.type) {
            start({at.of, next.type});
            break;
        }
    start_queued();
}

void receiver::on_progress(std::uint32_t tag)
{
    const auto at = messages_.find_name(tag, [](state s) { return s == state::finishing; });
    if (at) write_answer(out_, at->tag, word::tmp, codes::working);
}

void receiver::drop_unfinished()
{
    for (const auto& one : messages_.all()) {
        auto& m = *one;
        if (!m.open) continue;
        const auto may_be_last = [&](const part& p) { return incoming::may_be_last(m, p); };
        if (std::any_of(std::begin(m.parts), std::end(m.parts), may_be_last)) continue;
        tell_driver(m);
        close(m);
    }
}

} // namespace xproto
