// The lines of a client, and what each verb does.
#include "xproto/digest.hpp"
#include "xproto/extensions.hpp"
#include "xproto/line_writer.hpp"
#include "xproto/outcome.hpp"
#include "xproto/server_state.hpp"

#include <algorithm>
#include <utility>

namespace xproto {

namespace {

constexpr std::size_t longest_value = 255; // of TYPE, NAME and DIGEST
constexpr std::size_t most_held = 16;      // objects that an answer to STAT names

// May the transfer of such an object go on where an earlier one broke off?
bool goes_on(object_type type)
{
    return type == object_type::body || type == object_type::leaf;
}

// FROM=octets;sha-256:...
bool read_beginning(std::string_view value, receiver::request& asked)
{
    const auto semicolon = value.find(';');
    if (semicolon == value.npos || !asked.beginning.empty()) return false;
    const auto octets = plain_number(value.substr(0, semicolon));
    const auto digest = digest_from_text(value.substr(semicolon + 1));
    if (!octets || *octets == 0 || !digest) return false;
    asked.from = *octets;
    asked.beginning = value.substr(semicolon + 1);
    return true;
}

// What a group of an XFER is about; null: such a group has no place there.
std::string* field_for(std::string_view group, receiver::request& asked)
{
    const bool leaf = asked.type == object_type::leaf;
    if (group == "DIGEST") return &asked.digest;
    if (group == "TYPE" && (leaf || asked.type == object_type::body)) return &asked.media_type;
    if (group == "NAME" && leaf) return &asked.file_name;
    return nullptr;
}

} // namespace

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
const server_session::command server_session::commands[7] = {
    // verb, function, fewest and most parameters, takes groups?, before HELO?, after QUIT?
    {"HELO", &server_session::run_helo, 1, 2, true, true, false},
    {"OPT", &server_session::run_opt, 0, 0, true, true, false},
    {"XFER", &server_session::run_xfer, 4, 4, true, false, false},
    {"ABOR", &server_session::run_abor, 1, 1, false, false, true},
    {"STAT", &server_session::run_stat, 1, 1, false, false, false},
    {"NOOP", &server_session::run_noop, 0, 0, false, true, false},
    {"QUIT", &server_session::run_quit, 0, 0, false, true, false},
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
    const bool off = request.verb == "STAT" && !my_->active.has(option::stat);
    if (known == std::end(commands) || off) return refuse(request.tag, codes::unknown_verb);
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

// DATA {octets}, with the tag of an XFER that has permission or needs none; (ZSTD=...): as many when unpacked
void server_session::on_data(const line& request)
{
    const auto octets = request.parameter_count == 1 ? braced_number(request.parameters[0]) : std::nullopt;
    if (!octets) return fatal(codes::bad_parameter);
    if (!pipelined()) return fatal(codes::unexpected);
    std::uint64_t unpacked = 0;
    group_reader groups(request.groups);
    while (const auto item = groups.next()) {
        const auto number = plain_number(item->value.value_or(""));
        const bool sound = item->name == "ZSTD" && my_->active.has(option::zstd) && unpacked == 0;
        if (!sound || !number || *number <= *octets) return fatal(codes::bad_parameter);
        unpacked = *number;
    }
    if (const auto wrong = my_->transfers.on_data(request.tag, *octets, unpacked)) fatal(*wrong);
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
    const auto verdicts = judge_options(table, request.groups, my_->helo.offered(), my_->active);
    if (verdicts.empty()) return refuse(request.tag, codes::bad_parameter);
    if (!my_->transfers.empty()) return refuse(request.tag, codes::bad_sequence);
    const bool asks_for_tls = std::any_of(verdicts.begin(), verdicts.end(), [](const option_verdict& one) {
        return one.accepted && one.which == option::tls;
    });
    if (asks_for_tls && verdicts.size() > 1) return refuse(request.tag, codes::bad_parameter);
    // Whoever put octets behind the request may mean them to be taken for something that came under TLS.
    if (asks_for_tls && !my_->in.empty()) return fatal(codes::unexpected, "octets after the request for TLS");
    my_->starting_tls = asks_for_tls;
    const bool ok = answer_options(table, my_->out, request.tag, verdicts, my_->active);
    my_->transfers.set_pipelined(pipelined());
    if (!ok) count_error();
}

// XFER message-id type {octets} {pending} (TYPE=media/type) (NAME=report.pdf) (DIGEST=sha-256:...)
void server_session::run_xfer(const line& request)
{
    const auto id = request.parameters[0];
    const auto type = object_type_from_text(request.parameters[1]);
    const auto octets = braced_number(request.parameters[2]);
    const auto pending = braced_number(request.parameters[3]);
    const bool known_type = type && (my_->active.has(option::split) || *type <= object_type::body);
    const bool sound = is_token(id) && id.size() <= my_->config.limits.message_id && known_type && octets && pending;
    if (!sound) return refuse(request.tag, codes::bad_parameter);

    receiver::request asked{request.tag, id, *type, *octets, *pending, {}, {}, {}, 0, {}};
    group_reader groups(request.groups);
    while (const auto item = groups.next()) {
        if (item->name == "FROM" && my_->active.has(option::stat) && goes_on(asked.type)) {
            if (!read_beginning(item->value.value_or(""), asked)) return refuse(request.tag, codes::bad_parameter);
            continue;
        }
        if (item->name == "NOW" && my_->active.has(option::now)) {
            const bool bare = !item->value && item->answer == word::request && item->text.empty();
            if (!bare || asked.unasked) return refuse(request.tag, codes::bad_parameter);
            asked.unasked = true;
            continue;
        }
        auto* const into = field_for(item->name, asked);
        if (into == nullptr) return refuse_extension(request.tag, item->name);
        auto value = unquote(item->value.value_or(""));
        const bool twice = !into->empty();
        if (value.empty() || value.size() > longest_value || twice) return refuse(request.tag, codes::bad_parameter);
        *into = std::move(value);
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

// STAT message-id
void server_session::run_stat(const line& request)
{
    const auto id = request.parameters[0];
    if (!is_token(id) || id.size() > my_->config.limits.message_id) return refuse(request.tag, codes::bad_parameter);
    my_->questions.emplace_back(check_held{request.tag, std::string(id)});
}

void server_session::on_held(std::uint32_t tag, const held_answer& answer)
{
    const auto code = answer.owned ? codes::already_have : codes::held;
    line_writer line(my_->out, tag, word::ok, code);
    for (std::size_t i = 0; i < answer.objects.size() && i < most_held; ++i)
        line.group("HELD", answer.objects[i].digest + ';' + std::to_string(answer.objects[i].octets));
    line.text(text_of(code), my_->config.limits.text).end();
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
