// The table of transfer options, and OPT.
#include "xproto/options.hpp"

#include "xproto/codes.hpp"
#include "xproto/line_writer.hpp"

#include <algorithm>
#include <array>

namespace xproto {

namespace {

struct option_row {
    option id;
    std::string_view name;
};

constexpr std::array option_rows{
    option_row{option::pipe, "PIPE"},
};

const option_row* find(std::string_view name)
{
    const auto found =
        std::find_if(option_rows.begin(), option_rows.end(), [&](const option_row& row) { return row.name == name; });
    return found == option_rows.end() ? nullptr : &*found;
}

option_verdict judge(const group_item& item, option_set offered)
{
    option_verdict verdict;
    verdict.name = item.name;
    const auto* row = find(item.name);
    if (!row) {
        verdict.code = codes::option_unknown;
        return verdict;
    }
    verdict.which = row->id;
    verdict.on = item.value == "ON";
    const bool sound = (verdict.on || item.value == "OFF") && item.text.empty() && item.answer == word::request;
    verdict.code = !offered.has(row->id) ? codes::option_not_offered : sound ? codes::options_set : codes::option_value;
    return verdict;
}

} // namespace

std::string_view name_of(option o)
{
    return option_rows[static_cast<std::size_t>(o)].name;
}

std::vector<option_verdict> judge_options(std::string_view groups, option_set offered)
{
    std::vector<option_verdict> verdicts;
    group_reader reader(groups);
    while (const auto item = reader.next()) {
        if (verdicts.size() == most_options) return {};
        auto verdict = judge(*item, offered);
        const bool repeated = std::any_of(verdicts.begin(), verdicts.end(),
                                          [&](const option_verdict& earlier) { return earlier.name == verdict.name; });
        if (repeated) verdict.code = codes::option_value;
        verdicts.push_back(verdict);
    }
    return verdicts;
}

bool answer_options(std::string& out, std::uint32_t tag, const std::vector<option_verdict>& verdicts,
                    option_set& active)
{
    const auto accepted = [](const option_verdict& v) { return v.code == codes::options_set; };
    const bool all = std::all_of(verdicts.begin(), verdicts.end(), accepted);
    line_writer answer(out, tag, all ? word::ok : word::err, all ? codes::options_set : codes::options_refused);
    for (const auto& verdict : verdicts) {
        if (all) {
            active.set(verdict.which, verdict.on);
            answer.answer(verdict.name, {}, word::ok, verdict.code, {}, 0);
        } else if (!accepted(verdict)) {
            const auto text = text_of(verdict.code);
            answer.answer(verdict.name, {}, word::err, verdict.code, text, text.size());
        }
    }
    if (all) answer.text(text_of(codes::options_set), text_of(codes::options_set).size());
    answer.end();
    return all;
}

} // namespace xproto
