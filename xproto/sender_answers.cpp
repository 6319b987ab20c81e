// What the receiver's answers mean for a message under way, until it has its one result.
#include "xproto/sender.hpp"

#include <algorithm>
#include <utility>

namespace xproto {

namespace {

// Nothing else is a permission: octets that the server does not wait for it would read as lines.
bool is_permission(const result_code& code, object_type type)
{
    if (type == object_type::envelope) return code == codes::send_envelope;
    if (type == object_type::headers) return code == codes::send_headers;
    return code == codes::send_body;
}

} // namespace

std::optional<result_code> sender::on_response(const line& response)
{
    if (const auto at = find_tag(response.tag)) {
        if (response.kind == word::tmp) return on_tmp(at, response);
        return response.kind == word::ok ? on_ok(at, response) : on_err(at, response);
    }
    if (auto* const asked = find_stat(response.tag)) return on_stat(*asked, response);
    auto* const aborted = find_abort(response.tag);
    if (!aborted || response.kind == word::tmp) return codes::unexpected;
    aborted->abort_tag = 0;
    release(*aborted);
    return std::nullopt;
}

std::optional<result_code> sender::on_tmp(place at, const line& response)
{
    if (response.code == codes::working || response.code == codes::more_recipients) {
        const bool sound = read_outcome(response, at.of->said, limits_);
        return sound ? std::nullopt : std::optional(codes::malformed);
    }
    if (at->now != state::asked || !is_permission(response.code, at.type)) return codes::unexpected;
    for (const auto& p : at.of->parts)
        if (is_open(p.now) && p.type < at.type) return codes::unexpected;
    at->now = at->sent == at->end ? state::sent : state::sending;
    if (at->now == state::sending && !at.of->settled) queue(at);
    return std::nullopt;
}

std::optional<result_code> sender::on_ok(place at, const line& response)
{
    message& m = *at.of;
    const bool leaf = at.type == object_type::leaf;
    const bool had = response.code == codes::already_have;
    const bool whole_leaf = leaf && at->now == state::asked && (at->sent == 0 || at->sent == m.how.from);
    if (whole_leaf) at->end = at->octets;
    const bool last = m.ends_with(*at);
    // Octets of a leaf that the receiver has need not be sent. Only with `stored` is the message the receiver's.
    const bool leaf_had = whole_leaf && (had ? !last : last && response.code == codes::stored);
    const bool may_have = had && !leaf && (pipelined_ || at->now != state::sending);
    const bool in_order = leaf_had || may_have || (!had && at->now == state::sent);
    // A receiver that has stored the message before all of it was sent means another message.
    if (!in_order || (response.code == codes::stored && !last)) return codes::unexpected;
    for (const auto& p : m.parts)
        if (is_open(p.now) && p.type < at.type) return codes::unexpected;
    if (!read_outcome(response, m.said, limits_)) return codes::malformed;

    answered(*at);
    if (last || may_have)
        settle(m, sending::outcome::accepted);
    else if (!m.settled)
        go_on(at);
    else if (m.abort_tag == 0)
        give_up_on_receiver(m, at->tag);
    else
        release(m);
    return std::nullopt;
}

std::optional<result_code> sender::on_err(place at, const line& response)
{
    message& m = *at.of;
    const bool stuck = !pipelined_ && at->now == state::sending; // the receiver still expects octets
    if (!read_outcome(response, m.said, limits_)) return codes::malformed;
    answered(*at);
    settle(m, sending::outcome::refused);
    return stuck ? std::optional(codes::unexpected) : std::nullopt;
}

void sender::answered(part& p)
{
    p.now = state::answered;
    if (p.unasked) unasked_ -= p.octets;
}

// Says what became of the message. Only the first time counts: the answers to its other parts follow from that one.
void sender::settle(message& m, sending::outcome how)
{
    if (!std::exchange(m.settled, true)) {
        wanted_ -= std::exchange(m.wanted, 0);
        const bool had = how == sending::outcome::accepted && m.said.code == codes::already_have;
        const bool lost = how == sending::outcome::lost && has_all(m);
        if (m.said.text.empty()) m.said.text = text_of(m.said.code);
        events_.emplace_back(sending::result{m.what.handle, how, m.said.code, std::move(m.said.text), m.said.smtp_code,
                                             std::move(m.said.recipients), had, lost});
    }
    release(m);
}

// A message keeps its place until the receiver has answered everything about it.
void sender::release(message& m)
{
    const bool waits =
        std::any_of(std::begin(m.parts), std::end(m.parts), [](const part& p) { return is_open(p.now); });
    if (!m.settled || waits || m.abort_tag != 0 || m.stat_tag != 0) return;
    m.open = false;
    --open_;
}

void sender::give_back(const line& notice)
{
    group_reader groups(notice.groups);
    while (const auto item = groups.next()) {
        const auto last = item->name == "LAST" ? plain_number(item->value.value_or("")) : std::nullopt;
        if (!last) continue;
        for (auto& m : messages_) {
            if (!m.open || m.settled || m[object_type::envelope].tag <= *last) continue;
            m.said = {notice.code, unescape(notice.text), 0, {}};
            settle(m, sending::outcome::refused);
        }
    }
}

void sender::lose_all(const result_code& code, const std::string& text)
{
    for (auto& m : messages_) {
        if (!m.open) continue;
        if (!m.settled) {
            m.said = {code, text, 0, {}};
            settle(m, sending::outcome::lost);
        }
        m.open = false;
    }
    open_ = 0;
}

} // namespace xproto
