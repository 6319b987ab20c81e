// Own probes and what comes back for them.
#include "gateway/intake/traceroutes.hpp"

#include "gateway/intake/common.hpp"
#include "gateway/intake/control_intake.hpp"
#include "gateway/runtime/runtime.hpp"
#include "mapping/report/error_report_xml.hpp"
#include "xproto/certificate_issue.hpp"

namespace gateway::intake {

namespace {

std::string_view name_in(std::string_view message_id)
{
    return message_id.substr(0, message_id.find('@'));
}

std::string first_failure(const mapping::error_report& report)
{
    if (report.recipients.empty()) return "it came back without a reason";
    const auto& r = report.recipients.front();
    return r.diagnostic.text.empty() ? r.status_comment : r.diagnostic.text;
}

} // namespace

std::string traceroute_address(std::string_view site)
{
    return xproto::process_address(site);
}

std::string traceroutes::send(runtime& gateway, const std::string& address, std::uint32_t hops)
{
    const auto& settings = *gateway.settings;
    const auto id = make_message_id(settings.host);
    auto envelope = xproto::make_probe({hops}, traceroute_address(settings.site), address, id, gateway.now());
    const std::string name(name_in(id));
    if (order_.size() == most_kept) {
        sent_.erase(order_.front());
        order_.pop_front();
    }
    order_.push_back(name);
    sent_[name].sent = clock::now();
    store_control(gateway, std::move(envelope), [this, name](bool stored) {
        if (auto* mine = waiting(name); mine != nullptr && !stored) mine->failure = "it could not be stored";
    });
    return name;
}

const traceroutes::probe* traceroutes::find(std::string_view name) const
{
    const auto found = sent_.find(name);
    return found == sent_.end() ? nullptr : &found->second;
}

traceroutes::probe* traceroutes::waiting(std::string_view message_id)
{
    const auto found = sent_.find(name_in(message_id));
    return found == sent_.end() || found->second.back ? nullptr : &found->second;
}

bool traceroutes::take(const runtime& gateway, const xproto::envelope& message)
{
    const bool ours = message.objects.empty() && message.from.address.empty() && message.recipients.size() == 1 &&
                      message.recipients.front().address == traceroute_address(gateway.settings->site);
    if (!ours) return false;
    const auto& by = message.trace.empty() ? gateway.settings->host : message.trace.front().host;
    if (const auto* found = xproto::find_extension(message, xproto::route_answer_oid)) {
        take_answer(*found, by);
        return true;
    }
    const auto* found = mapping::find_report(message);
    const auto report = found != nullptr ? mapping::read_error_report(found->content)
                                         : xproto::parsed<mapping::error_report>(mapping::error_report());
    if (!report) return false;
    auto* mine = waiting(report->message);
    if (mine == nullptr) return false;
    mine->back = clock::now();
    mine->failure = by + ": " + first_failure(*report);
    return true;
}

// One that nobody waits for any more, or that another host than it names has signed, is for nobody.
void traceroutes::take_answer(const xproto::extension& found, const std::string& by)
{
    const auto answer = xproto::read_route_answer(found.content);
    if (!answer || !xproto::same_host(answer->host, by)) return;
    auto* mine = waiting(answer->probe);
    if (mine == nullptr) return;
    mine->back = clock::now();
    mine->answer = *answer;
}

bool traceroutes::admit(std::uint64_t per_minute, clock::time_point now)
{
    while (!admitted_.empty() && now - admitted_.front() >= minute) admitted_.pop_front();
    if (admitted_.size() >= per_minute) return false;
    admitted_.push_back(now);
    return true;
}

} // namespace gateway::intake
