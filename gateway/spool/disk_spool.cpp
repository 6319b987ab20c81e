// What the event loop does itself.
#include "gateway/spool/disk_spool.hpp"

#include "gateway/spool/disk_reader.hpp"
#include "gateway/spool/disk_writer.hpp"
#include "gateway/spool/record_codec.hpp"

#include <algorithm>

namespace gateway::spool {
namespace {

constexpr std::size_t records_a_time = 256;

} // namespace

disk_spool::disk_spool(const disk_settings& settings, file lock, committer::parts parts, segment_log log,
                       std::uint64_t messages)
    : limits_(settings.limits), post_(settings.post), clock_(settings.clock), lock_(std::move(lock)),
      parts_(std::move(parts)), last_id_(parts_.records->last_id()),
      committer_(settings, parts_, std::move(log), messages)
{
}

std::unique_ptr<writer> disk_spool::begin()
{
    // Microseconds, but never twice the same, even when the clock is set back.
    const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(clock_(), 0));
    last_id_ = entry_id(std::max(now, last_id_.value() + 1));
    return std::make_unique<disk_writer>(last_id_, limits_, parts_.in, parts_.all, post_);
}

void disk_spool::update(const record& message)
{
    // Only this thread settles, so a message that is neither changed nor in the catalogue is gone for good.
    if (!parts_.in->find_change(message.id) && parts_.records->record(message.id).error() == errc::not_found) return;
    parts_.in->update(message);
}

void disk_spool::settle(entry_id id)
{
    parts_.in->settle(id);
}

result<record> disk_spool::find(entry_id id)
{
    if (const auto changed = parts_.in->find_change(id)) {
        if (!*changed) return errc::not_found;
        return **changed;
    }
    return understand(id, parts_.records->record(id));
}

result<record> disk_spool::understand(entry_id id, const result<std::string>& octets)
{
    if (!octets) return octets.error();
    auto message = decode(*octets);
    if (message && message->id != id) message = errc::malformed_record;
    if (!message) {
        parts_.state->tell("id=" + id.text() + ": its record cannot be read: " + message.error().message());
        return errc::damaged;
    }
    return message;
}

void disk_spool::for_each(const std::function<bool(const record&)>& visit, entry_id after)
{
    for (;;) {
        const auto round = parts_.in->rounds();
        const auto some = parts_.records->records(after, records_a_time);
        if (!some) return parts_.state->tell("the spool's records cannot be read: " + some.error().message());
        for (const auto& [id, octets] : *some) {
            after = id;
            const auto changed = parts_.in->find_change(id);
            if (changed && !*changed) continue; // settled
            const bool stale = !changed && parts_.in->rounds() != round;
            const auto now = stale ? parts_.records->record(id) : result<std::string>(octets);
            if (!now && now.error() == errc::not_found) continue; // settled since it was read
            const auto message = changed ? result<record>(**changed) : understand(id, now);
            if (message && !visit(*message)) return;
        }
        if (some->size() < records_a_time) return;
    }
}

result<std::unique_ptr<reader>> disk_spool::open(const record& message)
{
    const std::weak_ptr<catalogue> records = parts_.records; // a reader may outlive the spool
    const auto damage = [records, in = parts_.in, state = parts_.state, id = message.id](const std::string& what) {
        const auto still = records.lock();
        const auto changed = in->find_change(id);
        const bool settled = changed ? !*changed : !still || still->record(id).error() == errc::not_found;
        if (settled) return; // its octets may be gone
        state->tell("id=" + id.text() + ": the message is damaged and is not delivered: " + what);
    };
    return disk_reader::open(message.place, *parts_.readers, damage);
}

std::vector<std::string> disk_spool::already_have(std::string_view peer_identity, std::string_view message_id)
{
    const auto octets = parts_.records->duplicate(duplicate_key(peer_identity, message_id));
    if (!octets) return {};
    auto entry = decode_duplicate(*octets);
    if (!entry || entry->forgotten_at <= clock_() / 1'000'000) return {};
    return std::move(entry->addresses);
}

health_report disk_spool::health() const
{
    return parts_.state->health();
}

usage_report disk_spool::usage() const
{
    const auto& state = *parts_.state;
    return {state.messages, state.octets, state.segments, state.disk_octets, state.free_octets, parts_.all->octets()};
}

} // namespace gateway::spool
