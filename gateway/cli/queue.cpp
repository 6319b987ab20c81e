// isthmus queue: look into the running daemon's queue, and steer it.
#include "gateway/cli/commands.hpp"
#include "gateway/cli/common.hpp"
#include "gateway/cli/queue_text.hpp"

#include "gateway/admin/api.hpp"
#include "gateway/cli/daemon_link.hpp"
#include "gateway/cli/text.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <iostream>
#include <memory>

namespace gateway::cli {
namespace {

namespace json = boost::json;

struct options {
    daemon_options daemon;
    bool json = false;
    bool all = false;
    bool force = false;
    std::string sender, recipient, domain;
    std::uint64_t limit = 0;
    std::vector<std::string> ids;
    std::filesystem::path folder;
};

// --- list -----------------------------------------------------------------------------------------------------------

// The request for the next page, at most `most` messages long.
std::string page_target(const options& o, const std::string& after, std::uint64_t most)
{
    auto target = "/queue?limit=" + std::to_string(most);
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) target += std::string("&") + name + "=" + admin::percent_encoded(value);
    };
    add("sender", o.sender);
    add("recipient", o.recipient);
    add("domain", o.domain);
    add("after", after);
    return target;
}

// Pages are printed as they come, so that a queue of any length needs little memory.
int list(const options& o)
{
    constexpr std::uint64_t page = 500;
    daemon_link daemon(o.daemon);
    std::uint64_t shown = 0;
    std::string after;
    for (bool more = true; more;) {
        const auto most = o.limit == 0 ? page : std::min(page, o.limit - shown);
        const auto body = daemon.ask("GET", page_target(o, after, most));
        if (!body) return daemon.exit_code();
        const auto value = json::parse(*body);
        const auto& messages = value.at("messages").as_array();
        if (o.json)
            for (const auto& m : messages)
                std::cout << (shown++ == 0 ? "{\"messages\":[\n" : ",\n") << json::serialize(m);
        else if (!messages.empty())
            std::cout << message_table(messages, unix_now(), shown == 0);
        if (!o.json) shown += messages.size();
        const auto* next = value.as_object().if_contains("next");
        more = next != nullptr && (o.limit == 0 || shown < o.limit);
        if (more) after = std::string(next->as_string());
    }
    if (o.json)
        std::cout << (shown == 0 ? "{\"messages\":[" : "\n") << "]}\n";
    else
        std::cout << count_text(shown, "message", "messages") << '\n';
    return done;
}

// --- show -----------------------------------------------------------------------------------------------------------

// The three objects as files. Bodies are large, so they come in pieces; all three are there, or none.
int save(daemon_link& daemon, const options& o)
{
    if (const auto made = make_folder(o.folder); !made) return fail(negative, made.error().what);
    const std::pair<const char*, const char*> objects[] = {
        {"envelope", "envelope.xml"}, {"headers", "headers.xml"}, {"body", "body"}};
    for (const auto& [object, name] : objects)
        if (std::error_code ignored; !o.force && std::filesystem::exists(o.folder / name, ignored))
            return fail(negative, (o.folder / name).string() + " is there already; --force replaces it");
    std::vector<std::filesystem::path> drafts;
    for (const auto& [object, name] : objects) {
        drafts.push_back(o.folder / (std::string(name) + ".new"));
        if (daemon.save("/queue/" + o.ids.front() + "/" + object, drafts.back())) continue;
        for (const auto& d : drafts) {
            std::error_code ignored;
            std::filesystem::remove(d, ignored);
        }
        return daemon.exit_code();
    }
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        std::error_code error;
        std::filesystem::rename(drafts[i], o.folder / objects[i].second, error);
        if (error)
            return fail(negative, (o.folder / objects[i].second).string() + " cannot be made: " + error.message());
    }
    return done;
}

int show(const options& o)
{
    daemon_link daemon(o.daemon);
    const auto body = daemon.ask("GET", "/queue/" + admin::percent_encoded(o.ids.front()));
    if (!body) return daemon.exit_code();
    if (!o.folder.empty())
        if (const auto saved = save(daemon, o); saved != done) return saved;
    if (o.json)
        std::cout << *body << '\n';
    else
        std::cout << message_text(json::parse(*body), unix_now());
    return done;
}

// --- retry, delete --------------------------------------------------------------------------------------------------

int act(const options& o, std::string_view method, const std::string& suffix, const std::string& all_target,
        const char* what)
{
    if (o.all == !o.ids.empty()) return fail(usage, "name messages, or say --all");
    daemon_link daemon(o.daemon);
    std::uint64_t count = 0;
    int worst = done;
    const auto one = [&](const std::string& target) {
        const auto body = daemon.ask(method, target);
        if (body)
            count += json::parse(*body).at(what).to_number<std::uint64_t>();
        else
            worst = daemon.exit_code();
    };
    if (o.all) one(all_target);
    for (const auto& id : o.ids) {
        if (worst > negative) break; // the next will fare no better
        one("/queue/" + admin::percent_encoded(id) + suffix);
    }
    if (worst > negative && count == 0) return worst;
    if (o.json)
        std::cout << json::serialize(json::object{{what, count}}) << '\n';
    else
        std::cout << what << ' ' << count_text(count, "message", "messages") << '\n';
    return worst;
}

CLI::App* add(CLI::App& queue, const std::shared_ptr<options>& o, const char* name, const char* what,
              const char* example)
{
    auto* command = queue.add_subcommand(name, what);
    add_daemon_options(*command, o->daemon);
    command->add_flag("--json", o->json, "Print JSON (docs/admin-api.md)");
    command->footer(example);
    return command;
}

} // namespace

void add_queue(CLI::App& app, int& result)
{
    auto* queue = app.add_subcommand("queue", "Look into the queue of the running daemon, and steer it");
    queue->require_subcommand(1);
    queue->footer("Example:\n  isthmus queue list --domain carrier.example");
    const auto o = std::make_shared<options>();

    auto* lister = add(*queue, o, "list", "What waits, for whom, since when, and what the last attempt said",
                       "In order of acceptance.\n\nExample:\n  isthmus queue list --domain carrier.example --limit 20");
    lister->add_option("--sender", o->sender, "Only from this address")->type_name("ADDRESS");
    lister->add_option("--recipient", o->recipient, "Only for this address")->type_name("ADDRESS");
    lister->add_option("--domain", o->domain, "Only with a recipient in this domain")->type_name("DOMAIN");
    lister->add_option("--limit", o->limit, "At most so many")->type_name("N")->check(CLI::PositiveNumber);
    lister->callback([o, &result] { result = list(*o); });

    auto* shower = add(*queue, o, "show", "One message: its recipients and attempts; its objects as files",
                       "Example:\n  isthmus queue show 01hq8z2m4xk -o message\n  isthmus trace show message");
    shower->add_option("ID", o->ids, "The message, as in the log and the list")->required()->expected(1);
    shower->add_option("-o,--output", o->folder, "Write envelope.xml, headers.xml and body there")->type_name("DIR");
    shower->add_flag("--force", o->force, "Replace files that are there");
    shower->callback([o, &result] { result = show(*o); });

    auto* retry = add(*queue, o, "retry", "Make messages due now",
                      "Example:\n  isthmus queue retry 01hq8z2m4xk\n  isthmus queue retry --all");
    retry->add_option("ID", o->ids, "Messages");
    retry->add_flag("--all", o->all, "All of them");
    retry->callback([o, &result] { result = act(*o, "POST", "/retry", "/queue/retry", "retried"); });

    auto* remove =
        add(*queue, o, "delete", "Forget messages, without a report to anyone",
            "What is being delivered at this moment may still arrive.\n\nExample:\n  isthmus queue delete 01hq8z2m4xk");
    remove->add_option("ID", o->ids, "Messages");
    remove->add_flag("--all", o->all, "All of them");
    remove->callback([o, &result] { result = act(*o, "DELETE", "", "/queue?all=yes", "deleted"); });
}

} // namespace gateway::cli
