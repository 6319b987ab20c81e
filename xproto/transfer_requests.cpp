// The lines of a sending end.
#include "xproto/transfer_requests.hpp"

#include "xproto/digest.hpp"
#include "xproto/extensions.hpp"
#include "xproto/line_writer.hpp"

#include <algorithm>
#include <iterator>
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

struct transfer_requests::verb {
    std::string_view word;
    std::optional<request_refusal> (transfer_requests::*run)(const line&, bool);
    std::size_t parameters;
    bool takes_groups;
};

// DATA is not among them: it continues an XFER and has that one's tag.
const transfer_requests::verb transfer_requests::verbs[3] = {
    {"XFER", &transfer_requests::xfer, 4, true},
    {"ABOR", &transfer_requests::abor, 1, false},
    {"STAT", &transfer_requests::stat, 1, false},
};

bool transfer_requests::knows(std::string_view word) const
{
    if (word == "STAT") return active_.has(option::stat);
    return std::any_of(std::begin(verbs), std::end(verbs), [&](const auto& row) { return row.word == word; });
}

std::optional<request_refusal> transfer_requests::run(const line& request, bool draining)
{
    const auto known =
        std::find_if(std::begin(verbs), std::end(verbs), [&](const auto& row) { return row.word == request.verb; });
    if (known == std::end(verbs) || !knows(request.verb)) return codes::unknown_verb;
    if (request.parameter_count != known->parameters) return codes::bad_parameter;
    if (!known->takes_groups && !request.groups.empty())
        return request_refusal::unknown(group_reader(request.groups).next()->name);
    return (this->*known->run)(request, draining);
}

// DATA {octets}, with the tag of an XFER that has permission or needs none; (ZSTD=...): as many when unpacked
std::optional<result_code> transfer_requests::on_data(const line& request)
{
    const auto octets = request.parameter_count == 1 ? braced_number(request.parameters[0]) : std::nullopt;
    if (!octets) return codes::bad_parameter;
    if (!active_.has(option::pipe)) return codes::unexpected;
    std::uint64_t unpacked = 0;
    group_reader groups(request.groups);
    while (const auto item = groups.next()) {
        const auto number = plain_number(item->value.value_or(""));
        const bool sound = item->name == "ZSTD" && active_.has(option::zstd) && unpacked == 0;
        if (!sound || !number || *number <= *octets) return codes::bad_parameter;
        unpacked = *number;
    }
    return messages_.on_data(request.tag, *octets, unpacked);
}

// XFER message-id type {octets} {pending} (TYPE=media/type) (NAME=report.pdf) (DIGEST=sha-256:...)
std::optional<request_refusal> transfer_requests::xfer(const line& request, bool draining)
{
    const auto id = request.parameters[0];
    const auto type = object_type_from_text(request.parameters[1]);
    const auto octets = braced_number(request.parameters[2]);
    const auto pending = braced_number(request.parameters[3]);
    const bool known_type = type && (active_.has(option::split) || *type <= object_type::body);
    const bool sound = is_token(id) && id.size() <= limits_.message_id && known_type && octets && pending;
    if (!sound) return codes::bad_parameter;

    receiver::request asked{request.tag, id, *type, *octets, *pending, {}, {}, {}, 0, {}};
    group_reader groups(request.groups);
    while (const auto item = groups.next()) {
        if (item->name == "FROM" && active_.has(option::stat) && goes_on(asked.type)) {
            if (!read_beginning(item->value.value_or(""), asked)) return codes::bad_parameter;
            continue;
        }
        if (item->name == "NOW" && active_.has(option::now)) {
            const bool bare = !item->value && item->answer == word::request && item->text.empty();
            if (!bare || asked.unasked) return codes::bad_parameter;
            asked.unasked = true;
            continue;
        }
        auto* const into = field_for(item->name, asked);
        if (into == nullptr) return request_refusal::unknown(item->name);
        auto value = unquote(item->value.value_or(""));
        const bool twice = !into->empty();
        if (value.empty() || value.size() > longest_value || twice) return codes::bad_parameter;
        *into = std::move(value);
    }
    const auto refused = messages_.on_xfer(std::move(asked), draining);
    if (!refused) return std::nullopt;
    // No error of the peer's: it may have asked for all parts of a message before it heard that there is no way on.
    const bool crossed = refused == codes::prior_part || refused == codes::shutting_down;
    return request_refusal(*refused, !crossed);
}

// No error is counted: an ABOR may cross the last answer to what it means to end.
std::optional<request_refusal> transfer_requests::abor(const line& request, bool)
{
    const auto target = plain_number(request.parameters[0]);
    if (!target || *target == 0 || *target >= request.tag) return codes::bad_parameter;
    const auto refused = messages_.on_abort(request.tag, static_cast<std::uint32_t>(*target));
    if (!refused) return std::nullopt;
    return request_refusal(*refused, false);
}

// STAT message-id
std::optional<request_refusal> transfer_requests::stat(const line& request, bool)
{
    const auto id = request.parameters[0];
    if (!is_token(id) || id.size() > limits_.message_id) return codes::bad_parameter;
    questions_.emplace_back(receiving::check_held{request.tag, std::string(id)});
    return std::nullopt;
}

void transfer_requests::on_held(std::uint32_t tag, const held_answer& answer)
{
    const auto code = answer.owned ? codes::already_have : codes::held;
    line_writer line(out_, tag, word::ok, code);
    for (std::size_t i = 0; i < answer.objects.size() && i < most_held; ++i)
        line.group("HELD", answer.objects[i].digest + ';' + std::to_string(answer.objects[i].octets));
    line.text(text_of(code), limits_.text).end();
}

bool write_refusal(std::string& out, std::uint32_t tag, const request_refusal& why)
{
    if (why.unknown_group.empty()) {
        write_answer(out, tag, word::err, why.code);
        return why.counts;
    }
    const auto text = text_of(codes::option_unknown);
    line_writer(out, tag, word::err, why.code)
        .answer(why.unknown_group, {}, word::err, codes::option_unknown, text, text.size())
        .end();
    return why.counts;
}

} // namespace xproto
