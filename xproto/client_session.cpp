// The connecting end: what happens now, whose answer a line is, and how it ends. Identity is in client_helo.cpp, what
// concerns messages in sender.cpp, and messages of the server in client_duplex.cpp.
#include "xproto/client_state.hpp"
#include "xproto/extensions.hpp"
#include "xproto/line_writer.hpp"
#include "xproto/outcome.hpp"

#include <algorithm>
#include <utility>

namespace xproto {

client_session::client_session(client_config config) : my_(std::make_unique<state>(std::move(config))) {}
client_session::~client_session() = default;
client_session::client_session(client_session&&) noexcept = default;
client_session& client_session::operator=(client_session&&) noexcept = default;

// --- what happens now -----------------------------------------------------------------------------------------------

client_session::action client_session::next()
{
    do {
        if (!my_->events.empty()) {
            action event = std::move(my_->events.front());
            my_->events.pop_front();
            return event;
        }
        if (!my_->told.empty()) {
            auto event = std::move(my_->told.front());
            my_->told.pop_front();
            return std::visit([](auto& what) { return action(std::move(what)); }, event);
        }
        if (my_->ended || my_->starting_tls || my_->out.size() >= my_->config.limits.output) break;
        if (auto wanted = my_->messages.next_wanted()) return *wanted;
        if (auto piece = take_octets()) return *piece;
    } while (advance());

    if (!my_->out.empty()) return write{std::exchange(my_->out, {})};
    if (auto urgent = my_->messages.take_urgent(); !urgent.empty()) return write_urgent{std::move(urgent)};
    if (my_->ended) return *my_->ended;
    if (my_->starting_tls) return start_tls{};
    if (my_->helo.blocked()) return wait{};
    return read_more{current_phase()};
}

// Deals with one line, some octets of a proof, or the end of it all. False: there is nothing to go on with.
bool client_session::advance()
{
    if (const auto& failed = my_->helo.failed()) {
        end(failed->code, failed->text);
        return true;
    }
    if (my_->helo.blocked()) return false;
    if (!my_->in.empty()) {
        if (const auto expected = my_->helo.expected())
            my_->helo.on_octets(my_->in.take_octets(expected));
        else
            take_line();
        return true;
    }
    if (my_->eof) {
        const auto why = my_->leaving.value_or(close{codes::connection_lost, "the server closed the connection"});
        end(why.code, why.text);
        return true;
    }
    return leaves();
}

client_session::phase client_session::current_phase() const
{
    if (!my_->helo.greeted()) return phase::greeting;
    if (!my_->ready) return phase::helo;
    if (my_->messages.awaits_last_answer()) return phase::answer;
    if (!my_->messages.empty()) return phase::permission;
    if (my_->incoming.receiving()) return phase::octets;
    if (my_->incoming.owed()) return phase::owed;
    if (!my_->incoming.empty()) return phase::octets;
    if (my_->quit_tag != 0) return phase::goodbye;
    return my_->noop_tag == 0 ? phase::idle : phase::permission;
}

void client_session::end(const result_code& code, std::string text)
{
    if (my_->ended) return;
    if (text.empty()) text = text_of(code);
    my_->messages.lose_all(code, text);
    my_->incoming.drop_unfinished();
    my_->ended = close{code, std::move(text)};
}

// --- lines ----------------------------------------------------------------------------------------------------------

void client_session::take_line()
{
    const auto octets = my_->in.take_line();
    if (!octets) return fatal(codes::malformed, octets.error().message());
    if (!*octets) return;
    const auto parsed = parse_line(**octets);
    if (!parsed) return fatal(codes::malformed, parsed.error().message());
    on_line(*parsed);
}

void client_session::on_line(const line& received)
{
    if (received.tag == 0) return on_unsolicited(received);
    if (!my_->helo.greeted()) return end(codes::unexpected, "the server does not greet");
    if (received.kind == word::request) return on_request(received);
    my_->unsolicited = 0;
    ++my_->answers;
    on_response(received);
}

// The greeting is one. Any ERR says that the server will go. All others are for extensions to come.
void client_session::on_unsolicited(const line& received)
{
    if (!my_->helo.greeted()) return my_->helo.on_greeting(received);
    if (my_->active.has(option::trace))
        if (auto notice = read_hop_notice(received)) {
            if (++my_->hop_notices > my_->sent * most_hop_notices) return end(codes::too_many_octets);
            my_->events.emplace_back(later_hop{std::move(*notice)});
            return;
        }
    if (++my_->unsolicited > my_->config.limits.unsolicited) return end(codes::too_many_octets);
    if (received.kind != word::err) return;
    my_->leaving = close{received.code, unescape(received.text)};
    my_->messages.give_back(received);
}

// A server makes one request, its HELO; with DUPLEX also those of a sending end.
void client_session::on_request(const line& request)
{
    const bool duplex = my_->active.has(option::duplex);
    if (request.verb == "DATA") return on_data(request);
    if (request.tag <= my_->last_server_tag) return fatal(codes::bad_tag);
    my_->last_server_tag = request.tag;
    if (request.verb == "HELO" && my_->helo.on_request(request)) return;
    if (duplex) return on_transfer(request);
    if (request.verb == "XFER") return end(codes::unexpected, "the server sends mail that was not asked for");
    if (++my_->unsolicited > my_->config.limits.unsolicited) return end(codes::too_many_octets);
    write_answer(my_->out, request.tag, word::err, codes::option_not_offered);
}

void client_session::on_response(const line& response)
{
    if (my_->helo.awaits_tls()) return on_tls_answer(response);
    if (!my_->helo.done()) {
        if (response.tag != client_helo::own_tag || !my_->helo.on_response(response)) return end(codes::unexpected);
        if (my_->helo.done()) after_helo();
        return;
    }
    if (response.tag == my_->option_tag) return on_options(response);
    if (response.tag == my_->noop_tag) {
        my_->noop_tag = 0;
        return;
    }
    if (response.tag == my_->quit_tag) return end(my_->leaving ? my_->leaving->code : codes::goodbye);
    if (const auto problem = my_->messages.on_response(response)) fatal(*problem);
}

// What stands behind the answer may be meant to be taken for something that came under TLS.
void client_session::on_tls_answer(const line& response)
{
    if (response.tag != client_helo::own_tag) return end(codes::unexpected);
    if (response.kind != word::ok) return end(codes::tls_required, "the server offered TLS and then refused it");
    if (!my_->in.empty()) return end(codes::unexpected, "octets after the answer to the request for TLS");
    my_->starting_tls = true;
}

// --- becoming ready -------------------------------------------------------------------------------------------------

void client_session::after_helo()
{
    const auto& table = *my_->config.extensions;
    auto can = my_->config.want & my_->helo.said().options;
    if (!my_->helo.server_proved() || !my_->may_take) can.set(option::duplex, false);
    my_->wanted = table.workable(can);
    if (my_->wanted.empty()) return become_ready({});
    my_->option_tag = ++my_->last_tag;
    line_writer line(my_->out, my_->option_tag, "OPT");
    for (const auto& row : table.transfer())
        if (my_->wanted.has(row.id)) line.group(row.word, row.values.front());
    if (my_->wanted.has(option::duplex)) write_announcement(table, line, own_announcement());
    line.end();
}

void client_session::on_options(const line& response)
{
    if (response.kind == word::tmp) return end(codes::unexpected);
    my_->option_tag = 0;
    become_ready(response.kind == word::ok ? my_->wanted : option_set());
}

void client_session::become_ready(option_set active)
{
    const auto& said = my_->helo.said();
    const bool pipelined = active.has(option::pipe);
    const auto messages = pipelined && said.window ? std::min(said.window->messages, my_->config.messages) : 1;
    my_->messages.set_peer(said, active, messages);
    my_->active = active;
    my_->messages.set_urgent(active.has(option::urg));
    my_->taking = active;
    if (!my_->config.takes_unasked) my_->taking.set(option::now, false);
    my_->incoming.set_pipelined(pipelined);
    my_->ready = true;
    my_->events.emplace_back(ready{});
}

// --- what the driver reports ----------------------------------------------------------------------------------------

void client_session::on_bytes(std::string_view octets)
{
    my_->in.give(octets);
}

void client_session::on_eof()
{
    my_->eof = true;
}

void client_session::on_error(std::string text, result_code code)
{
    end(code, std::move(text));
    my_->out.clear();
}

void client_session::on_tls(tls_facts facts)
{
    my_->helo.set_tls(std::move(facts));
}

void client_session::on_identity(identity_answer answer)
{
    my_->may_take = answer.options.has(option::duplex);
    my_->helo.on_identity(answer);
}

void client_session::on_proof(std::string der)
{
    my_->helo.on_proof(std::move(der));
}

void client_session::on_content(std::uint64_t handle, object_type type, std::string_view piece)
{
    if (!my_->messages.on_content(handle, type, piece)) end(codes::transfer_failed, "a message was given up");
}

bool client_session::can_send() const
{
    const bool stays = my_->ready && !my_->ended && !my_->quitting && !my_->leaving && !my_->eof;
    return stays && my_->messages.has_room();
}

void client_session::send(outgoing message)
{
    ++my_->sent;
    my_->messages.send(std::move(message));
}

void client_session::resume(std::uint64_t handle, resumption how)
{
    my_->messages.resume(handle, std::move(how));
}

void client_session::cancel(std::uint64_t handle)
{
    if (!my_->messages.cancel(handle)) end(codes::transfer_failed, "a message was given up");
}

bool client_session::may_be_complete(std::uint64_t handle)
{
    return my_->messages.may_be_complete(handle);
}

void client_session::keep_alive()
{
    if (!my_->ready || my_->ended || my_->noop_tag != 0 || my_->quit_tag != 0) return;
    my_->noop_tag = ++my_->last_tag;
    line_writer(my_->out, my_->noop_tag, "NOOP").end();
}

void client_session::quit()
{
    my_->quitting = true;
}

std::uint64_t client_session::answers() const
{
    return my_->answers;
}

const std::string& client_session::peer() const
{
    return my_->helo.server();
}

bool client_session::peer_proved() const
{
    return my_->helo.server_proved();
}

bool client_session::pipelined() const
{
    return my_->active.has(option::pipe);
}

bool client_session::split() const
{
    return my_->active.has(option::split);
}

option_set client_session::active() const
{
    return my_->active;
}

} // namespace xproto
