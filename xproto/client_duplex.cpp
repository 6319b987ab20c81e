// The connecting end where the server sends messages too (docs/xproto.md, "Full duplex"): what it is granted, its
// requests, and how a session ends that is used both ways.
#include "xproto/client_state.hpp"
#include "xproto/line_writer.hpp"
#include "xproto/outcome.hpp"

#include <utility>

namespace xproto {

// What the server is to keep to when it sends.
announcement client_session::own_announcement() const
{
    const auto& limits = my_->config.limits;
    announcement own;
    own.window = my_->config.window;
    own.chunk = limits.chunk;
    own.objects[0] = limits.envelope;
    own.objects[1] = limits.headers;
    own.objects[2] = limits.body;
    own.recipients = limits.recipients;
    if (my_->wanted.has(option::now) && my_->config.takes_unasked) own.unasked = limits.unasked;
    return own;
}

void client_session::on_data(const line& request)
{
    const auto wrong = my_->active.has(option::duplex) ? my_->requests.on_data(request) : codes::unexpected;
    if (wrong) fatal(*wrong);
}

void client_session::on_transfer(const line& request)
{
    const auto refused = my_->requests.knows(request.verb) ? my_->requests.run(request, my_->quitting)
                                                           : request_refusal(codes::unknown_verb);
    if (!refused || !write_refusal(my_->out, request.tag, *refused)) return;
    if (++my_->errors > my_->config.limits.errors) fatal(codes::too_many_errors);
}

// Of objects that the server sends.
std::optional<client_session::append> client_session::take_octets()
{
    while (my_->incoming.expected() != 0 && !my_->in.empty()) {
        const auto piece = my_->incoming.on_octets(my_->in.take_octets(my_->incoming.expected()));
        if (piece) return piece;
    }
    return std::nullopt;
}

// Whoever leaves says QUIT when nothing is under way, and before that, with DUPLEX, that it takes nothing new.
bool client_session::leaves()
{
    if (!my_->ready || my_->quit_tag != 0 || !(my_->quitting || my_->leaving)) return false;
    if (my_->messages.empty() && my_->incoming.empty()) {
        my_->quit_tag = ++my_->last_tag;
        line_writer(my_->out, my_->quit_tag, "QUIT").end();
        return true;
    }
    if (!my_->quitting || !my_->active.has(option::duplex) || std::exchange(my_->told_leaving, true)) return false;
    write_leaving(my_->out, my_->last_server_tag, nullptr, my_->config.limits);
    return true;
}

// A server that sends mail is told what it did wrong.
void client_session::fatal(const result_code& code, std::string text)
{
    if (my_->ended) return;
    if (my_->active.has(option::duplex)) write_answer(my_->out, 0, word::err, code, text);
    end(code, std::move(text));
}

void client_session::on_object(std::uint32_t tag, object_answer answer)
{
    my_->incoming.on_object(tag, answer);
}

void client_session::on_finished(std::uint32_t tag, finish_answer answer)
{
    my_->incoming.on_finished(tag, std::move(answer));
}

void client_session::on_held(std::uint32_t tag, const held_answer& answer)
{
    my_->requests.on_held(tag, answer);
}

void client_session::on_progress(std::uint32_t tag)
{
    my_->incoming.on_progress(tag);
}

void client_session::on_hop(const hop_notice& what)
{
    const bool heard = my_->active.has(option::trace) && my_->active.has(option::duplex);
    if (my_->ended || !heard || my_->quit_tag != 0 || my_->out.size() >= my_->config.limits.output) return;
    write_hop_notice(my_->out, what, my_->config.limits);
}

std::uint64_t client_session::discarded_octets() const
{
    return my_->incoming.discarded_octets();
}

} // namespace xproto
