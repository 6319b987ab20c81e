// The transaction of the client session: commands go out as far ahead as the server's extensions allow, replies come
// back in the same order and settle the recipients one by one.
#include "smtp/client_session.hpp"

#include "smtp/bdat.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace smtp {

void client_session::begin(transaction mail, content_facts facts)
{
    assert(!current_ && expected_.empty());
    current_.emplace(plan_sending(mail, facts, offered_, config_.sending, tls_ && tls_->verified), facts);
    for (const auto& to : current_->plan.recipients) {
        auto& result = current_->results.emplace_back();
        if (to.refusal) result = recipient_result{*to.refusal, delivery_stage::not_sent, false};
    }
    current_->accepted.resize(current_->results.size());
    if (close_) {
        resolve(close_->failure.code != 0 ? close_->failure : reply(451, {4, 4, 2}, "the connection is closed"),
                delivery_stage::not_sent, close_->from_peer);
        return conclude();
    }
    if (all_resolved()) current_->at = step::done;
}

bool client_session::may_send() const
{
    return expected_.empty() || (pipelining() && expected_.size() < config_.limits.commands_in_flight);
}

// Sends what may be sent now.
void client_session::advance()
{
    auto& c = *current_;
    while (may_send()) {
        switch (c.at) {
        case step::mail:
            if (reset_due_) {
                reset_due_ = false;
                send("RSET", awaiting::reset);
                break;
            }
            send(c.plan.mail, awaiting::mail);
            c.at = step::recipients;
            break;
        case step::recipients:
            if (all_resolved()) {
                c.at = step::done;
            } else if (c.next_recipient == c.results.size()) {
                c.at = step::data;
            } else {
                const auto i = c.next_recipient++;
                if (!c.plan.recipients[i].refusal) send(c.plan.recipients[i].line, awaiting::recipient, i);
            }
            break;
        case step::data: {
            const bool all_known = expected_.empty();
            if (all_resolved() || (all_known && !any_accepted())) {
                c.at = step::done;
            } else if (!c.plan.chunked) {
                send("DATA", awaiting::data);
                c.at = step::permission;
            } else if (all_known || c.plan.eager) {
                c.at = step::content;
            } else {
                return;
            }
            break;
        }
        case step::permission:
        case step::content:
        case step::done: return;
        }
    }
}

void client_session::take_answer(const expectation& due, const reply& answer)
{
    const bool refusal = answer.transient() || answer.permanent();
    switch (due.what) {
    case awaiting::reset:
        if (!answer.positive()) refuse(answer, due.what);
        return;
    case awaiting::mail:
        if (refusal) return resolve(answer, delivery_stage::mail, true);
        if (!answer.positive()) return misbehaved("reply " + std::to_string(answer.code) + " to MAIL");
        current_->mail_accepted = true;
        reset_due_ = true;
        return;
    case awaiting::recipient: return take_recipient(due.recipient, answer);
    case awaiting::data: return take_data(answer);
    default: return take_content_reply(due.what, answer);
    }
}

void client_session::take_recipient(std::size_t recipient, reply answer)
{
    if (answer.intermediate()) return misbehaved("reply " + std::to_string(answer.code) + " to RCPT");
    if (answer.positive()) {
        current_->accepted[recipient] = current_->mail_accepted;
        return;
    }
    const enhanced_code too_many{5, 5, 3};
    if (answer.code == 552 && answer.enhanced == too_many) { // RFC 5321 4.5.3.1.10: to be read as temporary
        answer.code = 452;
        answer.enhanced.status_class = 4;
    }
    auto& result = current_->results[recipient];
    if (!result) result = recipient_result{std::move(answer), delivery_stage::recipient, true};
}

void client_session::take_data(const reply& answer)
{
    if (answer.positive()) return misbehaved("reply " + std::to_string(answer.code) + " to DATA");
    if (!answer.intermediate()) {
        resolve(answer, delivery_stage::data, true);
        current_->at = step::done;
    } else if (any_accepted()) {
        current_->at = step::content;
    } else { // it would take content for nobody: give it none (RFC 2920 3.1)
        send(".", awaiting::final_reply);
        current_->at = step::done;
    }
}

void client_session::take_content_reply(awaiting what, const reply& answer)
{
    auto& c = *current_;
    const bool last = what == awaiting::final_reply;
    if (answer.intermediate()) return misbehaved("reply " + std::to_string(answer.code) + " to content");
    if (!last) --c.open_chunks;
    if (answer.positive()) {
        if (!last) return;
        reset_due_ = false;
        return resolve(answer, delivery_stage::content, true);
    }
    reset_due_ = c.plan.chunked; // RFC 3030: a failed BDAT leaves the server in doubt
    if (c.plan.chunked) c.at = step::done;
    resolve(answer, last ? delivery_stage::content : delivery_stage::data, true);
}

bool client_session::wants_content() const
{
    if (!current_ || current_->at != step::content || current_->complete) return false;
    return !current_->plan.chunked || current_->open_chunks < (pipelining() ? config_.limits.chunks_in_flight : 1);
}

void client_session::on_content(std::string_view piece, bool last)
{
    assert(wants_content());
    if (!wants_content()) return;
    auto& c = *current_;
    c.octets += piece.size();
    if (last ? c.octets != c.facts.octets : c.octets > c.facts.octets) {
        return fail(close_reason::failed, {451, {4, 3, 0}, "the content is not as long as announced"}, false);
    }
    bool fit = true;
    if (!c.plan.chunked) {
        fit = c.encoder.encode(piece, out_) && (!last || c.encoder.finish(out_));
        if (last) expected_.push_back({awaiting::final_reply, 0});
        if (last) ++unsent_;
    } else if (last || !piece.empty()) {
        send(format(chunk{piece.size(), last}), last ? awaiting::final_reply : awaiting::chunk);
        out_.append(piece);
        if (!last) ++c.open_chunks;
    }
    if (!fit) {
        return fail(close_reason::failed,
                    {451, {4, 6, 0}, "a CR or LF stands alone in the content, against what was said"}, false);
    }
    c.complete = last;
}

bool client_session::any_accepted() const
{
    return std::find(current_->accepted.begin(), current_->accepted.end(), true) != current_->accepted.end();
}

bool client_session::all_resolved() const
{
    return std::all_of(current_->results.begin(), current_->results.end(), [](const auto& r) { return r.has_value(); });
}

delivery_stage client_session::stage_of(std::size_t recipient) const
{
    if (current_->handed_out) return delivery_stage::content;
    if (current_->accepted[recipient]) return delivery_stage::data;
    return current_->mail_accepted ? delivery_stage::recipient : delivery_stage::mail;
}

delivery_stage client_session::stage_of(awaiting what)
{
    switch (what) {
    case awaiting::recipient: return delivery_stage::recipient;
    case awaiting::data:
    case awaiting::chunk: return delivery_stage::data;
    case awaiting::final_reply: return delivery_stage::content;
    default: return delivery_stage::mail;
    }
}

void client_session::resolve(const reply& answer, std::optional<delivery_stage> stage, bool from_peer)
{
    for (std::size_t i = 0; i < current_->results.size(); ++i) {
        auto& result = current_->results[i];
        if (!result) result = recipient_result{answer, stage ? *stage : stage_of(i), from_peer};
    }
}

// Every reply is in.
void client_session::conclude()
{
    result_.emplace();
    for (auto& found : current_->results) result_->recipients.push_back(std::move(*found));
    current_.reset();
    ++transactions_;
}

} // namespace smtp
