// The daemon.
#include "gateway/daemon/daemon.hpp"

#include "gateway/admin/server.hpp"
#include "gateway/admission/filter.hpp"
#include "gateway/config/check.hpp"
#include "gateway/daemon/certificate_watch.hpp"
#include "gateway/daemon/controller.hpp"
#include "gateway/daemon/part_settings.hpp"
#include "gateway/daemon/service_manager.hpp"
#include "gateway/daemon/session_reviews.hpp"
#include "gateway/delivery/dispatcher.hpp"
#include "gateway/intake/senders.hpp"
#include "gateway/net/listener.hpp"
#include "gateway/policy/path_guard.hpp"
#include "gateway/sessions/smtp_server.hpp"
#include "gateway/sessions/xproto_server.hpp"
#include "gateway/site/identity.hpp"
#include "gateway/trust/listing_filter.hpp"
#include "gateway/validity/host_validator.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <sys/resource.h>

#include <csignal>
#include <ctime>
#include <iostream>

namespace gateway::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds drain_poll{50};

void allow_many_descriptors()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

class process {
  public:
    process(const config::settings& settings, std::string version, const xproto::extension_table& extensions)
        : version_(std::move(version)), extensions_(extensions),
          log_(settings.log.level, settings.log.format, log::to_descriptor(2)), dog_(context_), sessions_(counters_),
          signals_(context_), drain_timer_(context_), settings_(std::make_shared<const config::settings>(settings))
    {
    }

    int run();

  private:
    bool open();
    bool open_spool();
    bool open_dns();
    void open_held();
    bool listen(const std::string& name, const std::vector<config::endpoint>& where, metrics::protocol protocol,
                config::start start = config::start::tls);
    bool open_admin();
    void accept(metrics::protocol protocol, config::start start, asio::ip::tcp::socket socket);
    bool too_many(metrics::protocol protocol, const net::stream& connection);
    void wait_for_signal();
    admin::control::reload_outcome reload();
    void use(std::shared_ptr<const site::identity> identity);
    void reload_certificates();
    void begin_day()
    {
        look_at_expiry();
        reviews_.begin();
    }
    void look_at_expiry() { tell_of_expiry(log_, *settings_, *runtime_->identity, runtime_->now()); }
    void stop();
    void wait_until_drained(std::chrono::steady_clock::time_point deadline);
    bool failed(const std::string& what)
    {
        log_.error("start_failed", {{"reason", what}});
        std::cerr << "isthmus: " << what << "\n";
        return false;
    }

    std::string version_;
    const xproto::extension_table& extensions_;
    asio::io_context context_{1};
    metrics::daemon counters_;
    log::logger log_;
    net::watchdog dog_;
    sessions::registry sessions_;
    session_reviews reviews_{context_, sessions_};
    asio::signal_set signals_;
    asio::steady_timer drain_timer_;
    std::shared_ptr<const config::settings> settings_;
    xproto::validation_cache certificates_;
    xproto::verified_batches batches_;
    std::unique_ptr<intake::senders> senders_;
    std::unique_ptr<net::resolver> dns_;
    std::unique_ptr<trust::web_lists> web_lists_;
    std::unique_ptr<trust::lists> lists_;
    std::unique_ptr<policy::path_guard> paths_;
    std::unique_ptr<admission::filter> rules_, filter_;
    std::unique_ptr<validity::host_validator> hosts_;
    std::unique_ptr<spool::spool> spool_;
    std::unique_ptr<spool::held_objects> held_;
    std::unique_ptr<runtime> runtime_;
    std::unique_ptr<delivery::dispatcher> deliveries_;
    std::unique_ptr<controller> controller_;
    std::unique_ptr<admin::server> admin_;
    certificate_watch certificates_changed_{context_,
                                            {[this]() -> const config::settings& { return *settings_; },
                                             [this] { reload_certificates(); }, [this] { begin_day(); }}};
    std::vector<std::unique_ptr<net::listener>> listeners_;
    bool stopping_ = false;
};

bool process::open_spool()
{
    std::error_code ec;
    std::filesystem::create_directories(settings_->state, ec);
    if (ec) return failed("state: cannot make " + settings_->state.string() + ": " + ec.message());
    auto wanted = spool_settings(*settings_);
    wanted.post = [this](std::function<void()> task) { asio::post(context_, std::move(task)); };
    wanted.notice = [this](const std::string& text) { log_.error("spool", {{"text", text}}); };
    wanted.on_round = [this](const spool::commit_round& round) {
        if (round.committed > 0) counters_.commit_messages.observe(static_cast<double>(round.committed));
        counters_.commit_failures.add(round.failed);
        counters_.commit_seconds.observe(round.seconds);
    };
    auto opened = spool::open_on_disk(std::move(wanted));
    if (!opened.store) return failed(opened.problem);
    spool_ = std::move(opened.store);
    return true;
}

bool process::open_dns()
{
    auto made = net::make_resolver(context_, dns_settings(*settings_));
    if (!made) return failed("dns: " + made.error().what);
    dns_ = std::move(*made);
    return true;
}

// What cannot be kept costs octets, not mail: trouble here is told, and stops nothing.
void process::open_held()
{
    const auto now = [] { return static_cast<std::int64_t>(std::time(nullptr)); };
    held_ = std::make_unique<spool::held_objects>(settings_->state / "held", held_limits(*settings_), now);
    if (!held_->problem().empty()) log_.error("held_objects", {{"reason", held_->problem()}});
}

bool process::listen(const std::string& name, const std::vector<config::endpoint>& where, metrics::protocol protocol,
                     config::start start)
{
    const auto key = name + (start == config::start::clear ? ".clear_listen" : ".listen");
    for (const auto& wanted : where) {
        boost::system::error_code ec;
        const auto address = asio::ip::make_address(wanted.host, ec);
        const auto text = config::to_text(wanted);
        if (ec) return failed(key + ": " + text + ": this is no IP address");
        auto opened = net::listener::open(context_, {address, wanted.port});
        if (!opened) return failed(key + ": cannot listen on " + text + ": " + opened.error().message());
        controller_->add_address(start == config::start::clear ? name + "_clear" : name,
                                 net::to_text((*opened)->local()));
        listeners_.push_back(std::move(*opened));
        listeners_.back()->start(
            [this, protocol, start](asio::ip::tcp::socket socket) { accept(protocol, start, std::move(socket)); });
    }
    return true;
}

bool process::open_admin()
{
    admin_ = std::make_unique<admin::server>(context_.get_executor(), *controller_);
    const auto& where = settings_->admin;
    std::error_code ec;
    std::filesystem::create_directories(where.socket.parent_path(), ec);
    if (const auto bound = admin_->listen_unix(where.socket); !bound)
        return failed("admin.socket: cannot listen on " + where.socket.string() + ": " + bound.error().message());
    controller_->add_address("admin_socket", where.socket.string());
    for (const auto& wanted : where.listen) {
        const auto bound = admin_->listen_tcp(wanted.host, wanted.port);
        if (!bound)
            return failed("admin.listen: cannot listen on " + config::to_text(wanted) + ": " + bound.error().message());
        controller_->add_address("admin", *bound);
    }
    return true;
}

bool process::open()
{
    auto identity = site::identity::load(*settings_);
    if (!identity) return failed(identity.error().what);
    if (!open_spool() || !open_dns()) return false;
    open_held();
    senders_ = std::make_unique<intake::senders>(context_, *identity, settings_->host);
    hosts_ = std::make_unique<validity::host_validator>(context_, *dns_, settings_);
    const auto now = [] { return static_cast<std::int64_t>(std::time(nullptr)); };
    paths_ = std::make_unique<policy::path_guard>(*dns_, log_, settings_->state / "pins", now);
    if (const auto why = paths_->load(); !why.empty()) return failed(why);
    web_lists_ = std::make_unique<trust::web_lists>(context_, dog_, log_, counters_, now);
    lists_ = std::make_unique<trust::lists>(context_, *dns_, *web_lists_, log_);
    lists_->on_change([this] { reviews_.begin(); });
    lists_->use(settings_);
    rules_ = std::make_unique<admission::rule_filter>([this] { return settings_; });
    filter_ = std::make_unique<trust::listing_filter>(*lists_, *rules_);
    runtime_.reset(new runtime{context_,      dog_,     log_,        counters_, *spool_,   *held_,   sessions_,
                               certificates_, batches_, extensions_, *senders_, *dns_,     *hosts_,  *filter_,
                               *lists_,       *paths_,  nullptr,     nullptr,   settings_, *identity});
    deliveries_ = std::make_unique<delivery::dispatcher>(*runtime_);
    controller_ = std::make_unique<controller>(*runtime_, *deliveries_, version_, [this] { return reload(); });
    if (!listen("smtp", settings_->smtp.listen, metrics::protocol::smtp)) return false;
    if (!listen("xproto", settings_->xproto.listen, metrics::protocol::xproto)) return false;
    if (!listen("xproto", settings_->xproto.clear_listen, metrics::protocol::xproto, config::start::clear))
        return false;
    return open_admin();
}

int process::run()
{
    std::signal(SIGPIPE, SIG_IGN);
    allow_many_descriptors();
    if (!open()) return 1;
    deliveries_->start();
    certificates_changed_.start();
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal);
    wait_for_signal();
    const auto addresses = controller_->status().addresses;
    const auto all = [&](const std::string& name) {
        std::string text;
        if (const auto found = addresses.find(name); found != addresses.end())
            for (const auto& one : found->second) text += (text.empty() ? "" : ",") + one;
        return text;
    };
    log_.info("ready", {{"site", settings_->site},
                        {"host", settings_->host},
                        {"version", version_},
                        {"smtp", all("smtp")},
                        {"xproto", all("xproto")},
                        {"admin", all("admin")}});
    tell_service_manager("READY=1");
    context_.run();
    log_.info("stopped", {{"queued", spool_->usage().messages}});
    return 0;
}

bool process::too_many(metrics::protocol protocol, const net::stream& connection)
{
    const auto& limits = settings_->limits;
    std::string_view which;
    if (limits.sessions != 0 && sessions_.total() >= limits.sessions) which = "limits.sessions";
    if (limits.sessions_per_address != 0 && sessions_.from(connection.peer_address()) >= limits.sessions_per_address)
        which = "limits.sessions_per_address";
    if (which.empty()) return false;
    counters_.sessions_refused[protocol].add();
    log_.warning("session_refused", {{"client", connection.peer_address()}, {"limit", which}});
    return true;
}

asio::awaitable<void> refuse_smtp(std::unique_ptr<net::stream> connection, std::string host)
{
    connection->expires_after(std::chrono::seconds(5));
    const auto words = "421 4.3.2 " + host + " too many sessions, please try again later\r\n";
    co_await connection->write(words);
    co_await connection->linger();
}

void process::accept(metrics::protocol protocol, config::start start, asio::ip::tcp::socket socket)
{
    auto connection = std::make_unique<net::stream>(std::move(socket), dog_);
    if (too_many(protocol, *connection)) {
        if (protocol == metrics::protocol::smtp)
            asio::co_spawn(context_, refuse_smtp(std::move(connection), settings_->smtp.hostname), asio::detached);
        return;
    }
    if (protocol == metrics::protocol::smtp)
        asio::co_spawn(context_, sessions::serve_smtp(*runtime_, std::move(connection)), asio::detached);
    else
        asio::co_spawn(context_, sessions::serve_xproto(*runtime_, std::move(connection), start), asio::detached);
}

void process::wait_for_signal()
{
    signals_.async_wait([this](boost::system::error_code ec, int signal) {
        if (ec) return;
        if (signal == SIGHUP) {
            reload();
        } else if (stopping_) {
            log_.warning("stopping_now", {{"reason", "a second signal"}});
            sessions_.abort_all();
            return context_.stop();
        } else {
            stop();
        }
        wait_for_signal();
    });
}

admin::control::reload_outcome process::reload()
{
    admin::control::reload_outcome outcome;
    tell_service_manager("RELOADING=1");
    auto fresh = config::load(settings_->file);
    auto problems = fresh ? config::check_files(*fresh, runtime_->now()) : fresh.error();
    for (const auto& problem : problems)
        if (problem.level == config::problem::severity::error) outcome.messages.push_back(problem.text());
    if (outcome.messages.empty()) {
        const auto merged = config::reloaded(*settings_, *fresh);
        auto identity = site::identity::load(merged);
        if (!identity) {
            outcome.messages.push_back(identity.error().what);
        } else {
            for (const auto& change : config::differences(*settings_, *fresh))
                if (change.needs_restart) outcome.messages.push_back(change.key + ": takes effect after a restart");
            settings_ = std::make_shared<const config::settings>(merged);
            runtime_->settings = settings_;
            lists_->use(settings_);
            use(*identity);
            hosts_->use(settings_);
            log_.set(settings_->log.level, settings_->log.format);
            deliveries_->reconfigure();
            reviews_.begin();
            counters_.reloads.add();
            outcome.done = true;
        }
    }
    for (const auto& message : outcome.messages) log_.warning("reload", {{"text", message}});
    log_.info(outcome.done ? "reloaded" : "reload_refused");
    tell_service_manager("READY=1");
    return outcome;
}

void process::use(std::shared_ptr<const site::identity> identity)
{
    runtime_->identity = identity;
    senders_->use(std::move(identity), settings_->host);
    certificates_changed_.settle();
}

// The files have changed, the configuration has not. What is broken changes nothing.
void process::reload_certificates()
{
    auto fresh = site::identity::load(*settings_);
    if (!fresh)
        return log_.error("certificates_refused", {{"reason", fresh.error().what}, {"instead", "those read before"}});
    use(*fresh);
    reviews_.begin();
    counters_.reloads.add();
    log_.info("certificates_reloaded", {{"host_digest", xproto::to_text((*fresh)->host().sha256())}});
    look_at_expiry();
}

void process::stop()
{
    stopping_ = true;
    tell_service_manager("STOPPING=1");
    log_.info("stopping", {{"sessions", sessions_.total()}});
    for (const auto& one : listeners_) one->close();
    deliveries_->drain();
    sessions_.drain_all();
    wait_until_drained(std::chrono::steady_clock::now() + settings_->timeouts.drain);
}

void process::wait_until_drained(std::chrono::steady_clock::time_point deadline)
{
    const bool late = std::chrono::steady_clock::now() >= deadline;
    if (late && !sessions_.empty()) {
        log_.warning("sessions_ended", {{"reason", "timeouts.drain is over"}});
        sessions_.abort_all();
    }
    if (late || sessions_.empty()) {
        admin_->stop();
        return context_.stop();
    }
    drain_timer_.expires_after(drain_poll);
    drain_timer_.async_wait([this, deadline](boost::system::error_code) { wait_until_drained(deadline); });
}

} // namespace

int run(const config::settings& settings, const std::string& version, const xproto::extension_table& extensions)
{
    process daemon(settings, version, extensions);
    return daemon.run();
}

} // namespace gateway::daemon
