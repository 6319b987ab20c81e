// One coroutine for each list: ask, take what comes, wait.
#include "gateway/trust/web_lists.hpp"

#include "gateway/config/web_address.hpp"
#include "gateway/net/https.hpp"
#include "gateway/spool/replace_file.hpp"
#include "gateway/trust/list_copy.hpp"
#include "xproto/digest.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace gateway::trust {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds first_retry{30}; // after a failure; each further one waits twice as long, up to refresh
constexpr unsigned most_doublings = 20;
constexpr std::uintmax_t most_ca_octets = 1 << 20;

std::string key_of(const config::trust_list& list)
{
    return std::to_string(static_cast<int>(list.by)) + " " + list.ca.string() + " " + list.url;
}

net::tls_result<net::tls_context> tls_for(const config::trust_list& list)
{
    if (list.ca.empty()) return net::tls_context::https_client();
    std::error_code error;
    const auto size = std::filesystem::file_size(list.ca, error);
    std::ifstream in(list.ca, std::ios::binary);
    if (error || size > most_ca_octets || !in) return net::tls_error{list.ca.string() + " cannot be read"};
    const std::string pem{std::istreambuf_iterator<char>(in), {}};
    auto made = pem.empty() ? net::tls_error{"it is empty"} : net::tls_context::https_client(pem);
    if (!made) return net::tls_error{list.ca.string() + ": " + made.error().what};
    return made;
}

struct digested {
    std::shared_ptr<const config::list_entries> entries; // null: not wanted, or wrong
    std::string why;                                     // wrong, or not kept
    bool wrong = false;
};

// In the worker's thread: reads the entries, and keeps the copy. When nothing has changed, the disk has the text, and
// is written again with the new time.
asio::awaitable<digested> digest(config::list_by by, config::list_limits limits, list_copy fresh, bool changed,
                                 std::filesystem::path file)
{
    digested made;
    if (!changed) {
        auto kept = read_copy(file, limits.octets);
        if (!kept) {
            made.wrong = true;
            made.why = "the copy " + kept.error().what;
            co_return made;
        }
        kept->confirmed = fresh.confirmed;
        fresh = std::move(*kept);
    } else {
        auto read = config::list_entries::parse(by, fresh.text, limits);
        if (!read) {
            made.wrong = true;
            made.why = (read.error().line == 0 ? "the list " : "line " + std::to_string(read.error().line) + ": ") +
                       read.error().what;
            co_return made;
        }
        made.entries = std::make_shared<const config::list_entries>(std::move(*read));
    }
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    made.why = spool::replace_file(file, to_text(fresh));
    co_return made;
}

} // namespace

struct web_lists::source {
    source(asio::io_context& context, const config::trust_list& wanted) : list(wanted), timer(context) {}

    config::trust_list list;
    asio::steady_timer timer;
    std::shared_ptr<const config::list_entries> entries; // null: never fetched
    std::int64_t confirmed = 0;
    net::file_version version;
    std::string problem; // of the last fetch
    unsigned failures = 0;
    bool told_stale = false;
    bool gone = false; // from the configuration
};

web_lists::web_lists(asio::io_context& context, net::watchdog& dog, log::logger& log, metrics::daemon& counters,
                     clock now)
    : context_(context), dog_(dog), log_(log), counters_(counters), now_(std::move(now))
{
}

web_lists::~web_lists()
{
    worker_.join();
}

void web_lists::use(std::shared_ptr<const config::settings> settings)
{
    settings_ = std::move(settings);
    auto before = std::move(sources_);
    sources_.clear();
    for (const auto& list : settings_->lists) {
        if (list.url.empty()) continue;
        auto& mine = sources_[key_of(list)];
        if (mine) continue; // the same twice
        if (const auto known = before.find(key_of(list)); known != before.end()) {
            mine = std::move(known->second);
            before.erase(known);
            mine->list = list;
            mine->failures = 0;
            mine->timer.cancel();
            continue;
        }
        mine = std::make_shared<source>(context_, list);
        read_copy(*mine);
        asio::co_spawn(context_, follow(mine), asio::detached);
    }
    for (auto& [key, one] : before) {
        one->gone = true;
        one->timer.cancel();
    }
    count_stale();
}

std::filesystem::path web_lists::copy_file(const config::trust_list& list) const
{
    const auto name = xproto::to_text(xproto::sha256(key_of(list)));
    return settings_->state / "lists" / (name.substr(name.find(':') + 1, 32) + ".list");
}

void web_lists::read_copy(source& mine)
{
    const auto file = copy_file(mine.list);
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return;
    const config::list_limits limits{settings_->limits.list_octets, settings_->limits.list_entries};
    auto copy = trust::read_copy(file, limits.octets);
    auto why = copy ? std::string() : copy.error().what;
    if (copy && copy->url != mine.list.url) why = "is the copy of another list";
    if (why.empty()) {
        auto entries = config::list_entries::parse(mine.list.by, copy->text, limits);
        if (entries) {
            mine.entries = std::make_shared<const config::list_entries>(std::move(*entries));
            mine.confirmed = copy->confirmed;
            mine.version = copy->version;
            return log_.info("list_kept", {{"list", mine.list.name},
                                           {"url", mine.list.url},
                                           {"entries", mine.entries->size()},
                                           {"age_seconds", age(mine)}});
        }
        why = entries.error().what;
    }
    log_.error("list_copy_unreadable", {{"list", mine.list.name}, {"reason", file.string() + " " + why}});
}

std::int64_t web_lists::age(const source& one) const
{
    return std::max<std::int64_t>(0, now_() - one.confirmed);
}

bool web_lists::is_stale(const source& one) const
{
    return !one.entries || age(one) > one.list.stale.count();
}

web_lists::state web_lists::find(const config::trust_list& list) const
{
    state said;
    const auto mine = sources_.find(key_of(list));
    if (mine == sources_.end() || !mine->second->entries)
        said.why = "it could not be fetched";
    else if (is_stale(*mine->second))
        said.why = "it is stale";
    else
        said.entries = mine->second->entries.get();
    return said;
}

void web_lists::count_stale()
{
    const auto stale = [this](const auto& one) { return is_stale(*one.second); };
    counters_.lists_stale.set(std::count_if(sources_.begin(), sources_.end(), stale));
}

asio::awaitable<void> web_lists::follow(shared_source mine)
{
    while (!mine->gone) {
        co_await fetch(mine);
        const auto refresh = mine->list.refresh;
        const auto pause = mine->failures == 0
                               ? refresh
                               : std::min(refresh, first_retry * (1 << std::min(mine->failures - 1, most_doublings)));
        mine->timer.expires_after(pause);
        if (mine->gone) co_return;
        boost::system::error_code woken;
        co_await mine->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
}

asio::awaitable<void> web_lists::fetch(shared_source mine)
{
    const auto where = config::web_address_from_text(mine->list.url);
    const auto tls = tls_for(mine->list);
    counters_.list_fetches.add();
    if (!where || !tls) co_return failed(*mine, where ? tls.error().what : "this is no address");
    net::https_request wanted;
    wanted.host = where->host;
    wanted.port = where->port;
    wanted.target = where->target;
    wanted.most_octets = settings_->limits.list_octets;
    wanted.patience = settings_->timeouts.list;
    if (mine->entries) wanted.known = mine->version;
    auto got = co_await net::https_get(dog_, *tls, std::move(wanted));
    if (mine->gone) co_return;
    if (got.what == net::http_answer::outcome::failed) co_return failed(*mine, std::move(got.why));
    list_copy fresh;
    fresh.url = mine->list.url;
    fresh.confirmed = now_();
    const bool changed = got.what == net::http_answer::outcome::fetched;
    if (changed) {
        fresh.version = std::move(got.version);
        fresh.text = std::move(got.body);
    }
    auto why = co_await take(mine, std::move(fresh), changed);
    if (!why.empty()) failed(*mine, std::move(why));
}

// The new state of a list, or only the news that the old one still is. Why it is not taken; empty: it is.
asio::awaitable<std::string> web_lists::take(shared_source mine, list_copy fresh, bool changed)
{
    const config::list_limits limits{settings_->limits.list_octets, settings_->limits.list_entries};
    const auto file = copy_file(mine->list);
    const auto confirmed = fresh.confirmed;
    auto version = changed ? fresh.version : mine->version;
    const auto octets = fresh.text.size();
    auto work = digest(mine->list.by, limits, std::move(fresh), changed, file);
    auto done = co_await asio::co_spawn(worker_, std::move(work), asio::use_awaitable);
    if (done.wrong && !changed) mine->version = {}; // so that the next answer is the list
    if (done.wrong || mine->gone) co_return done.why;
    if (changed) mine->entries = std::move(done.entries);
    mine->confirmed = confirmed;
    mine->version = std::move(version);
    mine->problem.clear();
    mine->failures = 0;
    mine->told_stale = false;
    count_stale();
    if (!done.why.empty()) log_.error("list_not_kept", {{"list", mine->list.name}, {"reason", done.why}});
    if (changed)
        log_.info("list_fetched", {{"list", mine->list.name},
                                   {"url", mine->list.url},
                                   {"octets", octets},
                                   {"entries", mine->entries->size()}});
    else
        log_.debug("list_unchanged", {{"list", mine->list.name}, {"url", mine->list.url}});
    if (changed) changed_();
    co_return std::string();
}

// The list stays as it was. Each new trouble is told once, and once more that it has made the list stale.
void web_lists::failed(source& mine, std::string why)
{
    counters_.list_fetch_failures.add();
    ++mine.failures;
    count_stale();
    const bool known = why == mine.problem;
    mine.problem = std::move(why);
    if (!known)
        log_.warning("list_fetch_failed", {{"list", mine.list.name},
                                           {"url", mine.list.url},
                                           {"reason", mine.problem},
                                           {"old_one_stays", !is_stale(mine)}});
    if (!is_stale(mine) || mine.told_stale) return;
    mine.told_stale = true;
    const auto what = mine.list.on_failure == config::list_failure::defer ? "defer" : "ignore";
    log_.error("list_stale", {{"list", mine.list.name},
                              {"url", mine.list.url},
                              {"age_seconds", mine.entries ? age(mine) : 0},
                              {"fetched_ever", mine.entries != nullptr},
                              {"on_failure", what}});
}

} // namespace gateway::trust
