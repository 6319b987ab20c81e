#include "gateway/tools/probe_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace gateway::tools {

namespace {

struct stage_name {
    stage at;
    std::string_view name;
};

constexpr std::array<stage_name, 11> stages{{
    {stage::connect, "connect"},
    {stage::helo, "helo"},
    {stage::mail, "mail"},
    {stage::rcpt, "rcpt"},
    {stage::data, "data"},
    {stage::envelope, "envelope"},
    {stage::envelope_after, "envelope-after"},
    {stage::headers, "headers"},
    {stage::headers_after, "headers-after"},
    {stage::body, "body"},
    {stage::end, "end"},
}};

constexpr double longest_delay = 3600; // seconds

std::optional<stage> stage_from_text(std::string_view text)
{
    for (const auto& row : stages)
        if (row.name == text) return row.at;
    return std::nullopt;
}

std::string unknown_stage(std::string_view text)
{
    std::string what = "'" + std::string(text) + "' is no stage; the stages are";
    for (const auto& row : stages) what += " " + std::string(row.name);
    return what;
}

// The text before and after the first '='.
std::pair<std::string_view, std::optional<std::string_view>> split(std::string_view option)
{
    const auto equals = option.find('=');
    if (equals == option.npos) return {option, std::nullopt};
    return {option.substr(0, equals), option.substr(equals + 1)};
}

bool in_both(stage s)
{
    return s == stage::connect || s == stage::rcpt || s == stage::end;
}

bool in_smtp(stage s)
{
    return in_both(s) || s == stage::mail || s == stage::data;
}

bool in_xproto(stage s)
{
    return in_both(s) || !in_smtp(s);
}

bool refuses(const smtp::reply& reply)
{
    return reply.transient() || reply.permanent();
}

} // namespace

std::string_view to_text(stage s)
{
    for (const auto& row : stages)
        if (row.at == s) return row.name;
    return {};
}

std::optional<refusal> refusal_from_text(std::string_view text)
{
    refusal made;
    const auto first = text.substr(0, text.find(' '));
    if (const auto code = xproto::result_code::from_text(first)) {
        made.result.code = *code;
        made.result.text = text.substr(std::min(text.size(), first.size() + 1));
        const auto outcome = mapping::to_verdict(made.result, mapping::verdict::kind::rejected);
        if (outcome.outcome == mapping::verdict::kind::delivered) return std::nullopt;
        made.reply = mapping::to_reply(outcome);
        return made;
    }
    const auto line = std::string(text) + "\r\n";
    std::string_view input = line;
    smtp::reply_parser parser;
    const auto reply = parser.read(input);
    if (!reply || !*reply || !input.empty() || !refuses(**reply)) return std::nullopt;
    const auto outcome = mapping::to_verdict(**reply);
    made.reply = mapping::to_reply(outcome);
    made.result = mapping::to_result(outcome);
    return made;
}

probe_rules::complaint probe_rules::add_refusal(std::string_view option)
{
    const auto [where, answer] = split(option);
    const auto colon = where.find(':');
    rule made;
    if (colon != where.npos) made.address = where.substr(colon + 1);
    const auto at = stage_from_text(where.substr(0, colon));
    if (!at) return unknown_stage(where.substr(0, colon));
    if (colon != where.npos && *at != stage::rcpt) return "only rcpt can be for one address";
    made.at = *at;
    made.what.refuse = refusal_from_text(answer.value_or(*at == stage::rcpt ? "550 5.1.1" : "550 5.7.1"));
    if (!made.what.refuse)
        return "'" + std::string(answer.value_or("")) +
               "' is no refusal; write a reply like '450 4.2.1 busy' or a result code like '99.0.4.1 busy'";
    rules_.push_back(std::move(made));
    return std::nullopt;
}

probe_rules::complaint probe_rules::add_delay(std::string_view option)
{
    const auto [where, text] = split(option);
    const auto at = stage_from_text(where);
    if (!at) return unknown_stage(where);
    double seconds = -1;
    const auto number = text.value_or("");
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), seconds);
    const bool whole = parsed.ec == std::errc{} && parsed.ptr == number.data() + number.size();
    if (!whole || !(seconds >= 0 && seconds <= longest_delay))
        return "a delay is STAGE=SECONDS, with at most 3600 seconds";
    rule made;
    made.at = *at;
    made.what.delay = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    rules_.push_back(std::move(made));
    return std::nullopt;
}

probe_rules::complaint probe_rules::add_drop(std::string_view option)
{
    const auto at = stage_from_text(option);
    if (!at) return unknown_stage(option);
    rule made;
    made.at = *at;
    made.what.drop = true;
    rules_.push_back(std::move(made));
    return std::nullopt;
}

void probe_rules::only_first(std::uint64_t times)
{
    for (auto& one : rules_) one.left = times;
}

probe_rules::complaint probe_rules::misplaced(bool smtp) const
{
    for (const auto& one : rules_)
        if (!(smtp ? in_smtp(one.at) : in_xproto(one.at)))
            return (smtp ? "SMTP has no stage " : "xproto has no stage ") + std::string(to_text(one.at));
    return std::nullopt;
}

interference probe_rules::at(stage now, std::string_view address)
{
    interference result;
    for (auto& one : rules_) {
        const bool matches = one.at == now && (one.address.empty() || one.address == address);
        if (!matches || one.left == 0u) continue;
        if (one.left) --*one.left;
        result.delay += one.what.delay;
        if (result.drop || result.refuse) continue;
        result.drop = one.what.drop;
        result.refuse = one.what.refuse;
    }
    return result;
}

} // namespace gateway::tools
