// The accepting end: what happens now, how it ends, and what the driver reports. The table of commands is in
// server_commands.cpp, identity in server_helo.cpp, what concerns transfers in receiver.cpp.
#include "xproto/server_state.hpp"

#include "xproto/outcome.hpp"

#include <utility>

namespace xproto {

server_session::server_session(server_config config) : my_(std::make_unique<state>(std::move(config))) {}
server_session::~server_session() = default;
server_session::server_session(server_session&&) noexcept = default;
server_session& server_session::operator=(server_session&&) noexcept = default;

// --- what happens now -----------------------------------------------------------------------------------------------

server_session::action server_session::next()
{
    if (!std::exchange(my_->greeted, true)) my_->helo.greet();
    do {
        if (!my_->questions.empty()) {
            action question = std::move(my_->questions.front());
            my_->questions.pop_front();
            return question;
        }
        if (!my_->told.empty()) {
            auto event = std::move(my_->told.front());
            my_->told.pop_front();
            return std::visit([](auto& what) { return action(std::move(what)); }, event);
        }
        if (my_->ended || my_->starting_tls || my_->out.size() >= my_->config.limits.output) break;
        if (my_->sends())
            if (auto wanted = my_->outgoing->next_wanted()) return *wanted;
        if (auto piece = take_octets()) return *piece;
    } while (advance());

    if (!my_->out.empty()) return write{std::exchange(my_->out, {})};
    if (my_->ended) return *my_->ended;
    if (my_->starting_tls) return start_tls{};
    if (blocked() || my_->eof) return wait{};
    return read_more{current_phase()};
}

// Deals with one line, some octets of a proof, or the end of it all. False: there is nothing to go on with.
bool server_session::advance()
{
    if (my_->helo.failed()) {
        my_->ended = my_->helo.failed();
        return true;
    }
    if (blocked()) return false;
    if (my_->in.empty() || quits()) return at_end();
    if (const auto expected = my_->helo.expected()) {
        const auto octets = my_->in.take_octets(expected);
        count_octets(octets.size());
        if (!my_->ended) my_->helo.on_octets(octets);
        return true;
    }
    const auto octets = my_->in.take_line();
    if (!octets) {
        fatal(codes::malformed, octets.error().message());
        return true;
    }
    if (!*octets) return at_end();
    on_line(**octets);
    return true;
}

// A QUIT is answered when every XFER before it has been, and so has every one of our own.
bool server_session::quits() const
{
    return my_->quit_tag != 0 && !my_->transfers.owed() && !my_->transfers.receiving() && !my_->sends();
}

// All that has arrived is dealt with. True: something came of it.
bool server_session::at_end()
{
    if (quits()) {
        my_->transfers.drop_unfinished();
        write_answer(my_->out, my_->quit_tag, word::ok, codes::goodbye);
        leave(codes::goodbye);
    } else if (my_->eof) {
        my_->transfers.drop_unfinished();
        if (my_->outgoing) my_->outgoing->lose_all(codes::connection_lost, "the peer closed the connection");
        if (my_->transfers.empty()) leave(codes::connection_lost, "the peer closed the connection");
    } else if (my_->draining && my_->transfers.empty() && !my_->sends()) {
        leave(my_->leaving_by);
    }
    return my_->ended || !my_->questions.empty() || !my_->told.empty();
}

// Is there a question without whose answer nothing can go on? In synchronous mode what follows a request may be octets,
// so nothing is read before that request has its answer.
bool server_session::blocked() const
{
    return my_->helo.blocked() || (!pipelined() && my_->transfers.owed());
}

std::optional<server_session::append> server_session::take_octets()
{
    while (my_->transfers.expected() != 0 && !my_->in.empty()) {
        const auto piece = my_->transfers.on_octets(my_->in.take_octets(my_->transfers.expected()));
        if (piece) return piece;
    }
    return std::nullopt;
}

server_session::phase server_session::current_phase() const
{
    if (!my_->helo.done()) return phase::helo;
    if (my_->transfers.receiving()) return phase::octets;
    if (my_->sends()) return my_->outgoing->awaits_last_answer() ? phase::answer : phase::permission;
    if (my_->transfers.owed()) return phase::owed;
    return my_->transfers.empty() ? phase::idle : phase::octets;
}

// --- refusals and endings -------------------------------------------------------------------------------------------

void server_session::refuse(std::uint32_t tag, const result_code& code)
{
    write_answer(my_->out, tag, word::err, code);
    count_error();
}

void server_session::refuse(std::uint32_t tag, const request_refusal& why)
{
    if (write_refusal(my_->out, tag, why)) count_error();
}

void server_session::refuse_extension(std::uint32_t tag, std::string_view name)
{
    refuse(tag, request_refusal::unknown(name));
}

void server_session::count_error()
{
    if (++my_->errors > my_->config.limits.errors) fatal(codes::too_many_errors);
}

// A peer that has not proved itself cannot make us read for ever.
void server_session::count_octets(std::size_t octets)
{
    if (my_->helo.done()) return;
    my_->octets_before_helo += octets;
    if (my_->octets_before_helo > my_->config.limits.octets_before_helo) fatal(codes::too_many_octets);
}

// There is no way on: the peer is told why, and no more of it is read.
void server_session::fatal(const result_code& code, std::string text)
{
    if (my_->ended) return;
    write_answer(my_->out, 0, word::err, code, text);
    leave(code, std::move(text));
}

void server_session::leave(const result_code& code, std::string text)
{
    my_->transfers.drop_unfinished();
    if (text.empty()) text = text_of(code);
    if (my_->outgoing) my_->outgoing->lose_all(code, text);
    my_->ended = close{code, std::move(text)};
}

void server_session::on_shutdown()
{
    if (my_->ended || std::exchange(my_->draining, true)) return;
    if (!std::exchange(my_->greeted, true) || my_->starting_tls) return leave(codes::shutting_down);
    if (!my_->helo.done()) return fatal(codes::shutting_down);
    write_leaving(my_->out, my_->last_tag, nullptr, my_->config.limits);
}

void server_session::on_disowned(const result_code& code, std::string_view why)
{
    if (my_->ended || std::exchange(my_->draining, true)) return;
    if (!my_->helo.done()) return fatal(code, std::string(why));
    my_->leaving_by = code;
    const outcome host{code, std::string(why), 0, {}};
    write_leaving(my_->out, my_->last_tag, &host, my_->config.limits);
}

// --- what the driver reports ----------------------------------------------------------------------------------------

void server_session::on_bytes(std::string_view octets)
{
    my_->in.give(octets);
}

void server_session::on_mark()
{
    if (my_->active.has(option::urg) && my_->transfers.cut_short()) my_->cut_short = true;
}

void server_session::on_eof()
{
    my_->eof = true;
}

void server_session::on_tls(tls_facts facts)
{
    my_->helo.set_tls(std::move(facts));
}

void server_session::on_identity(identity_answer answer)
{
    my_->helo.on_identity(std::move(answer));
    my_->transfers.grant(my_->helo.granted());
}

void server_session::on_proof(std::string der)
{
    my_->helo.on_proof(std::move(der));
}

void server_session::on_object(std::uint32_t tag, object_answer answer)
{
    my_->transfers.on_object(tag, answer);
}

void server_session::on_finished(std::uint32_t tag, finish_answer answer)
{
    my_->transfers.on_finished(tag, std::move(answer));
}

void server_session::on_held(std::uint32_t tag, const held_answer& answer)
{
    my_->requests.on_held(tag, answer);
}

void server_session::on_progress(std::uint32_t tag)
{
    my_->transfers.on_progress(tag);
}

void server_session::on_hop(const hop_notice& what)
{
    // A client that does not read what it is told goes without.
    if (my_->ended || !my_->active.has(option::trace) || my_->out.size() >= my_->config.limits.output) return;
    write_hop_notice(my_->out, what, my_->config.limits);
}

void server_session::on_timeout()
{
    fatal(codes::timed_out);
}

bool server_session::can_send() const
{
    const bool stays = !my_->ended && !my_->draining && my_->quit_tag == 0 && !my_->client_leaves && !my_->eof;
    return stays && my_->active.has(option::duplex) && my_->outgoing->has_room();
}

void server_session::send(outgoing message)
{
    ++my_->sent;
    my_->outgoing->send(std::move(message));
}

void server_session::cancel(std::uint64_t handle)
{
    if (my_->outgoing) my_->outgoing->cancel(handle); // in pipelined mode there always is a way
}

bool server_session::may_be_complete(std::uint64_t handle)
{
    return my_->outgoing && my_->outgoing->may_be_complete(handle);
}

void server_session::on_content(std::uint64_t handle, object_type type, std::string_view piece)
{
    if (my_->outgoing) my_->outgoing->on_content(handle, type, piece);
}

void server_session::resume(std::uint64_t handle, resumption how)
{
    if (my_->outgoing) my_->outgoing->resume(handle, std::move(how));
}

std::uint64_t server_session::answers() const
{
    return my_->answers;
}

const std::string& server_session::peer() const
{
    return my_->helo.peer();
}

standing server_session::peer_standing() const
{
    return my_->helo.peer_standing();
}

bool server_session::pipelined() const
{
    return my_->active.has(option::pipe);
}

std::uint64_t server_session::discarded_octets() const
{
    return my_->transfers.discarded_octets();
}

option_set server_session::active() const
{
    return my_->active;
}

} // namespace xproto
