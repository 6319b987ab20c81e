// The life of a message at the sending end. In pipelined mode all its parts are asked for at once, in synchronous mode
// each when the one before it was accepted.
#include "xproto/sender.hpp"

#include "xproto/line_writer.hpp"
#include "xproto/zstd.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace xproto {

namespace {

constexpr std::size_t longest_value = 255; // of TYPE, NAME and DIGEST
// Below this a frame is mostly frame.
constexpr std::size_t least_packed = 128;
// Small objects go first, but one piece in so many is of a large one, so that a stream of small ones cannot starve it.
constexpr unsigned large_turn = 16;

} // namespace

sender::sender(const session_limits& limits, std::string& out, std::deque<transfer_event>& events,
               std::uint32_t& last_tag)
    : limits_(limits), out_(out), events_(events), last_tag_(last_tag)
{
}

void sender::set_peer(const announcement& said, option_set active, std::uint32_t messages)
{
    peer_ = said;
    pipelined_ = active.has(option::pipe);
    now_ = active.has(option::now) && said.unasked != 0;
    zstd_ = active.has(option::zstd);
    most_unasked_ = std::min<std::uint64_t>(limits_.unasked, said.unasked);
    window_ = messages;
    chunk_ = static_cast<std::size_t>(std::min<std::uint64_t>(limits_.chunk, said.chunk));
}

// --- looking things up

// Begins where the last search ended: what comes next mostly concerns the same message, or its neighbour.
template <class Matches> sender::message* sender::find_message(Matches matches)
{
    const auto size = messages_.size();
    for (std::size_t i = 0; i < size; ++i) {
        const auto at = last_found_ + i < size ? last_found_ + i : last_found_ + i - size;
        if (!messages_[at].open || !matches(messages_[at])) continue;
        last_found_ = at;
        return &messages_[at];
    }
    return nullptr;
}

sender::message* sender::find(std::uint64_t handle)
{
    return find_message([=](const message& m) { return !m.settled && m.what.handle == handle; });
}

sender::place sender::find_tag(std::uint32_t tag)
{
    place found;
    find_message([&](message& m) {
        for (const auto& p : m.parts)
            if (p.tag == tag && is_open(p.now)) found = {&m, p.type};
        return static_cast<bool>(found);
    });
    return found;
}

sender::message* sender::find_abort(std::uint32_t tag)
{
    return find_message([=](const message& m) { return m.abort_tag == tag; });
}

// Does the receiver have every octet of it, or what it needs to have them?
bool sender::has_all(const message& m)
{
    const part& last = m[m.last()];
    for (const auto& p : m.parts)
        if (p.now == state::sending) return false;
    const bool perhaps_had = last.type == object_type::leaf && last.now == state::asked;
    if (perhaps_had) return m.leaf + 1 == m.what.leaves.size();
    return last.now == state::sent && m.ends_with(last);
}

bool sender::awaits_last_answer() const
{
    return std::any_of(messages_.begin(), messages_.end(), [](const message& m) { return m.open && has_all(m); });
}

// --- sending

bool sender::acceptable(const outgoing& what, outcome& why_not) const
{
    const std::uint64_t octets[3] = {what.envelope_octets, what.headers_octets, what.body_octets};
    const std::size_t parts = what.envelope_only ? 1 : 3;
    for (std::size_t i = 0; i < parts; ++i)
        if (octets[i] > peer_.objects[i]) why_not = {codes::object_too_large, {}, 0, {}};
    const bool sound = is_token(what.message_id) && is_quotable(what.message_id);
    if (!sound || what.message_id.size() > limits_.message_id)
        why_not = {codes::bad_parameter, "not a message id", 0, {}};
    return why_not.code.size() == 0;
}

void sender::send(outgoing what)
{
    assert(what.handle != 0 && has_room());
    auto free = std::find_if(messages_.begin(), messages_.end(), [](const message& m) { return !m.open; });
    if (free == messages_.end()) free = messages_.emplace(messages_.end());
    message& m = *free;
    m = message{};
    m.open = true;
    ++open_;
    m.what = std::move(what);
    if (!acceptable(m.what, m.said)) {
        settle(m, sending::outcome::refused);
        return;
    }
    if (m.what.ask_held)
        ask_held(m);
    else
        begin_all(m);
}

void sender::begin_all(message& m)
{
    begin(m, object_type::envelope);
    if (!pipelined_ || m.what.envelope_only) return;
    begin(m, object_type::headers);
    begin(m, m.content());
}

// Asks for permission to send an object, or the first fragment of it.
void sender::begin(message& m, object_type type)
{
    const auto& what = m.what;
    part& p = m[type];
    p = part{};
    p.type = type;
    switch (type) {
    case object_type::envelope: p.octets = what.envelope_octets; break;
    case object_type::headers: p.octets = what.headers_octets; break;
    case object_type::body: p.octets = what.body_octets; break;
    case object_type::skeleton: p.octets = what.skeleton_octets; break;
    case object_type::leaf: p.octets = what.leaves[m.leaf].octets; break;
    }
    const bool goes_on = type == object_type::body || (type == object_type::leaf && m.leaf == m.how.leaf);
    if (goes_on && m.how.from <= p.octets) p.sent = m.how.from;
    ask({&m, type});
}

void sender::ask(place at)
{
    const auto& what = at.of->what;
    part& p = *at;
    // Never more fragments than a receiver takes.
    const auto least = p.octets / limits_.fragments + 1;
    const bool whole = what.fragment_octets == 0 || at.type < object_type::body;
    const auto fragment = whole ? p.octets : std::max(what.fragment_octets, least);
    p.end = std::min(p.octets, p.sent + fragment);
    p.now = state::asked;
    p.tag = ++last_tag_;
    line_writer line(out_, p.tag, "XFER");
    line.parameter(what.message_id).parameter(to_text(at.type)).octets(p.end - p.sent);
    line.octets(p.end == p.octets ? 0 : (p.octets - p.end + fragment - 1) / fragment);
    const auto tell = [&](std::string_view name, const std::string& value) {
        if (!value.empty() && value.size() <= longest_value && is_quotable(value)) line.group(name, value);
    };
    const bool first =
        p.sent != 0 && p.sent == at.of->how.from && (at.type == object_type::body || at.of->leaf == at.of->how.leaf);
    if (first) line.group("FROM", std::to_string(p.sent) + ';' + at.of->how.beginning);
    if (at.type == object_type::leaf) {
        const auto& leaf = what.leaves[at.of->leaf];
        tell("TYPE", leaf.media_type);
        tell("NAME", leaf.file_name);
        tell("DIGEST", leaf.digest);
    } else {
        if (at.type == object_type::body) tell("TYPE", what.media_type);
        tell("DIGEST", what.digests[part_of(at.type)]);
    }
    p.unasked = goes_unasked(at);
    if (p.unasked) line.group("NOW");
    line.end();
    if (!p.unasked) return;
    unasked_ += p.octets;
    p.now = p.octets == 0 ? state::sent : state::sending;
    queue_unasked(*at.of);
}

// Whole objects that fit into a chunk, while the receiver has room to keep them until it wants them. What is large is
// better refused before it travels.
bool sender::goes_unasked(place at) const
{
    const message& m = *at.of;
    const part& p = *at;
    const bool begun = at.type == object_type::envelope || m.parts[part_of(at.type) - 1].unasked;
    return now_ && begun && at.type <= object_type::body && p.end == p.octets && p.sent == 0 && p.octets <= chunk_ &&
           unasked_ + p.octets <= most_unasked_;
}

// The parts of a message go one after the other.
void sender::queue_unasked(message& m)
{
    for (const auto& p : m.parts) {
        if (p.now != state::sending) continue;
        const bool waits = m.wanted != 0 || std::find(small_.begin(), small_.end(), p.tag) != small_.end();
        if (!waits) queue({&m, p.type});
        return;
    }
}

// The receiver has acknowledged this, and there is more to come.
void sender::go_on(place at)
{
    message& m = *at.of;
    if (at->end != at->octets) return ask(at);
    if (at.type == object_type::leaf) ++m.leaf;
    if (at.type >= object_type::skeleton) return begin(m, object_type::leaf);
    if (!pipelined_) begin(m, at.type == object_type::envelope ? object_type::headers : m.content());
}

// The receiver was told too late that the message is given up, and has gone on to wait for the next of its transfers.
void sender::give_up_on_receiver(message& m, std::uint32_t tag)
{
    m.abort_tag = ++last_tag_;
    auto& line = pipelined_ || !urgent_ ? out_ : urgent_line_;
    line_writer(line, m.abort_tag, "ABOR=" + std::to_string(tag)).end();
}

void sender::queue(place at)
{
    (at->end - at->sent <= chunk_ ? small_ : large_).push_back(at->tag);
}

sender::place sender::next_in_turn()
{
    while (!small_.empty() || !large_.empty()) {
        const bool large = small_.empty() || (!large_.empty() && ++turn_ % large_turn == 0);
        auto& line = large ? large_ : small_;
        const auto at = find_tag(line.front());
        line.pop_front();
        if (at && at->now == state::sending && !at.of->settled) return at;
    }
    return {};
}

std::optional<sending::want_content> sender::next_wanted()
{
    if (out_.size() + wanted_ >= limits_.output) return std::nullopt;
    const auto at = next_in_turn();
    if (!at) return std::nullopt;
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_, at->end - at->sent));
    at.of->wanted = most;
    wanted_ += most;
    return sending::want_content{at.of->what.handle, at.type, at->sent, most, at.of->leaf};
}

bool sender::on_content(std::uint64_t handle, object_type type, std::string_view piece)
{
    auto* const m = find(handle);
    if (!m || m->wanted == 0 || (*m)[type].now != state::sending) return true;
    assert(piece.size() <= m->wanted);
    piece = piece.substr(0, m->wanted);
    wanted_ -= std::exchange(m->wanted, 0);
    if (piece.empty()) return cancel(handle);

    const place at{m, type};
    write_chunk(*at, piece);
    at->sent += piece.size();
    if (at->sent != at->end) {
        queue(at);
        return true;
    }
    at->now = state::sent;
    queue_unasked(*m);
    return true;
}

void sender::write_chunk(part& p, std::string_view piece)
{
    if (zstd_ && p.packs && piece.size() >= least_packed) {
        const auto packed = zstd_pack(piece);
        p.packs = packed.has_value();
        if (packed) {
            line_writer line(out_, p.tag, "DATA");
            line.octets(packed->size()).group("ZSTD", std::to_string(piece.size())).end();
            out_ += *packed;
            return;
        }
    }
    if (pipelined_) line_writer(out_, p.tag, "DATA").octets(piece.size()).end();
    out_ += piece;
}

// Its last octet is on its way; or its last leaf was asked for, which the server may answer by saying that it has it.
bool sender::may_have_all(const message& m) const
{
    return std::any_of(std::begin(m.parts), std::end(m.parts), [&m](const part& p) {
        if (p.now == state::none || !m.ends_with(p)) return false;
        return p.sent == p.octets || p.type == object_type::leaf;
    });
}

bool sender::may_be_complete(std::uint64_t handle)
{
    const auto* const m = find(handle);
    return m != nullptr && may_have_all(*m);
}

bool sender::cancel(std::uint64_t handle)
{
    auto* const m = find(handle);
    if (!m) return true;
    std::uint32_t target = 0;
    for (const auto& p : m->parts)
        if (is_open(p.now)) target = p.tag;
    if ((pipelined_ || urgent_) && target != 0) give_up_on_receiver(*m, target);
    m->said = {codes::transfer_failed, "given up by the sender", 0, {}};
    settle(*m, sending::outcome::lost);
    for (auto& p : m->parts)
        if (urgent_ && p.now == state::sending) p.now = state::sent; // that was all
    return pipelined_ || urgent_ || target == 0;
}

} // namespace xproto
