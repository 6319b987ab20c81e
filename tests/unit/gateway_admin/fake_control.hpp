// A daemon of two messages, for the tests of the administration API.
#pragma once

#include "gateway/admin/control.hpp"

#include <algorithm>

namespace gateway::admin {

class fake_control : public control {
  public:
    fake_control()
    {
        queued_message first;
        first.id = "01hq8z2m4xk";
        first.xproto_id = "abc@edge.example";
        first.sender = "a@edge.example";
        first.accepted = 1763774625;
        first.expires = 1764206625;
        first.protocol = "ESMTPS";
        first.peer = "client.example [192.0.2.1]";
        first.envelope_octets = envelope.size();
        first.headers_octets = headers.size();
        first.body_octets = body.size();
        queued_recipient r;
        r.number = 1;
        r.address = "b@carrier.example";
        r.state = "waiting";
        r.attempts = 2;
        r.next_attempt = 1763774700;
        r.last_code = "4.4.1";
        r.last_text = "no \xff answer";
        first.recipients.push_back(r);
        auto second = first;
        second.id = "01hq8z2m4xm";
        second.sender = "";
        messages = {first, second};
    }

    admin::status status() override
    {
        admin::status s;
        s.version = "1.2.3";
        s.pid = 42;
        s.started = 1763774000;
        s.uptime_seconds = 625;
        s.site = "edge.example";
        s.host = "mx1.edge.example";
        s.addresses = {{"smtp", {"127.0.0.1:2525"}}, {"xproto", {"127.0.0.1:6525", "[::1]:6525"}}};
        s.sessions.smtp_server = 3;
        s.queue.messages = messages.size();
        s.totals = {{"accepted", 7}};
        s.health = now;
        return s;
    }
    admin::health health() override { return now; }
    std::string metrics() override { return "isthmus_up 1\n"; }

    std::vector<queued_message> queue_list(const queue_filter& filter) override
    {
        last_filter = filter;
        std::vector<queued_message> page;
        for (const auto& m : messages)
            if (m.id > filter.after && page.size() < filter.limit) page.push_back(m);
        return page;
    }
    std::optional<queued_message> queue_show(std::string_view id) override
    {
        for (const auto& m : messages)
            if (m.id == id) return m;
        return std::nullopt;
    }
    boost::system::result<std::string> queue_read(std::string_view, object which, std::uint64_t offset,
                                                  std::size_t octets) override
    {
        const auto& all = which == object::envelope ? envelope : which == object::headers ? headers : body;
        if (offset > fail_at) return boost::system::errc::make_error_code(boost::system::errc::io_error);
        if (offset >= all.size()) return std::string();
        return all.substr(static_cast<std::size_t>(offset), std::min<std::size_t>(octets, largest_piece));
    }
    std::uint64_t queue_retry(std::optional<std::string_view> id) override
    {
        const auto n = count(id);
        retried += n;
        return n;
    }
    std::uint64_t queue_delete(std::optional<std::string_view> id) override
    {
        const auto n = count(id);
        std::erase_if(messages, [&](const auto& m) { return !id || m.id == *id; });
        return n;
    }
    probe_outcome traceroute_send(const std::string& address, std::uint32_t hops) override
    {
        if (address.find('@') == std::string::npos) return {{}, address + " is no address"};
        probed = address + " " + std::to_string(hops);
        return {"p1", {}};
    }
    std::optional<traceroute_step> traceroute_show(std::string_view id) override
    {
        if (id != "p1") return std::nullopt;
        return step;
    }
    std::vector<pinned_domain> pins() override { return {{"a.example", 2000, true}}; }
    bool pin_delete(std::string_view domain) override { return domain == "a.example"; }
    reload_outcome reload() override { return reload_result; }

    std::vector<queued_message> messages;
    admin::health now;
    queue_filter last_filter;
    reload_outcome reload_result{true, {}};
    std::string probed;
    traceroute_step step;
    std::uint64_t retried = 0;
    std::uint64_t fail_at = ~std::uint64_t{0}; // queue_read fails beyond
    std::size_t largest_piece = 1000;          // it may give less than was asked for
    std::string envelope = "<envelope/>", headers = "<headers/>", body = std::string(200'000, 'x') + "end";

  private:
    std::uint64_t count(std::optional<std::string_view> id) const
    {
        return static_cast<std::uint64_t>(
            std::count_if(messages.begin(), messages.end(), [&](const auto& m) { return !id || m.id == *id; }));
    }
};

} // namespace gateway::admin
