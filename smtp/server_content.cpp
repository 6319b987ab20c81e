// Content of the server session: after DATA, and in BDAT chunks. Octets are passed on as they come, or swallowed once
// it is known that the transaction is refused; the answer comes at their end, because only there the client listens.
#include "smtp/server_session.hpp"

#include <algorithm>
#include <utility>

namespace smtp {

bool server_session::read_data()
{
    auto& in = *content_;
    if (filter_content()) return true;
    if (in.decoder.ended()) {
        end_of_content();
        return true;
    }
    if (input_.empty()) return false;
    in.unfiltered = in.decoder.take(input_);
    return true;
}

bool server_session::read_chunk()
{
    auto& in = *content_;
    if (filter_content()) return true;
    if (in.left.octets == 0) {
        end_of_chunk();
        return true;
    }
    if (input_.empty()) return false;
    const auto size = std::min<std::uint64_t>(in.left.octets, input_.size());
    in.unfiltered = input_.substr(0, size);
    in.left.octets -= size;
    input_.remove_prefix(size);
    return true;
}

// Takes a piece from what is unfiltered; false: there is none.
bool server_session::filter_content()
{
    auto& in = *content_;
    if (in.refusal) in.unfiltered = {};
    if (in.unfiltered.empty()) return false;
    take_content(in.filter.take(in.unfiltered));
    return true;
}

// Passes a piece on, and finds out whether it or what came after it is too much.
void server_session::take_content(std::string_view piece)
{
    auto& in = *content_;
    if (in.refusal) return;
    const auto limit = config_.limits.message_octets;
    const bool too_large = limit != 0 && piece.size() > limit - in.octets;
    if (too_large) piece = piece.substr(0, limit - in.octets);
    in.octets += piece.size();
    if (!piece.empty()) due_.push_back(append{piece});
    if (too_large) {
        refuse_content({552, {5, 3, 4}, "at most " + std::to_string(limit) + " octets are taken (message_octets)"});
    } else if (in.filter.refused()) {
        refuse_content({550, {5, 5, 2}, "a CR or LF stands alone in the content; lines end with CR LF (bare_newline)"});
    }
}

void server_session::refuse_content(reply refusal)
{
    if (content_->refusal) return;
    content_->refusal = std::move(refusal);
    if (entry_open_) due_.push_back(discard{});
    entry_open_ = false;
}

void server_session::end_of_chunk()
{
    if (content_->refusal) return settle(*content_->refusal);
    if (content_->left.last) return end_of_content();
    say({250, {2, 0, 0}, "chunk taken"});
    phase_ = phase::command;
}

void server_session::end_of_content()
{
    auto& in = *content_;
    if (!in.complete) { // a CR that was held back may still come out
        in.complete = true;
        return take_content(in.filter.finish());
    }
    if (in.refusal) return settle(*in.refusal);
    entry_open_ = false; // from here on it is the driver's
    ask(question::finish, finish{});
}

} // namespace smtp
