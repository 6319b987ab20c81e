// What a receiver holds of a message from an earlier session, before the message is sent again (docs/xproto.md, "Going
// on").
#include "xproto/line_writer.hpp"
#include "xproto/sender.hpp"

#include <algorithm>
#include <utility>

namespace xproto {

namespace {

constexpr std::size_t most_held = 64; // objects that are taken from one answer

// sha-256:...;12582912
std::optional<held_object> read_held(std::string_view value)
{
    const auto semicolon = value.find(';');
    if (semicolon == value.npos) return std::nullopt;
    const auto octets = plain_number(value.substr(semicolon + 1));
    if (!octets) return std::nullopt;
    return held_object{std::string(value.substr(0, semicolon)), *octets};
}

} // namespace

sender::message* sender::find_stat(std::uint32_t tag)
{
    const auto found =
        std::find_if(messages_.begin(), messages_.end(), [=](const message& m) { return m.open && m.stat_tag == tag; });
    return found == messages_.end() ? nullptr : &*found;
}

void sender::ask_held(message& m)
{
    m.stat_tag = ++last_tag_;
    line_writer(out_, m.stat_tag, "STAT").parameter(m.what.message_id).end();
}

// An answer that cannot be understood is one that says nothing.
std::optional<result_code> sender::on_stat(message& m, const line& response)
{
    if (response.kind == word::tmp) return codes::unexpected;
    m.stat_tag = 0;
    if (m.settled) {
        release(m);
        return std::nullopt;
    }
    held_answer answer;
    answer.owned = response.kind == word::ok && response.code == codes::already_have;
    group_reader groups(response.groups);
    while (const auto item = groups.next()) {
        if (item->name != "HELD" || answer.objects.size() == most_held) continue;
        if (auto one = read_held(item->value.value_or(""))) answer.objects.push_back(std::move(*one));
    }
    m.undecided = true;
    events_.emplace_back(sending::held{m.what.handle, std::move(answer)});
    return std::nullopt;
}

void sender::resume(std::uint64_t handle, resumption how)
{
    auto* const m = find(handle);
    if (!m || !std::exchange(m->undecided, false)) return;
    m->how = std::move(how);
    begin_all(*m);
}

} // namespace xproto
