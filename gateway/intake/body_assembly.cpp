// A body put together: whole or split, in one transfer or in several.
#include "gateway/intake/body_assembly.hpp"

#include "gateway/admission/leaf.hpp"
#include "gateway/intake/held_words.hpp"
#include "gateway/spool/plain_files.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace gateway::intake {

namespace {

using verdict = body_assembly::verdict;

constexpr std::size_t most_in_memory = 64 * 1024;  // of a skeleton
constexpr std::size_t piece_octets = 256 * 1024;   // read at once
constexpr std::uint64_t turn_octets = 1024 * 1024; // added before others have their turn

verdict refuse(xproto::result_code code, std::string why)
{
    return body_assembly::refusal{code, std::move(why)};
}

// What is here cannot be used after all. It is forgotten, so the next attempt asks for all octets.
verdict lost(const std::string& what)
{
    return refuse(xproto::codes::storage_failed, what);
}

} // namespace

// --- octets that wait for their turn

void waiting_octets::append(std::string_view octets)
{
    octets_ += octets.size();
    if (!file_.is_open() && memory_.size() + octets.size() <= most_in_memory) {
        memory_ += octets;
        return;
    }
    if (!file_.is_open()) {
        file_ = disk_.scratch();
        failed_ = !file_.is_open() || !spool::write_all(file_, 0, memory_);
    }
    if (!failed_) failed_ = !spool::write_all(file_, octets_ - octets.size(), octets);
}

boost::system::result<std::string_view> waiting_octets::next(std::uint64_t most)
{
    const auto wanted = static_cast<std::size_t>(std::min({most, octets_ - taken_, std::uint64_t{piece_octets}}));
    if (failed_) return make_error_code(boost::system::errc::io_error);
    taken_ += wanted;
    if (!file_.is_open()) return std::string_view(memory_).substr(static_cast<std::size_t>(taken_ - wanted), wanted);
    memory_.resize(wanted);
    const auto got = spool::read_all(file_, taken_ - wanted, memory_);
    if (!got || *got != wanted) return make_error_code(boost::system::errc::io_error);
    return std::string_view(memory_);
}

// --- a body

body_assembly::body_assembly(runtime& gateway, std::weak_ptr<void> alive, std::string peer, std::string message_id,
                             bool resumes, xproto::object_reference body)
    : gateway_(gateway), alive_(std::move(alive)), peer_(std::move(peer)), peer_word_(held_word(peer_)),
      message_word_(held_word(message_id)), resumes_(resumes), body_(std::move(body)), writer_(gateway.spool.begin()),
      rest_(gateway.held)
{
}

spool::held_name body_assembly::name_of(const xproto::digest& sha256) const
{
    return {peer_word_, message_word_, held_word(sha256)};
}

void body_assembly::push(std::string_view octets)
{
    while (!octets.empty()) {
        const auto due = joiner_->due();
        if (!due) {
            overlong_ = true;
            return;
        }
        const auto now = octets.substr(0, due->octets);
        octets.remove_prefix(now.size());
        matches_ = joiner_->push(now) && matches_;
        scan_.push(now);
        writer_->append(now);
    }
}

void body_assembly::append(xproto::object_type type, std::string_view octets)
{
    if (type == xproto::object_type::skeleton) return push_skeleton(octets);
    arrived_ += octets.size();
    // More of a leaf than there is of it would be taken for what comes after it.
    const auto most = type == xproto::object_type::leaf ? table_->leaves[next_leaf_].octets : body_.octets;
    if (arrived_ > most) overlong_ = true;
    if (overlong_) return;
    if (arrival_) arrival_->append(octets);
    push(octets);
}

// Where the octets of an object are kept as they come; and those that are here since the last attempt.
verdict body_assembly::begin_arrival(const question& asked, const xproto::digest& sha256, std::uint64_t octets)
{
    arrived_ = asked.from;
    read_ = to_read_ = 0;
    arrival_.reset();
    beginning_.reset();
    if (asked.from == 0) {
        const bool leaf = asked.type == xproto::object_type::leaf;
        const auto& settings = *gateway_.settings;
        const bool keep =
            leaf ? resumes_ || settings.limits.leaf_store != 0 : resumes_ && octets >= settings.xproto.resume_octets;
        if (keep) arrival_ = gateway_.held.begin(name_of(sha256), octets);
        return std::nullopt;
    }
    arrival_ = gateway_.held.go_on(name_of(sha256), asked.from, octets);
    if (!arrival_) return refuse(xproto::codes::not_held, "there are not so many octets of it here");
    went_on_ = true;
    gateway_.counters.octets_not_needed.xproto.add(asked.from);
    to_read_ = asked.from;
    claimed_beginning_ = asked.beginning;
    beginning_.emplace();
    return std::nullopt;
}

void body_assembly::begin_body(const question& asked, verdict_handler handler)
{
    joiner_.emplace(xproto::skeleton_table{body_.octets, body_.sha256, {}});
    if (auto no = begin_arrival(asked, body_.sha256, body_.octets)) return handler(std::move(no));
    go_on(std::move(handler));
}

verdict body_assembly::finish_body()
{
    const bool right = !overlong_ && joiner_->finish();
    if (right) return std::nullopt;
    if (arrival_) arrival_->drop();
    if (went_on_) return lost("what was sent at several times does not make the body that the envelope announces");
    return refuse(xproto::codes::digest_mismatch, "the body is not the one that the envelope announces");
}

void body_assembly::forget_beginning()
{
    if (arrival_) arrival_->drop();
}

// --- skeletons

verdict body_assembly::begin_skeleton(const question& asked)
{
    if (body_.octets > gateway_.settings->limits.message_octets)
        return refuse(xproto::codes::object_too_large, "the body is too large");
    const xproto::skeleton_limits limits;
    if (asked.octets > body_.octets + limits.table)
        return refuse(xproto::codes::not_announced, "a skeleton cannot be larger than its body and a table");
    skeleton_claim_ = asked.digest;
    if (!skeleton_claim_.empty()) skeleton_digest_.emplace();
    return std::nullopt;
}

void body_assembly::push_skeleton(std::string_view octets)
{
    if (skeleton_digest_) skeleton_digest_->update(octets);
    if (broken_) return;
    const auto taken = reader_.push(octets);
    if (!taken) {
        broken_ = taken.error();
        return;
    }
    if (reader_.is_complete()) rest_.append(octets.substr(*taken));
}

verdict body_assembly::finish_skeleton()
{
    if (broken_) return refuse(broken_->code, broken_->where + ": " + broken_->what);
    if (!reader_.is_complete()) return refuse(xproto::codes::not_valid, "the table of the skeleton does not end");
    if (skeleton_digest_ && xproto::to_text(skeleton_digest_->finish()) != skeleton_claim_)
        return refuse(xproto::codes::digest_mismatch, "the skeleton is not the one that was announced");
    const auto& table = reader_.table();
    if (table.octets != body_.octets || table.sha256 != body_.sha256)
        return refuse(xproto::codes::digest_mismatch, "the skeleton is not of the body that the envelope announces");
    if (rest_.octets() != table.rest())
        return refuse(xproto::codes::not_valid, "the skeleton has not the octets that are in no leaf");
    table_ = table;
    joiner_.emplace(table);
    return std::nullopt;
}

// --- leaves

void body_assembly::begin_leaf(const question& asked, verdict_handler handler)
{
    if (!table_ || has_all_leaves())
        return handler(refuse(xproto::codes::not_announced, "the skeleton has no further leaf"));
    const auto& leaf = table_->leaves[next_leaf_];
    const auto octets = asked.from + asked.octets;
    if (asked.pending == 0 ? octets != leaf.octets : octets > leaf.octets)
        return handler(refuse(xproto::codes::not_announced, "the skeleton announces another size for this leaf"));
    if (!asked.digest.empty() && asked.digest != xproto::to_text(leaf.sha256))
        return handler(refuse(xproto::codes::digest_mismatch, "the skeleton announces another leaf"));
    if (auto why = admission::refuse_leaf(*gateway_.settings, asked.media_type, asked.file_name))
        return handler(refuse(xproto::codes::policy, std::move(*why)));
    begin_right_leaf(asked, leaf, std::move(handler));
}

void body_assembly::begin_right_leaf(const question& asked, const xproto::leaf& leaf, verdict_handler handler)
{
    leaf_is_last_ = next_leaf_ + 1 == table_->leaves.size();
    leaf_ = gateway_.held.find_leaf(peer_word_, held_word(leaf.sha256), leaf.octets);
    leaf_is_here_ = leaf_ != nullptr;
    if (!leaf_is_here_) {
        if (auto no = begin_arrival(asked, leaf.sha256, leaf.octets)) return handler(std::move(no));
        return go_on(std::move(handler));
    }
    gateway_.counters.octets_not_needed.xproto.add(leaf.octets);
    read_ = 0;
    arrived_ = to_read_ = leaf.octets;
    arrival_.reset();
    beginning_.reset();
    go_on([this, handler = std::move(handler)](verdict no) { handler(no ? std::move(no) : end_leaf()); });
}

verdict body_assembly::finish_leaf()
{
    return leaf_is_here_ ? std::nullopt : end_leaf();
}

verdict body_assembly::end_leaf()
{
    const auto& leaf = table_->leaves[next_leaf_];
    const auto arrival = std::move(arrival_);
    if (overlong_ || arrived_ != leaf.octets || !matches_) {
        if (arrival) arrival->drop();
        if (leaf_is_here_) gateway_.held.forget_leaf(peer_word_, held_word(leaf.sha256));
        if (leaf_is_here_ || went_on_) return lost("the octets of a leaf that were here are not right");
        return refuse(xproto::codes::digest_mismatch, "a leaf is not the one that the skeleton announces");
    }
    if (arrival) arrival->become_leaf();
    leaf_.reset();
    ++next_leaf_;
    return std::nullopt;
}

void body_assembly::complete(verdict_handler handler)
{
    to_read_ = 0;
    go_on([this, handler = std::move(handler)](verdict no) {
        if (no) return handler(std::move(no));
        if (!joiner_->finish())
            return handler(refuse(xproto::codes::digest_mismatch, "the skeleton and its leaves make another body"));
        handler(std::nullopt);
    });
}

// --- adding what is here

// Adds octets that are here for as long as they are the next of the body, then calls the handler: at once when that is
// quickly done.
void body_assembly::go_on(verdict_handler handler)
{
    handler_ = std::move(handler);
    work();
}

void body_assembly::work()
{
    bool waits = false;
    auto no = work_some(waits);
    if (!waits) return std::exchange(handler_, nullptr)(std::move(no));
    auto later = [this, alive = alive_] {
        if (const auto kept = alive.lock()) work();
    };
    if (writer_->congested())
        writer_->on_drained(std::move(later));
    else
        boost::asio::post(gateway_.context, std::move(later));
}

verdict body_assembly::work_some(bool& waits)
{
    for (std::uint64_t added = 0;;) {
        const auto due = joiner_->due();
        const bool from_skeleton = due && table_ && !due->leaf;
        const bool from_disk = due && !from_skeleton && read_ < to_read_ && (!due->leaf || *due->leaf == next_leaf_);
        if (!from_skeleton && !from_disk) return std::nullopt;
        if (added >= turn_octets || writer_->congested()) {
            waits = true;
            return std::nullopt;
        }
        const auto octets = next_octets(*due);
        if (!octets || octets->empty()) return lost("octets that were here cannot be read");
        added += octets->size();
        push(*octets);
        if (from_disk && read_ == to_read_)
            if (auto no = end_of_beginning()) return no;
    }
}

boost::system::result<std::string_view> body_assembly::next_octets(const mapping::parts::body_joiner::source& due)
{
    if (table_ && !due.leaf) return rest_.next(due.octets);
    piece_.resize(static_cast<std::size_t>(std::min({due.octets, to_read_ - read_, std::uint64_t{piece_octets}})));
    const auto got = leaf_ ? leaf_->read(read_, piece_) : arrival_->read(read_, piece_);
    if (!got) return got.error();
    piece_.resize(*got);
    read_ += *got;
    if (beginning_) beginning_->update(piece_);
    return std::string_view(piece_);
}

// All that was here of an object has been added: is it what the peer means?
verdict body_assembly::end_of_beginning()
{
    if (!beginning_) return std::nullopt;
    const auto found = xproto::to_text(beginning_->finish());
    beginning_.reset();
    if (found == claimed_beginning_) return std::nullopt;
    arrival_->drop();
    return refuse(xproto::codes::not_held, "the octets that are here begin another way");
}

} // namespace gateway::intake
