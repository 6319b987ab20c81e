// The accepting end: what happens now, how it ends, and the table of commands. Identity is in server_helo.cpp, what
// concerns transfers in receiver.cpp.
#include "xproto/server_session.hpp"

#include "xproto/line_reader.hpp"
#include "xproto/line_writer.hpp"
#include "xproto/options.hpp"
#include "xproto/outcome.hpp"
#include "xproto/receiver.hpp"
#include "xproto/server_helo.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace xproto {

namespace {

constexpr std::size_t longest_value = 255; // of TYPE and DIGEST

} // namespace

struct server_session::state {
    explicit state(server_config c)
        : config(std::move(c)), in(config.limits.line), helo(config, out, questions),
          transfers(config.limits, config.window, out, questions)
    {
    }

    const server_config config;
    line_reader in;
    std::string out;
    std::deque<action> questions;
    server_helo helo;
    receiver transfers;
    option_set active;

    bool greeted = false;
    bool eof = false;
    bool draining = false;
    std::optional<close> ended; // nothing more is read
    std::uint32_t last_tag = 0;
    std::uint32_t quit_tag = 0; // of the QUIT that waits for transfers to end; 0: there is none
    std::size_t errors = 0;
    std::size_t octets_before_helo = 0;
};

struct server_session::command {
    std::string_view verb;
    void (server_session::*run)(const line&);
    std::size_t fewest; // parameters
    std::size_t most;
    bool takes_groups;
    bool before_helo;
    bool after_quit;
};

// The verbs of docs/xproto.md. DATA is not among them: it continues an XFER and has that one's tag.
const server_session::command server_session::commands[6] = {
    // verb, function, fewest and most parameters, takes groups?, before HELO?, after QUIT?
    {"HELO", &server_session::run_helo, 1, 2, true, true, false},
    {"OPT", &server_session::run_opt, 0, 0, true, true, false},
    {"XFER", &server_session::run_xfer, 4, 4, true, false, false},
    {"ABOR", &server_session::run_abor, 1, 1, false, false, true},
    {"NOOP", &server_session::run_noop, 0, 0, false, true, false},
    {"QUIT", &server_session::run_quit, 0, 0, false, true, false},
};

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
        if (my_->ended || my_->out.size() >= my_->config.limits.output) break;
        if (auto piece = take_octets()) return *piece;
    } while (advance());

    if (!my_->out.empty()) return write{std::exchange(my_->out, {})};
    if (my_->ended) return *my_->ended;
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

// A QUIT is answered when every XFER before it has been.
bool server_session::quits() const
{
    return my_->quit_tag != 0 && !my_->transfers.owed() && !my_->transfers.receiving();
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
        if (my_->transfers.empty()) leave(codes::connection_lost, "the peer closed the connection");
    } else if (my_->draining && my_->transfers.empty()) {
        leave(codes::shutting_down);
    }
    return my_->ended || !my_->questions.empty();
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
    if (my_->transfers.owed()) return phase::owed;
    return my_->transfers.empty() ? phase::idle : phase::octets;
}

// --- refusals and endings -------------------------------------------------------------------------------------------

void server_session::refuse(std::uint32_t tag, const result_code& code)
{
    write_answer(my_->out, tag, word::err, code);
    count_error();
}

void server_session::refuse_extension(std::uint32_t tag, std::string_view name)
{
    const auto text = text_of(codes::option_unknown);
    line_writer(my_->out, tag, word::err, codes::options_refused)
        .answer(name, {}, word::err, codes::option_unknown, text, text.size())
        .end();
    count_error();
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
    my_->ended = close{code, std::move(text)};
}

void server_session::on_shutdown()
{
    if (my_->ended || std::exchange(my_->draining, true)) return;
    if (!std::exchange(my_->greeted, true)) return leave(codes::shutting_down);
    if (!my_->helo.done()) return fatal(codes::shutting_down);
    write_answer(my_->out, 0, word::err, codes::shutting_down);
}

// --- lines ----------------------------------------------------------------------------------------------------------

void server_session::on_line(std::string_view octets)
{
    count_octets(octets.size() + 2);
    if (my_->ended) return;
    const auto parsed = parse_line(octets);
    if (!parsed) return fatal(codes::malformed, parsed.error().message());
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
    if (known == std::end(commands)) return refuse(request.tag, codes::unknown_verb);
    if (my_->quit_tag != 0 && !known->after_quit) return fatal(codes::bad_sequence);
    if (!my_->helo.done() && !known->before_helo) return refuse(request.tag, codes::bad_sequence);
    if (request.parameter_count < known->fewest || request.parameter_count > known->most)
        return refuse(request.tag, codes::bad_parameter);
    if (!known->takes_groups && !request.groups.empty())
        return refuse_extension(request.tag, group_reader(request.groups).next()->name);
    (this->*known->run)(request);
}

void server_session::on_response(const line& response)
{
    if (!my_->helo.on_response(response)) fatal(codes::unexpected);
}

// DATA {octets}, with the tag of an XFER that has permission
void server_session::on_data(const line& request)
{
    const auto octets = request.parameter_count == 1 ? braced_number(request.parameters[0]) : std::nullopt;
    if (!octets || !request.groups.empty()) return fatal(codes::bad_parameter);
    if (!pipelined()) return fatal(codes::unexpected);
    if (const auto wrong = my_->transfers.on_data(request.tag, *octets)) fatal(*wrong);
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
    const auto verdicts = judge_options(request.groups, my_->helo.offered());
    if (verdicts.empty()) return refuse(request.tag, codes::bad_parameter);
    if (!my_->transfers.empty()) return refuse(request.tag, codes::bad_sequence);
    const bool ok = answer_options(my_->out, request.tag, verdicts, my_->active);
    my_->transfers.set_pipelined(pipelined());
    if (!ok) count_error();
}

// XFER message-id type {octets} {pending} (TYPE=media/type) (DIGEST=sha-256:...)
void server_session::run_xfer(const line& request)
{
    const auto id = request.parameters[0];
    const auto type = object_type_from_text(request.parameters[1]);
    const auto octets = braced_number(request.parameters[2]);
    const auto pending = braced_number(request.parameters[3]);
    const bool sound = is_token(id) && id.size() <= my_->config.limits.message_id && type && octets && pending;
    if (!sound) return refuse(request.tag, codes::bad_parameter);

    receiver::request asked{request.tag, id, *type, *octets, *pending, {}, {}};
    group_reader groups(request.groups);
    while (const auto item = groups.next()) {
        const bool tells_type = item->name == "TYPE" && type == object_type::body;
        if (!tells_type && item->name != "DIGEST") return refuse_extension(request.tag, item->name);
        auto value = unquote(item->value.value_or(""));
        if (value.empty() || value.size() > longest_value) return refuse(request.tag, codes::bad_parameter);
        (tells_type ? asked.media_type : asked.digest) = std::move(value);
    }
    const auto refused = my_->transfers.on_xfer(std::move(asked), my_->draining);
    if (!refused) return;
    // No error of the peer's: it may have asked for all parts of a message before it heard that there is no way on.
    if (refused == codes::prior_part || refused == codes::shutting_down)
        return write_answer(my_->out, request.tag, word::err, *refused);
    refuse(request.tag, *refused);
}

// No error is counted: an ABOR may cross the last answer to what it means to end.
void server_session::run_abor(const line& request)
{
    const auto target = plain_number(request.parameters[0]);
    if (!target || *target == 0 || *target >= request.tag) return refuse(request.tag, codes::bad_parameter);
    const auto refused = my_->transfers.on_abort(request.tag, static_cast<std::uint32_t>(*target));
    if (refused) write_answer(my_->out, request.tag, word::err, *refused);
}

void server_session::run_noop(const line& request)
{
    write_answer(my_->out, request.tag, word::ok, codes::alive);
}

void server_session::run_quit(const line& request)
{
    my_->quit_tag = request.tag;
}

// --- what the driver reports
// ------------------------------------------------------------------------------------------

void server_session::on_bytes(std::string_view octets)
{
    my_->in.give(octets);
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

void server_session::on_progress(std::uint32_t tag)
{
    my_->transfers.on_progress(tag);
}

void server_session::on_timeout()
{
    fatal(codes::timed_out);
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

} // namespace xproto
