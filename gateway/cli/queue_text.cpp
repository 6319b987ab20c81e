// Queued messages (docs/admin-api.md) as people read them.
#include "gateway/cli/queue_text.hpp"

#include "gateway/cli/text.hpp"

namespace gateway::cli {
namespace {

namespace json = boost::json;

std::string text(const json::value& v)
{
    return printable(std::string_view(v.as_string()));
}

std::string optional_text(const json::value& of, std::string_view key)
{
    const auto* found = of.as_object().if_contains(key);
    return found == nullptr ? "" : text(*found);
}

std::int64_t number(const json::value& v)
{
    return v.to_number<std::int64_t>();
}

std::uint64_t octets(const json::value& message)
{
    std::uint64_t all = 0;
    for (const auto& object : message.at("octets").as_object()) all += object.value().to_number<std::uint64_t>();
    return all;
}

// What is known of a recipient's attempts: "4.4.1 connection refused".
std::string last_status(const json::value& recipient)
{
    const auto code = optional_text(recipient, "last_code");
    const auto words = optional_text(recipient, "last_text");
    return code + (code.empty() || words.empty() ? "" : " ") + words;
}

// "waiting, 2 attempts, next in 5m"
std::string progress(const json::value& recipient, std::int64_t now)
{
    auto out = text(recipient.at("state"));
    const auto attempts = recipient.at("attempts").to_number<std::uint64_t>();
    if (attempts != 0) out += ", " + count_text(attempts, "attempt", "attempts");
    const auto* next = recipient.as_object().if_contains("next_attempt");
    if (next != nullptr) out += number(*next) > now ? ", next in " + age_text(number(*next) - now) : ", due";
    return out;
}

bool waits(const json::value& recipient)
{
    const auto& state = recipient.at("state").as_string();
    return state == "waiting" || state == "active";
}

std::string sender_text(const json::value& message)
{
    return "<" + text(message.at("sender")) + ">";
}

} // namespace

std::string message_table(const json::array& messages, std::int64_t now, bool with_head)
{
    std::vector<std::vector<std::string>> rows;
    if (with_head) rows.push_back({"ID", "AGE", "SIZE", "FROM, AND TO WHOM IT STILL GOES"});
    for (const auto& m : messages) {
        rows.push_back({text(m.at("id")), age_text(now - number(m.at("accepted"))), size_text(octets(m)),
                        sender_text(m) + (m.at("held").as_bool() ? " (held)" : "")});
        for (const auto& r : m.at("recipients").as_array()) {
            if (!waits(r)) continue;
            const auto status = last_status(r);
            rows.push_back(
                {"", "", "",
                 "-> <" + text(r.at("address")) + "> " + progress(r, now) + (status.empty() ? "" : ": " + status)});
        }
    }
    return columns(rows);
}

std::string message_text(const json::value& m, std::int64_t now)
{
    const auto& sizes = m.at("octets");
    std::vector<std::vector<std::string>> rows{
        {"id", text(m.at("id"))},
        {"xproto id", text(m.at("xproto_id"))},
        {"from", sender_text(m)},
        {"accepted", time_text(number(m.at("accepted"))) + ", " + age_text(now - number(m.at("accepted"))) +
                         " ago, by " + text(m.at("protocol")) + " from " + text(m.at("peer"))},
        {"expires", time_text(number(m.at("expires")))},
        {"octets", "envelope " + json::serialize(sizes.at("envelope")) + ", headers " +
                       json::serialize(sizes.at("headers")) + ", body " + json::serialize(sizes.at("body"))},
    };
    if (m.at("held").as_bool())
        rows.push_back(
            {"held", "yes: nobody could be told that it was not delivered; not attempted until it is retried"});
    for (const auto& r : m.at("recipients").as_array()) {
        rows.push_back({"to", "<" + text(r.at("address")) + "> " + progress(r, now)});
        const auto status = last_status(r);
        if (!status.empty()) rows.push_back({"", status});
    }
    return columns(rows);
}

} // namespace gateway::cli
