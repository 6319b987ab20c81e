// The lines of a client, and what each verb does.
#include "xproto/extensions.hpp"
#include "xproto/line_writer.hpp"
#include "xproto/outcome.hpp"
#include "xproto/server_state.hpp"

#include <algorithm>
#include <utility>

namespace xproto {

struct server_session::command {
    std::string_view verb;
    void (server_session::*run)(const line&);
    std::size_t fewest; // parameters
    std::size_t most;
    bool takes_groups;
};

// The verbs of docs/xproto.md that are not about transfers; those are in transfer_requests.cpp.
const server_session::command server_session::commands[4] = {
    // verb, function, fewest and most parameters, takes groups?
    {"HELO", &server_session::run_helo, 1, 2, true},
    {"OPT", &server_session::run_opt, 0, 0, true},
    {"NOOP", &server_session::run_noop, 0, 0, false},
    {"QUIT", &server_session::run_quit, 0, 0, false},
};

// --- lines ----------------------------------------------------------------------------------------------------------

void server_session::on_line(std::string_view octets)
{
    count_octets(octets.size() + 2);
    if (my_->ended) return;
    const auto parsed = parse_line(octets);
    if (!parsed) return fatal(codes::malformed, parsed.error().message());
    if (std::exchange(my_->cut_short, false) && parsed->verb != "ABOR")
        return fatal(codes::bad_sequence, "octets were broken off, and not for an ABOR");
    if (parsed->kind != word::request) return on_response(*parsed);
    if (parsed->verb == "DATA") return on_data(*parsed);
    on_request(*parsed);
}

void server_session::on_request(const line& request)
{
    if (request.tag <= my_->last_tag) return fatal(codes::bad_tag);
    my_->last_tag = request.tag;
    const auto known = std::find_if(std::begin(commands), std::end(commands),
                                    [&](const command& row) { return row.verb == request.verb; });
    const bool other = known == std::end(commands);
    if (other && !my_->requests.knows(request.verb)) return refuse(request.tag, codes::unknown_verb);
    if (my_->quit_tag != 0 && request.verb != "ABOR") return fatal(codes::bad_sequence);
    if (other && !my_->helo.done()) return refuse(request.tag, codes::bad_sequence);
    if (other) {
        if (const auto why = my_->requests.run(request, my_->draining)) refuse(request.tag, *why);
        return;
    }
    if (request.parameter_count < known->fewest || request.parameter_count > known->most)
        return refuse(request.tag, codes::bad_parameter);
    if (!known->takes_groups && !request.groups.empty())
        return refuse_extension(request.tag, group_reader(request.groups).next()->name);
    (this->*known->run)(request);
}

void server_session::on_response(const line& response)
{
    if (!my_->active.has(option::duplex)) {
        if (!my_->helo.on_response(response)) fatal(codes::unexpected);
        return;
    }
    if (response.tag == 0) return on_notice(response);
    my_->unsolicited = 0;
    ++my_->answers;
    if (const auto wrong = my_->outgoing->on_response(response)) fatal(*wrong);
}

// With DUPLEX the client tells what becomes of what it took, and when it wants to leave. Other lines are for extensions
// to come.
void server_session::on_notice(const line& received)
{
    if (my_->active.has(option::trace))
        if (auto notice = read_hop_notice(received)) {
            if (++my_->hop_notices > my_->sent * most_hop_notices) return fatal(codes::too_many_octets);
            my_->questions.emplace_back(later_hop{std::move(*notice)});
            return;
        }
    if (++my_->unsolicited > my_->config.limits.unsolicited) return fatal(codes::too_many_octets);
    if (received.kind != word::err) return;
    my_->client_leaves = true;
    my_->outgoing->give_back(received);
}

// A transfer's chunk. Its octets follow.
void server_session::on_data(const line& request)
{
    if (const auto wrong = my_->requests.on_data(request)) fatal(*wrong);
}

void server_session::run_helo(const line& request)
{
    std::string_view unknown_extension;
    const auto refused = my_->helo.on_request(request, unknown_extension);
    if (!unknown_extension.empty()) return refuse_extension(request.tag, unknown_extension);
    if (refused) refuse(request.tag, *refused);
}

void server_session::run_opt(const line& request)
{
    const auto& table = *my_->config.extensions;
    announcement said;
    said.unasked = 0; // nothing goes without permission to a client that has not said how much may
    const auto verdicts = judge_options(table, request.groups, my_->helo.offered(), my_->active, said);
    if (verdicts.empty()) return refuse(request.tag, codes::bad_parameter);
    if (!my_->transfers.empty() || my_->sends()) return refuse(request.tag, codes::bad_sequence);
    const bool asks_for_tls = std::any_of(verdicts.begin(), verdicts.end(), [](const option_verdict& one) {
        return one.accepted && one.which == option::tls;
    });
    if (asks_for_tls && verdicts.size() > 1) return refuse(request.tag, codes::bad_parameter);
    // Whoever put octets behind the request may mean them to be taken for something that came under TLS.
    if (asks_for_tls && !my_->in.empty()) return fatal(codes::unexpected, "octets after the request for TLS");
    my_->starting_tls = asks_for_tls;
    const bool ok = answer_options(table, my_->out, request.tag, verdicts, my_->active);
    my_->transfers.set_pipelined(pipelined());
    if (!ok) return count_error();
    const bool duplex = std::any_of(verdicts.begin(), verdicts.end(),
                                    [](const option_verdict& one) { return one.on && one.which == option::duplex; });
    if (duplex) my_->said = said;
    if (!my_->active.has(option::duplex)) return;
    const auto most = my_->said.window ? my_->said.window->messages : 1;
    if (!my_->outgoing) my_->outgoing.emplace(my_->config.limits, my_->out, my_->told, my_->own_tag);
    my_->outgoing->set_peer(my_->said, my_->active, std::min(most, my_->config.messages));
    if (duplex) my_->questions.emplace_back(ready{});
}

void server_session::run_noop(const line& request)
{
    write_answer(my_->out, request.tag, word::ok, codes::alive);
}

void server_session::run_quit(const line& request)
{
    my_->quit_tag = request.tag;
}

} // namespace xproto
