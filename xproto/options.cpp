// OPT, judged by the extension table.
#include "xproto/options.hpp"

#include "xproto/announcement.hpp"
#include "xproto/codes.hpp"
#include "xproto/extensions.hpp"
#include "xproto/line_writer.hpp"

#include <algorithm>

namespace xproto {

namespace {

option_verdict judge(const extension_table& table, const group_item& item, option_set offered)
{
    option_verdict verdict;
    verdict.name = item.name;
    const auto* row = table.find_option(item.name);
    if (!row) {
        verdict.code = codes::option_unknown;
        return verdict;
    }
    verdict.which = row->id;
    const auto value = item.value.value_or("");
    const bool known = std::find(row->values.begin(), row->values.end(), value) != row->values.end();
    verdict.on = value != "OFF";
    const bool sound = known && item.text.empty() && item.answer == word::request;
    verdict.accepted = offered.has(row->id) && sound;
    verdict.code = !offered.has(row->id) ? codes::option_not_offered : sound ? row->switched : codes::option_value;
    return verdict;
}

void refuse(option_verdict& verdict, const result_code& why)
{
    verdict.accepted = false;
    verdict.code = why;
}

option_set switched(const std::vector<option_verdict>& verdicts, option_set active)
{
    for (const auto& verdict : verdicts)
        if (verdict.accepted) active.set(verdict.which, verdict.on);
    return active;
}

// Does it switch DUPLEX on, so that the client has something to announce?
bool begins_duplex(const extension_table& table, std::string_view groups)
{
    const auto* row = table.find(option::duplex);
    group_reader reader(groups);
    while (const auto item = reader.next())
        if (row != nullptr && item->name == row->word && item->value == "ON") return true;
    return false;
}

bool announces(const group_item& item)
{
    return item.name == "WINDOW" || item.name == "LIMITS";
}

} // namespace

std::vector<option_verdict> judge_options(const extension_table& table, std::string_view groups, option_set offered,
                                          option_set active, announcement& said)
{
    std::vector<option_verdict> verdicts;
    const bool duplex = begins_duplex(table, groups);
    group_reader reader(groups);
    while (const auto item = reader.next()) {
        if (verdicts.size() == most_options) return {};
        if (duplex && announces(*item) && read_announcement(table, *item, said)) continue;
        auto verdict = judge(table, *item, offered);
        if (duplex && announces(*item)) verdict.code = codes::option_value;
        const bool repeated = std::any_of(verdicts.begin(), verdicts.end(),
                                          [&](const option_verdict& earlier) { return earlier.name == verdict.name; });
        if (repeated) refuse(verdict, codes::option_value);
        verdicts.push_back(verdict);
    }
    const auto after = switched(verdicts, active);
    for (auto& verdict : verdicts) {
        if (!verdict.accepted || !verdict.on) continue;
        const auto needs = table.find(verdict.which)->needs;
        if (needs && !after.has(*needs)) refuse(verdict, codes::option_needs_another);
    }
    return verdicts;
}

bool answer_options(const extension_table& table, std::string& out, std::uint32_t tag,
                    const std::vector<option_verdict>& verdicts, option_set& active)
{
    const bool all = std::all_of(verdicts.begin(), verdicts.end(), [](const auto& v) { return v.accepted; });
    line_writer answer(out, tag, all ? word::ok : word::err, all ? codes::options_set : codes::options_refused);
    for (const auto& verdict : verdicts) {
        if (all) {
            answer.answer(verdict.name, {}, word::ok, verdict.code, {}, 0);
        } else if (!verdict.accepted) {
            const auto text = table.text_of(verdict.code);
            answer.answer(verdict.name, {}, word::err, verdict.code, text, text.size());
        }
    }
    if (all) {
        active = table.workable(switched(verdicts, active));
        answer.text(text_of(codes::options_set), text_of(codes::options_set).size());
    }
    answer.end();
    return all;
}

} // namespace xproto
