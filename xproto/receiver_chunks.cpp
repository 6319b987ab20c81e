// The octets of objects as they arrive: for whom they are, whether they may come at all, and what is done with those
// that nobody wants any more.
#include "xproto/extensions.hpp"
#include "xproto/receiver.hpp"
#include "xproto/zstd.hpp"

#include <algorithm>
#include <cassert>

namespace xproto {

// What the peer sends before it learns of a refusal is no error. It cannot have more such transfers than its window
// allows, so older ones can be forgotten.
void receiver::swallow(std::uint32_t tag, std::uint64_t octets)
{
    if (octets != 0) swallowed_.emplace_back(tag, octets);
    if (swallowed_.size() > 3 * std::size_t{window_.messages}) swallowed_.erase(swallowed_.begin());
}

void receiver::swallow_the_rest(const message& m)
{
    for (const auto& p : m.parts) {
        const bool may_come = p.now == state::receiving || (p.unasked && incoming::is_open(p.now));
        if (!may_come) continue;
        const bool midway = chunk_.into.of == &m && chunk_.into.type == p.type;
        swallow(p.tag, p.left - (midway ? chunk_.to_come() : 0));
    }
}

std::optional<result_code> receiver::on_data(std::uint32_t tag, std::uint64_t octets, std::uint64_t unpacked)
{
    const auto of_object = unpacked != 0 ? unpacked : octets;
    if (octets == 0) return codes::bad_parameter;
    if (of_object > limits_.chunk) return codes::too_many_octets;
    const auto at = messages_.find_tag(tag, incoming::is_open);
    if (at && (at->now == state::receiving || (at->unasked && at->now != state::finishing))) {
        const bool waits = at->now != state::receiving;
        if (of_object > at->left || (waits && held_ + of_object > limits_.unasked)) return codes::too_many_octets;
        chunk_ = {octets, at, unpacked};
        return std::nullopt;
    }
    const auto known =
        std::find_if(swallowed_.begin(), swallowed_.end(), [&](const auto& refused) { return refused.first == tag; });
    if (known == swallowed_.end()) return codes::unexpected;
    if (of_object > known->second) return codes::too_many_octets;
    known->second -= of_object;
    chunk_ = {octets, {}, unpacked};
    return std::nullopt;
}

bool receiver::cut_short()
{
    if (pipelined_ || chunk_.left == 0) return false;
    chunk_ = {};
    if (late_refusal_) write_outcome(out_, late_refusal_->tag, word::err, refusal(late_refusal_->why), limits_);
    late_refusal_.reset();
    return true;
}

std::optional<receiving::append> receiver::on_octets(std::string_view octets)
{
    assert(octets.size() <= chunk_.left);
    chunk_.left -= octets.size();
    if (chunk_.into) return chunk_.unpacked != 0 ? unpack(octets) : take_in(chunk_.into, octets);
    discarded_ += octets.size();
    if (chunk_.left == 0) packed_ = {};
    if (chunk_.left == 0 && late_refusal_) {
        write_outcome(out_, late_refusal_->tag, word::err, refusal(late_refusal_->why), limits_);
        late_refusal_.reset();
    }
    return std::nullopt;
}

// A compressed chunk is looked at when it is here completely. One that does not hold what it was said to ends its
// message.
std::optional<receiving::append> receiver::unpack(std::string_view octets)
{
    packed_ += octets;
    if (chunk_.left != 0) return std::nullopt;
    const auto at = chunk_.into;
    auto content = zstd_unpack(std::exchange(packed_, {}), static_cast<std::size_t>(chunk_.unpacked));
    if (content) {
        chunk_.unpacked = 0;
        content_ = std::move(*content);
        return take_in(at, content_);
    }
    tell_driver(*at.of);
    refuse(at, object_answer::refuse(codes::zstd_broken));
    return std::nullopt;
}

// Octets of an object, as they are.
std::optional<receiving::append> receiver::take_in(place at, std::string_view octets)
{
    part& p = *at;
    p.left -= octets.size();
    if (chunk_.left == 0) chunk_.into = {};
    if (p.now != state::receiving) {
        p.held += octets;
        held_ += octets.size();
        return std::nullopt;
    }
    const receiving::append piece{p.name, octets};
    if (p.left == 0) arrived(at);
    return piece;
}

} // namespace xproto
