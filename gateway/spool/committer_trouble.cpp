// What the commit thread does when the disk is full or fails, and how it finds out that it works again. Until then
// every commit is refused, which is told to peers as a temporary failure; mail that is in the spool is delivered on.
#include "gateway/spool/committer.hpp"

#include <cerrno>

namespace gateway::spool {
namespace {

constexpr std::string_view probe_octets = "can this be written?\n";
constexpr std::size_t segments_a_tick = 4; // a hole takes a millisecond; commits wait meanwhile

std::string mebibytes(std::uint64_t octets)
{
    return std::to_string(octets >> 20) + " MiB";
}

} // namespace

// How an error of the operating system is told.
committer::error_code committer::meaning(error_code system_error)
{
    if (system_error == boost::system::errc::no_space_on_device) return errc::short_of_space;
    if (system_error == boost::system::error_code(EDQUOT, boost::system::system_category()))
        return errc::short_of_space;
    return errc::storage_failed;
}

// Why no commit can be taken now; nothing when it can.
committer::error_code committer::refusal() const
{
    if (catalogue_trouble_) return errc::storage_failed;
    if (log_trouble_) return meaning(log_trouble_);
    if (short_of_space_) return errc::short_of_space;
    return {};
}

void committer::look_at_space()
{
    const auto free = files_.free_octets(log_.folder());
    if (!free) return;
    shared_.state->free_octets = *free;
    short_of_space_ = *free < limits_.free_space_floor;
}

// Tells the event loop how things stand.
void committer::publish()
{
    using state = health_report::condition;
    auto& shown = *shared_.state;
    shown.messages = messages_;
    shown.octets = log_.held_octets();
    shown.segments = log_.segments();
    shown.disk_octets = log_.disk_octets();

    if (catalogue_trouble_) {
        shown.set(state::failing, "the spool's catalogue cannot be written: " + shared_.records->last_failure());
    } else if (log_trouble_) {
        const auto kind = meaning(log_trouble_) == errc::short_of_space ? state::short_of_space : state::failing;
        shown.set(kind, "the spool cannot write to " + log_.folder().native() + ": " + log_trouble_.message());
    } else if (short_of_space_) {
        shown.set(state::short_of_space, "the spool takes no mail: only " + mebibytes(shown.free_octets) +
                                             " free, less than the floor of " + mebibytes(limits_.free_space_floor));
    } else {
        shown.set(state::ok, {});
    }
}

void committer::disk_failed(error_code why)
{
    log_trouble_ = why;
}

void committer::fail_all(std::vector<candidate>& all)
{
    for (auto& c : all) {
        if (!c.failure) c.failure = errc::storage_failed;
        give_up(*c.job.into, c.failure);
    }
}

// Nobody knows now whether the batch will be there after the next opening. What it held is told to have failed, so it
// must not come back: recover() takes it out again.
void committer::catalogue_failed(std::vector<candidate>& all, error_code why)
{
    catalogue_trouble_ = true;
    for (auto& c : all) {
        if (c.failure) {
            give_up(*c.job.into, c.failure);
            continue;
        }
        c.failure = why == errc::short_of_space ? errc::short_of_space : errc::storage_failed;
        doubt_.messages.push_back(c.job.into);
        if (!c.key.empty()) doubt_.duplicates.emplace_back(c.key, c.known);
    }
}

void committer::recover()
{
    catalogue_changes undo;
    for (const auto& message : doubt_.messages) undo.settled.push_back(message->id);
    for (const auto& [key, before] : doubt_.duplicates) {
        if (before)
            undo.duplicates.emplace_back(key, encode(*before));
        else
            undo.forgotten.push_back(key);
    }
    auto& records = *shared_.records;
    if (records.reopen(undo)) return;
    if (records.salvaged())
        shared_.state->tell("the catalogue's log was damaged and was opened as far as it can be read: " +
                            records.last_failure());
    for (const auto& message : doubt_.messages) give_up(*message, errc::storage_failed);
    doubt_ = {};
    catalogue_trouble_ = false;
    unsynced_ = true;
}

// Are the segments writable again?
void committer::probe()
{
    std::vector<extent> extents;
    auto error = log_.append({&probe_octets, 1}, extents);
    if (!error) error = log_.write_out();
    if (!error) error = log_.sync();
    if (!error && log_.sound(extents)) log_trouble_ = {};
    log_.release(extents);
}

void committer::reclaim()
{
    const auto gone = log_.reclaimable();
    if (gone.empty()) return;
    log_.reclaim();
    for (const auto number : gone) shared_.readers->forget(number);
}

// Gives back what dead octets take up beside a few messages that stay long. At once when the disk is short of space.
void committer::punch()
{
    const auto patience = short_of_space_ ? 0 : limits_.punch_after;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(last_tick_.time_since_epoch()).count();
    // Not every file system can; then segments go when they are empty.
    if (can_punch_ && log_.punch(seconds, patience, segments_a_tick)) can_punch_ = false;
}

// At regular intervals, busy or not.
void committer::tick()
{
    last_tick_ = std::chrono::steady_clock::now();
    look_at_space();
    if (log_trouble_ && !short_of_space_) probe();
    if (catalogue_trouble_) {
        recover();
        if (!catalogue_trouble_) {
            std::vector<candidate> none;
            write(none); // the changes that have waited
        }
    }
    if (!catalogue_trouble_ && unsynced_) {
        std::vector<candidate> none;
        if (const auto error = shared_.records->sync())
            catalogue_failed(none, error);
        else
            unsynced_ = false;
    }
    if (!unsynced_ && !catalogue_trouble_) {
        reclaim();
        punch();
    }
    publish();
}

} // namespace gateway::spool
