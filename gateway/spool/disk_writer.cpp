// Small bodies wait here for their commit; larger ones leave in pieces.
#include "gateway/spool/disk_writer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace gateway::spool {
namespace {

constexpr std::size_t smallest_piece = 16 * 1024; // when memory is short

} // namespace

disk_writer::disk_writer(entry_id id, const disk_limits& limits, std::shared_ptr<inbox> to,
                         std::shared_ptr<traffic> all, poster post)
    : id_(id), limits_(limits), to_(std::move(to)), all_(std::move(all)), post_(std::move(post)),
      intake_(std::make_shared<intake>(id))
{
}

disk_writer::~disk_writer()
{
    all_->unbuffered(buffer_.size());
    if (intake_ && streams_) to_->abandon(std::move(intake_));
}

void disk_writer::append(std::string_view octets)
{
    assert(intake_);
    while (!octets.empty()) {
        // Pieces are never larger than this: the commit thread keeps its rounds short.
        const auto room = std::max<std::size_t>(limits_.inline_octets, 1);
        if (buffer_.size() >= room) hand_over();
        const auto part = octets.substr(0, room - buffer_.size());
        if (buffer_.empty() && streams_) buffer_.reserve(room);
        buffer_ += part;
        all_->buffered(part.size());
        octets.remove_prefix(part.size());
    }
    if (all_->heavy() && buffer_.size() >= smallest_piece) hand_over();
}

void disk_writer::hand_over()
{
    streams_ = true;
    const auto size = buffer_.size();
    all_->unbuffered(size);
    if (!to_->put(handed_piece{intake_, std::exchange(buffer_, {}), flow_})) return; // commit() will say so
    all_->departed(size);
    flow_->in_flight += size;
}

void disk_writer::on_drained(std::function<void()> handler)
{
    if (!congested()) {
        post_(std::move(handler));
        return;
    }
    if (auto earlier = std::exchange(flow_->on_drained, nullptr))
        handler = [earlier = std::move(earlier), later = std::move(handler)] {
            earlier();
            later();
        };
    flow_->on_drained = std::move(handler);
    all_->wait(flow_);
}

void disk_writer::commit(record facts, std::string envelope, std::string headers, commit_handler handler)
{
    assert(intake_);
    facts.id = id_;
    const auto size = buffer_.size() + envelope.size() + headers.size();
    all_->unbuffered(buffer_.size());
    handed_commit job{std::move(intake_), std::exchange(buffer_, {}), std::move(envelope),
                      std::move(headers), std::move(facts),           handler};
    if (to_->put(std::move(job))) {
        all_->departed(size);
        return;
    }
    post_([handler = std::move(handler)] { handler(errc::closed); });
}

} // namespace gateway::spool
