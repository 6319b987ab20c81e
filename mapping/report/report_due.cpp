// One keyword after another; the strictest wish wins.
#include "mapping/report/report_due.hpp"

#include "mapping/header_section.hpp"
#include "smtp/command.hpp"

#include <algorithm>

namespace mapping {

bool report_due(const smtp::transaction& original, const smtp::recipient& recipient, report_action action)
{
    if (original.reverse_path.empty()) return false;
    auto failure = false, delay = false, success = false, never = false;
    if (const auto* const notify = find_value(recipient.parameters, "NOTIFY")) {
        auto rest = std::string_view(*notify);
        while (!rest.empty()) {
            const auto word = rest.substr(0, rest.find(','));
            never = never || same_name(word, "NEVER");
            failure = failure || same_name(word, "FAILURE");
            delay = delay || same_name(word, "DELAY");
            success = success || same_name(word, "SUCCESS");
            rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        }
    }
    if (never) return false;
    if (!failure && !delay && !success) failure = delay = true;
    switch (action) {
    case report_action::failed: return failure;
    case report_action::delayed: return delay;
    case report_action::relayed:
    case report_action::delivered:
    case report_action::expanded: break;
    }
    return success;
}

const std::string* find_value(const std::vector<smtp::parameter>& parameters, std::string_view keyword)
{
    const auto* const found = smtp::find_parameter(parameters, keyword);
    return found && found->value ? &*found->value : nullptr;
}

} // namespace mapping
