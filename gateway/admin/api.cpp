// One table of resources; each row says what a method does there.
#include "gateway/admin/api.hpp"

#include "gateway/admin/json.hpp"

#include <array>
#include <charconv>
#include <map>
#include <vector>

namespace gateway::admin {
namespace {

using parameters = std::map<std::string, std::string, std::less<>>;

// A request, taken apart.
struct request {
    control& daemon;
    std::string id; // the path's second part
    parameters query;
};

answer failure(unsigned status, std::string_view what)
{
    answer a;
    a.status = status;
    a.body = error_json(what);
    return a;
}

answer body(std::string text)
{
    answer a;
    a.body = std::move(text);
    return a;
}

answer no_such_message(const std::string& id)
{
    return failure(404, "there is no message " + id + " in the queue");
}

answer get_status(const request& r)
{
    return body(to_json(r.daemon.status()));
}

// 503 while mail is put off, so that load balancers understand it too.
answer get_health(const request& r)
{
    const auto now = r.daemon.health();
    auto a = body(to_json(now));
    a.status = now.ok ? 200 : 503;
    return a;
}

answer get_metrics(const request& r)
{
    auto a = body(r.daemon.metrics());
    a.type = "text/plain; version=0.0.4; charset=utf-8";
    return a;
}

answer list_queue(const request& r)
{
    queue_filter filter;
    for (const auto& [name, value] : r.query) {
        if (name == "sender")
            filter.sender = value;
        else if (name == "recipient")
            filter.recipient = value;
        else if (name == "domain")
            filter.domain = value;
        else if (name == "after")
            filter.after = value;
        else if (name == "limit") {
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), filter.limit);
            const bool number = error == std::errc{} && end == value.data() + value.size();
            if (!number || filter.limit < 1 || filter.limit > 1000)
                return failure(400, "limit: wanted a number from 1 to 1000");
        } else
            return failure(400, name + ": no such parameter; there are sender, recipient, domain, after and limit");
    }
    return body(to_json(r.daemon.queue_list(filter), filter));
}

answer show_message(const request& r)
{
    const auto found = r.daemon.queue_show(r.id);
    return found ? body(to_json(*found)) : no_such_message(r.id);
}

template <object which> answer read_object(const request& r)
{
    const auto found = r.daemon.queue_show(r.id);
    if (!found) return no_such_message(r.id);
    answer a;
    a.type = which == object::body ? "application/octet-stream" : "application/xml";
    const auto octets = which == object::envelope  ? found->envelope_octets
                        : which == object::headers ? found->headers_octets
                                                   : found->body_octets;
    a.stream = object_stream{found->id, which, octets};
    return a;
}

answer retry_message(const request& r)
{
    const auto count = r.daemon.queue_retry(r.id);
    return count == 0 ? no_such_message(r.id) : body(count_json("retried", count));
}

answer retry_all(const request& r)
{
    return body(count_json("retried", r.daemon.queue_retry(std::nullopt)));
}

answer delete_message(const request& r)
{
    const auto count = r.daemon.queue_delete(r.id);
    return count == 0 ? no_such_message(r.id) : body(count_json("deleted", count));
}

// An id that got lost on the way must not empty the queue.
answer delete_all(const request& r)
{
    const auto all = r.query.find("all");
    if (all == r.query.end() || all->second != "yes") return failure(400, "to delete every message, say ?all=yes");
    return body(count_json("deleted", r.daemon.queue_delete(std::nullopt)));
}

answer send_probe(const request& r)
{
    const auto address = r.query.find("address");
    const auto hops = r.query.find("hops");
    if (address == r.query.end() || hops == r.query.end()) return failure(400, "wanted address and hops");
    std::uint32_t limit = 0;
    const auto& text = hops->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc{} || end != text.data() + text.size() || limit < 1 || limit > 64)
        return failure(400, "hops: wanted a number from 1 to 64");
    const auto sent = r.daemon.traceroute_send(address->second, limit);
    return sent.problem.empty() ? body(probe_json(sent.id)) : failure(409, sent.problem);
}

answer show_probe(const request& r)
{
    const auto found = r.daemon.traceroute_show(r.id);
    return found ? body(to_json(*found)) : failure(404, "there is no probe " + r.id);
}

answer list_pins(const request& r)
{
    return body(to_json(r.daemon.pins()));
}

answer delete_pin(const request& r)
{
    const auto domain = r.query.find("domain");
    if (domain == r.query.end()) return failure(400, "of which domain? say ?domain=");
    if (!r.daemon.pin_delete(domain->second)) return failure(404, "there is no pin of " + domain->second);
    return body(count_json("deleted", 1));
}

answer reload(const request& r)
{
    const auto outcome = r.daemon.reload();
    auto a = body(to_json(outcome));
    a.status = outcome.done ? 200 : 409;
    return a;
}

struct resource {
    std::string_view method;
    std::string_view path; // a part `*` is any id
    access needed;         // read_only: may be asked on TCP
    answer (*act)(const request&);
};

constexpr std::array resources{
    resource{"POST", "/traceroute", access::full, send_probe},
    resource{"GET", "/traceroute/*", access::full, show_probe},
    resource{"GET", "/status", access::read_only, get_status},
    resource{"GET", "/health", access::read_only, get_health},
    resource{"GET", "/metrics", access::read_only, get_metrics},
    resource{"GET", "/queue", access::full, list_queue},
    resource{"DELETE", "/queue", access::full, delete_all},
    resource{"POST", "/queue/retry", access::full, retry_all},
    resource{"GET", "/queue/*", access::full, show_message},
    resource{"DELETE", "/queue/*", access::full, delete_message},
    resource{"GET", "/queue/*/envelope", access::full, read_object<object::envelope>},
    resource{"GET", "/queue/*/headers", access::full, read_object<object::headers>},
    resource{"GET", "/queue/*/body", access::full, read_object<object::body>},
    resource{"POST", "/queue/*/retry", access::full, retry_message},
    resource{"GET", "/pins", access::full, list_pins},
    resource{"DELETE", "/pins", access::full, delete_pin},
    resource{"POST", "/reload", access::full, reload},
};

std::vector<std::string_view> parts_of(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool is_id(std::string_view text)
{
    for (const char c : text)
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))) return false;
    return !text.empty() && text.size() <= 64;
}

// Does the path fit the row? The id, where the row has one.
std::optional<std::string> match(std::string_view pattern, std::string_view path)
{
    const auto wanted = parts_of(pattern, '/');
    const auto given = parts_of(path, '/');
    if (wanted.size() != given.size()) return std::nullopt;
    std::string id;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const bool any = wanted[i] == "*" && is_id(given[i]);
        if (any)
            id = given[i];
        else if (wanted[i] != given[i])
            return std::nullopt;
    }
    return id;
}

std::optional<parameters> query_of(std::string_view target)
{
    parameters out;
    const auto mark = target.find('?');
    if (mark == target.npos) return out;
    for (const auto item : parts_of(target.substr(mark + 1), '&')) {
        const auto equals = item.find('=');
        auto name = percent_decoded(item.substr(0, equals));
        auto value = percent_decoded(equals == item.npos ? "" : item.substr(equals + 1));
        if (!name || !value) return std::nullopt;
        if (!name->empty()) out[*name] = *value;
    }
    return out;
}

} // namespace

std::optional<std::string> percent_decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        unsigned octet = 0;
        const auto digits = text.substr(i + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
        if (error != std::errc{} || digits.size() != 2 || end != digits.data() + digits.size()) return std::nullopt;
        out += static_cast<char>(octet);
        i += 2;
    }
    return out;
}

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        if (plain)
            out += c;
        else
            out.append(1, '%').append(1, digits[octet >> 4]).append(1, digits[octet & 15]);
    }
    return out;
}

answer respond(control& daemon, std::string_view method, std::string_view target, access allowed)
{
    if (method == "HEAD") method = "GET";
    const auto path = target.substr(0, target.find('?'));
    std::string methods;
    for (const auto& row : resources) {
        auto id = match(row.path, path);
        if (!id) continue;
        if (allowed == access::read_only && row.needed == access::full)
            return failure(403, "only on the Unix socket (admin.socket)");
        if (row.method == method) {
            auto query = query_of(target);
            if (!query) return failure(400, "the query holds a % that is no escape");
            return row.act({daemon, std::move(*id), std::move(*query)});
        }
        methods += (methods.empty() ? "" : ", ") + std::string(row.method);
    }
    if (methods.empty()) return failure(404, "there is nothing at this path");
    auto a = failure(405, "this path takes " + methods);
    a.allow = methods;
    return a;
}

} // namespace gateway::admin
