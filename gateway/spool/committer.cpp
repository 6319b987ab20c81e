// Rounds of the commit thread. The order within a round is the promise: octets written, segments synced, records
// written and synced, then everybody told.
#include "gateway/spool/committer.hpp"

#include "gateway/spool/record_codec.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace gateway::spool {
namespace {

using steady = std::chrono::steady_clock;

// What a round tells the event loop.
struct news {
    struct piece {
        std::shared_ptr<writer_flow> flow;
        std::uint64_t octets = 0;
    };
    struct outcome {
        commit_handler handler;
        result<record> what;
    };
    std::vector<piece> pieces;
    std::vector<outcome> commits;
    std::uint64_t octets = 0; // that are no longer in memory

    void tell(traffic& all)
    {
        all.arrived(octets);
        for (const auto& each : pieces) each.flow->in_flight -= each.octets;
        for (auto& each : commits) each.handler(std::move(each.what));
        for (const auto& handler : all.released()) handler();
    }
};

} // namespace

committer::committer(const disk_settings& settings, parts shared, segment_log log, std::uint64_t messages)
    : limits_(settings.limits), duplicate_memory_(settings.duplicate_memory), tick_interval_(settings.tick),
      post_(settings.post), on_round_(settings.on_round), clock_(settings.clock), files_(*settings.files),
      shared_(std::move(shared)), log_(std::move(log)), messages_(messages), last_id_(shared_.records->last_id()),
      last_tick_(steady::now())
{
    look_at_space();
    publish();
    thread_ = std::thread([this] { run(); });
}

committer::~committer()
{
    shared_.in->close();
    thread_.join();
}

void committer::run()
{
    for (bool open = true; open;) {
        auto what = shared_.in->take(tick_interval_);
        open = !what.closed || !what.empty();
        round(std::move(what));
        if (!open || steady::now() - last_tick_ >= tick_interval_) tick();
    }
}

void committer::round(inbox::delivery what)
{
    const auto started = steady::now();
    look_at_space();
    for (auto& piece : what.pieces) take_piece(piece);
    for (const auto& each : what.abandoned) give_up(*each, errc::closed);
    auto all = gather(std::move(what.commits));

    const auto hopeful = [](const candidate& c) { return !c.failure; };
    if (const auto error = log_.write_out()) disk_failed(error);
    if (std::any_of(all.begin(), all.end(), hopeful)) {
        if (const auto error = log_.sync()) disk_failed(error);
    }
    for (auto& c : all) {
        if (!c.failure && !log_.sound(c.job.into->place.extents)) c.failure = meaning(log_trouble_);
    }
    write(all);
    publish();

    if (!all.empty() && on_round_) {
        commit_round facts;
        facts.committed = static_cast<std::uint64_t>(std::count_if(all.begin(), all.end(), hopeful));
        facts.failed = all.size() - facts.committed;
        facts.seconds = std::chrono::duration<double>(steady::now() - started).count();
        on_round_(facts);
    }
    report(what.pieces, all);
}

// --- octets ---------------------------------------------------------------------------------------------------------

void committer::take_piece(handed_piece& piece)
{
    auto& into = *piece.into;
    if (into.failure) return;
    if (const auto no = refusal()) return give_up(into, no);
    const std::string_view octets = piece.octets;
    if (const auto error = log_.append({&octets, 1}, into.place.extents)) {
        disk_failed(error);
        return give_up(into, meaning(error));
    }
    into.add_to_body(octets);
}

// Whatever the segments have of it is of no use any more.
void committer::give_up(intake& what, error_code why)
{
    if (what.failure) return;
    what.failure = why;
    log_.release(what.place.extents);
    what.place.extents.clear();
}

// Looks at each commit, and appends the octets of those that may go on.
std::vector<committer::candidate> committer::gather(std::vector<handed_commit> jobs)
{
    std::vector<candidate> all;
    std::vector<handed_commit> later;
    std::set<std::string> keys;
    all.reserve(jobs.size());
    for (auto& job : jobs) {
        candidate c;
        if (!job.facts.peer_identity.empty()) c.key = duplicate_key(job.facts.peer_identity, job.facts.message_id);
        // Two copies of one message: the second must know what became of the first.
        if (!c.key.empty() && !keys.insert(c.key).second) {
            later.push_back(std::move(job));
            continue;
        }
        c.octets = job.body.size() + job.envelope.size() + job.headers.size();
        c.job = std::move(job);
        all.push_back(std::move(c));
    }
    if (!later.empty()) shared_.in->put_back(std::move(later));

    for (auto& c : all) {
        c.failure = c.job.into->failure ? c.job.into->failure : refusal();
        if (!c.failure &&
            (c.job.envelope.size() > limits_.envelope_octets || c.job.headers.size() > limits_.headers_octets))
            c.failure = errc::record_too_large;
        if (!c.failure) c.failure = recognise(c);
        if (!c.failure) c.failure = place(c);
    }
    return all;
}

// Is it a repeat of a message we have?
committer::error_code committer::recognise(candidate& c)
{
    if (c.key.empty()) return {};
    const auto stored = shared_.records->duplicate(c.key);
    if (!stored && stored.error() == errc::storage_failed) return stored.error();
    if (!stored) return {}; // not there; or damaged, and a second copy is better than none
    auto known = decode_duplicate(*stored);
    if (!known || known->forgotten_at <= now()) return {};
    c.known = std::move(known);
    if (!mark_repeated(c.job.facts.recipients, c.known->addresses)) return errc::already_have;
    return {};
}

committer::error_code committer::place(candidate& c)
{
    auto& place = c.job.into->place;
    const std::array<std::string_view, 3> octets{c.job.body, c.job.envelope, c.job.headers};
    if (const auto error = log_.append(octets, place.extents)) {
        disk_failed(error);
        return meaning(error);
    }
    c.job.into->add_to_body(c.job.body);
    place.envelope_octets = c.job.envelope.size();
    place.headers_octets = c.job.headers.size();
    place.envelope_check = crc32c(c.job.envelope);
    place.headers_check = crc32c(c.job.headers);
    return {};
}

// --- records --------------------------------------------------------------------------------------------------------

void committer::write(std::vector<candidate>& all)
{
    if (catalogue_trouble_) return fail_all(all);
    catalogue_changes changes;
    add_commits(all, changes);
    const bool durable = !changes.records.empty();
    const auto settled = add_changes(changes);
    if (!settled) return catalogue_failed(all, settled.error());
    if (!changes.empty()) {
        if (const auto error = shared_.records->write(changes, durable)) return catalogue_failed(all, error);
        unsynced_ = !durable;
    }

    shared_.in->applied();
    for (auto& c : all) {
        if (c.failure)
            give_up(*c.job.into, c.failure);
        else
            ++messages_;
    }
    for (const auto& extents : *settled) log_.release(extents);
    messages_ -= std::min<std::uint64_t>(messages_, changes.settled.size());
    if (!unsynced_) reclaim();
}

void committer::add_commits(std::vector<candidate>& all, catalogue_changes& changes)
{
    for (auto& c : all) {
        if (c.failure) continue;
        c.job.facts.place = c.job.into->place;
        clip_status(c.job.facts);
        auto octets = encode(c.job.facts);
        if (!octets) {
            c.failure = octets.error();
            continue;
        }
        last_id_ = std::max(last_id_, c.job.facts.id);
        changes.last_id = last_id_;
        changes.records.emplace_back(c.job.facts.id, std::move(*octets));
        if (c.key.empty()) continue;
        const auto entry = remember(c.known ? c.known->addresses : std::vector<std::string>{}, c.job.facts.recipients,
                                    now() + duplicate_memory_);
        changes.duplicates.emplace_back(c.key, encode(entry));
    }
}

// Adds what update() and settle() asked for. Returns the extents of what is settled.
result<std::vector<std::vector<extent>>> committer::add_changes(catalogue_changes& changes)
{
    std::vector<std::vector<extent>> settled;
    for (const auto& [id, value] : shared_.in->applying()) {
        const auto stored = shared_.records->record(id);
        if (!stored && stored.error() == errc::not_found) continue; // settled before
        if (!stored && stored.error() == errc::storage_failed) return stored.error();
        auto known = stored ? decode(*stored) : result<record>(stored.error());
        if (!value) {
            changes.settled.push_back(id);
            if (known) settled.push_back(std::move(known->place.extents));
            continue;
        }
        if (!known) continue; // for_each() has told of it
        auto fresh = *value;
        fresh.place = std::move(known->place);
        clip_status(fresh);
        auto octets = encode(fresh);
        if (octets)
            changes.records.emplace_back(id, std::move(*octets));
        else
            shared_.state->tell("id=" + id.text() + ": its new state cannot be stored: " + octets.error().message());
    }
    return settled;
}

void committer::report(std::vector<handed_piece>& pieces, std::vector<candidate>& all)
{
    if (pieces.empty() && all.empty()) return;
    auto told = std::make_shared<news>();
    for (auto& piece : pieces) {
        told->octets += piece.octets.size();
        told->pieces.push_back({std::move(piece.flow), piece.octets.size()});
    }
    for (auto& c : all) {
        told->octets += c.octets;
        auto outcome = c.failure ? result<record>(c.failure) : result<record>(std::move(c.job.facts));
        told->commits.push_back({std::move(c.job.handler), std::move(outcome)});
    }
    post_([told = std::move(told), traffic = shared_.all] { told->tell(*traffic); });
}

} // namespace gateway::spool
