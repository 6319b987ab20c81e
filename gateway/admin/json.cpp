// JSON (RFC 8259) of what the administration API shows.
#include "gateway/admin/json.hpp"

#include "xproto/utf8.hpp"

#include <boost/json.hpp>

namespace gateway::admin {
namespace {

namespace json = boost::json;

json::string text(std::string_view octets)
{
    return json::string(shown_text(octets));
}

json::object object_of(const health& value)
{
    json::array problems;
    for (const auto& p : value.problems) problems.push_back(text(p));
    return {{"ok", value.ok}, {"problems", std::move(problems)}};
}

json::object object_of(const queued_recipient& value)
{
    json::object out{{"number", value.number},
                     {"address", text(value.address)},
                     {"state", value.state},
                     {"attempts", value.attempts}};
    if (value.next_attempt != 0) out["next_attempt"] = value.next_attempt;
    if (!value.last_code.empty()) out["last_code"] = text(value.last_code);
    if (!value.last_text.empty()) out["last_text"] = text(value.last_text);
    return out;
}

json::object object_of(const queued_message& value)
{
    json::array recipients;
    for (const auto& r : value.recipients) recipients.push_back(object_of(r));
    return {{"id", value.id},
            {"xproto_id", text(value.xproto_id)},
            {"sender", text(value.sender)},
            {"accepted", value.accepted},
            {"expires", value.expires},
            {"held", value.held},
            {"protocol", text(value.protocol)},
            {"peer", text(value.peer)},
            {"octets",
             {{"envelope", value.envelope_octets}, {"headers", value.headers_octets}, {"body", value.body_octets}}},
            {"recipients", std::move(recipients)}};
}

} // namespace

std::string shown_text(std::string_view octets)
{
    if (xproto::is_utf8(octets)) return std::string(octets);
    std::string out;
    while (!octets.empty()) {
        std::size_t length = 1;
        while (length <= 4 && !xproto::is_utf8(octets.substr(0, length))) ++length;
        if (length > 4) {
            out += "\xef\xbf\xbd"; // U+FFFD
            octets.remove_prefix(1);
            continue;
        }
        length = std::min(length, octets.size());
        out += octets.substr(0, length);
        octets.remove_prefix(length);
    }
    return out;
}

std::string to_json(const status& value)
{
    json::object addresses;
    for (const auto& [name, bound] : value.addresses) addresses[name] = json::array(bound.begin(), bound.end());
    json::object totals;
    for (const auto& [name, count] : value.totals) totals[name] = count;
    const auto& s = value.sessions;
    const auto& q = value.queue;
    const json::object out{
        {"version", value.version},
        {"pid", value.pid},
        {"started", value.started},
        {"uptime", value.uptime_seconds},
        {"site", value.site},
        {"host", value.host},
        {"config", text(value.config)},
        {"addresses", std::move(addresses)},
        {"sessions",
         {{"smtp", {{"server", s.smtp_server}, {"client", s.smtp_client}}},
          {"xproto", {{"server", s.xproto_server}, {"client", s.xproto_client}}}}},
        {"queue",
         {{"messages", q.messages},
          {"due", q.due},
          {"active", q.active},
          {"deferred", q.deferred},
          {"octets", q.octets},
          {"oldest", q.oldest_seconds}}},
        {"certificate", {{"expires", value.certificate_until}}},
        {"totals", std::move(totals)},
        {"health", object_of(value.health)},
    };
    return json::serialize(out);
}

std::string to_json(const health& value)
{
    return json::serialize(object_of(value));
}

std::string to_json(const queued_message& value)
{
    return json::serialize(object_of(value));
}

std::string to_json(const control::reload_outcome& value)
{
    json::array messages;
    for (const auto& m : value.messages) messages.push_back(text(m));
    return json::serialize(json::object{{"done", value.done}, {"messages", std::move(messages)}});
}

std::string to_json(const std::vector<queued_message>& page, const queue_filter& filter)
{
    json::array messages;
    for (const auto& m : page) messages.push_back(object_of(m));
    json::object out{{"messages", std::move(messages)}};
    if (!page.empty() && page.size() >= filter.limit) out["next"] = page.back().id;
    return json::serialize(out);
}

std::string to_json(const std::vector<pinned_domain>& pins)
{
    json::array all;
    for (const auto& p : pins)
        all.push_back(json::object{{"domain", text(p.domain)}, {"until", p.until}, {"secure", p.secure}});
    return json::serialize(json::object{{"pins", std::move(all)}});
}

std::string count_json(std::string_view name, std::uint64_t count)
{
    return json::serialize(json::object{{name, count}});
}

std::string error_json(std::string_view what)
{
    return json::serialize(json::object{{"error", text(what)}});
}

std::string probe_json(std::string_view id)
{
    return json::serialize(json::object{{"id", text(id)}});
}

std::string to_json(const traceroute_step& value)
{
    using kind = traceroute_step::kind;
    json::object out;
    out["state"] = value.state == kind::waiting ? "waiting" : value.state == kind::answered ? "answered" : "failed";
    if (value.state != kind::waiting) out["milliseconds"] = value.milliseconds;
    if (value.state == kind::failed) out["failure"] = text(value.failure);
    if (value.state != kind::answered) return json::serialize(out);
    out["hop"] = value.hop;
    out["host"] = text(value.host);
    out["next"] = text(value.next);
    out["arrival"] = value.arrival;
    return json::serialize(out);
}

} // namespace gateway::admin
