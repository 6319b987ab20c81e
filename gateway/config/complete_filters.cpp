// What no single key of a [[filter]] or [[list]] can tell: when conditions are known, which codes fit an action, what a
// list can be asked about.
#include "gateway/config/keys.hpp"

#include "gateway/config/quantity.hpp"
#include "gateway/config/take.hpp"
#include "gateway/config/web_address.hpp"

#include <algorithm>

namespace gateway::config {
namespace {

using complaint = std::function<void(const std::string& key, const std::string& what)>;

std::string_view to_text(filter_stage value)
{
    for (const auto& [text, stage] : words<filter_stage>::table)
        if (stage == value) return text;
    return "";
}

// The first stage at which everything is known that the rule asks for.
filter_stage earliest_for(const filter& rule)
{
    if (!rule.field.empty()) return filter_stage::headers;
    const bool envelope = rule.max_octets != 0 || !rule.senders.empty() || !rule.recipients.empty() ||
                          !rule.options.empty() || !rule.media_type.empty();
    return envelope ? filter_stage::envelope : filter_stage::envelope_announced;
}

bool is_empty(const filter& rule)
{
    return rule.hosts.empty() && rule.addresses.empty() && rule.trust.empty() && rule.min_tls == tls_version::none &&
           rule.protocol == mail_protocol::any && earliest_for(rule) == filter_stage::envelope_announced;
}

bool is_number(std::string_view text)
{
    return !text.empty() && text.size() <= 3 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "5.7.1" with this class.
bool is_code(std::string_view text, char of_class)
{
    if (text.size() < 5 || text[0] != of_class || text[1] != '.') return false;
    const auto rest = text.substr(2);
    const auto dot = rest.find('.');
    return dot != rest.npos && is_number(rest.substr(0, dot)) && is_number(rest.substr(dot + 1));
}

void complete_one(filter& rule, const std::string& name, const complaint& wrong)
{
    if (rule.name.empty()) rule.name = name;
    const auto first = earliest_for(rule);
    if (is_empty(rule)) wrong(name, "has no condition, and would be about all mail");
    if (rule.at == filter_stage::earliest) rule.at = first;
    if (rule.at < first)
        wrong(name + ".at", "what the rule asks for is known only at \"" + std::string(to_text(first)) + "\"");
    if (rule.field.empty() && !rule.matches.empty()) wrong(name + ".matches", "of which field? `field` is missing");
    const char of_class = rule.action == filter_action::defer ? '4' : '5';
    if (rule.code.empty()) rule.code = of_class + std::string(".7.1");
    if (!is_code(rule.code, of_class))
        wrong(name + ".code", std::string("wanted a status code such as \"") + of_class + ".7.1\"");
}

void complete_one(trust_list& list, const std::string& name, const complaint& wrong)
{
    if (list.name.empty()) list.name = name;
    if (int(!list.file.empty()) + int(!list.dns.empty()) + int(!list.url.empty()) != 1)
        wrong(name, "wanted one of file, dns and url");
    if (list.by == list_by::sender && list.kind == list_kind::vouch)
        wrong(name + ".by", "a sender's address is its own word, which nobody can vouch for; wanted kind = \"block\"");
    if (list.by == list_by::sender && !list.dns.empty())
        wrong(name + ".by", "lists in the DNS know addresses and names; wanted \"domain\", or a file");
    if (list.on_failure == list_failure::defer && list.kind == list_kind::vouch)
        wrong(name + ".on_failure", "only of lists that block");
    if (!list.url.empty() && !web_address_from_text(list.url))
        wrong(name + ".url",
              R"(wanted "https://host/path", without user names and fragments; found ")" + list.url + '"');
    if (list.stale < list.refresh)
        wrong(name + ".stale",
              "wanted at least refresh (" + config::to_text(list.refresh) + "); found " + config::to_text(list.stale));
}

// Keys that say how a list is fetched, of one that is not.
void without_url(const settings& value, const std::string& name, const complaint& wrong)
{
    for (const auto* key : {".ca", ".refresh", ".stale"})
        if (value.places.contains(name + key)) wrong(name + key, "is for a list with url");
}

} // namespace

void complete_filters(settings& value, const complaint& wrong)
{
    for (std::size_t i = 0; i < value.filters.size(); ++i)
        complete_one(value.filters[i], "filter[" + std::to_string(i + 1) + "]", wrong);
    for (std::size_t i = 0; i < value.lists.size(); ++i) {
        const auto name = "list[" + std::to_string(i + 1) + "]";
        complete_one(value.lists[i], name, wrong);
        if (value.lists[i].url.empty()) without_url(value, name, wrong);
    }
}

} // namespace gateway::config
