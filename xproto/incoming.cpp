// Looking up messages and parts is a walk over a few dozen entries, begun where the last one ended: what comes next
// mostly concerns the same message, or its neighbour.
#include "xproto/incoming.hpp"

#include <algorithm>

namespace xproto {

bool incoming::is_owed(state s)
{
    return s == state::waiting || s == state::queued || s == state::asked || s == state::finishing;
}

bool incoming::is_open(state s)
{
    return is_owed(s) || s == state::receiving;
}

bool incoming::may_be_last(const message& m, const part& p)
{
    if (p.now != state::finishing) return false;
    switch (p.type) {
    case object_type::envelope: return m[object_type::headers].now == state::none;
    case object_type::headers: return false;
    case object_type::leaf: return p.last;
    case object_type::body:
    case object_type::skeleton: break;
    }
    return true;
}

template <class Matches> incoming::message* incoming::find_message(Matches matches)
{
    const auto size = messages_.size();
    for (std::size_t i = 0; i < size; ++i) {
        const auto at = last_found_ + i < size ? last_found_ + i : last_found_ + i - size;
        if (!matches(*messages_[at])) continue;
        last_found_ = at;
        return messages_[at].get();
    }
    return nullptr;
}

incoming::message* incoming::find(std::string_view id)
{
    return find_message([&](const message& m) { return m.open && m.id == id; });
}

incoming::message& incoming::open(std::string_view id)
{
    auto free = std::find_if(messages_.begin(), messages_.end(), [](const auto& m) { return !m->open; });
    if (free == messages_.end()) free = messages_.insert(free, std::make_unique<message>());
    auto& m = **free;
    m.open = true;
    m.told = false;
    m.id = id;
    ++open_;
    return m;
}

void incoming::close(message& m)
{
    for (auto& p : m.parts) {
        enter(p, state::none);
        p = part{};
    }
    m.open = false;
    --open_;
}

incoming::place incoming::find_part(std::uint32_t part::*field, std::uint32_t value, bool (*matches)(state))
{
    place found;
    find_message([&](message& m) {
        for (auto& p : m.parts)
            if (m.open && p.*field == value && matches(p.now)) found = {&m, p.type};
        return static_cast<bool>(found);
    });
    return found;
}

void incoming::enter(part& p, state next)
{
    const auto count = [](std::size_t& counter, bool before, bool after) { counter = counter - before + after; };
    count(receiving_, p.now == state::receiving, next == state::receiving);
    count(owed_, is_owed(p.now), is_owed(next));
    count(queued_, p.now == state::queued, next == state::queued);
    if (p.in_window && !is_open(next)) {
        large_octets_ -= p.octets;
        p.in_window = false;
    }
    p.now = next;
}

bool incoming::has_room(const part& p) const
{
    if (large_octets_ == 0) return true;
    return large_octets_ < window_.octets && p.octets <= window_.octets - large_octets_;
}

bool incoming::fits(const part& p) const
{
    return p.octets <= limits_.chunk || (queued_ == 0 && has_room(p));
}

void incoming::take_room(part& p)
{
    if (p.octets <= limits_.chunk) return;
    p.in_window = true;
    large_octets_ += p.octets;
}

incoming::place incoming::next_queued()
{
    if (queued_ == 0) return {};
    place first;
    for (auto& m : messages_)
        for (const auto& p : m->parts)
            if (p.now == state::queued && (!first || p.tag < first->tag)) first = {m.get(), p.type};
    return has_room(*first) ? first : place{};
}

} // namespace xproto
