#include "gateway/tools/bench_sites.hpp"

#include "gateway/admin/client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <thread>

namespace gateway::tools {

namespace json = boost::json;

namespace {

using seconds = child_process::seconds;

constexpr seconds init_patience{60}, start_patience{60}, stop_patience{60};
constexpr std::chrono::milliseconds poll_interval{50};
constexpr std::uint64_t max_log_octets = 64 << 20;

struct site {
    std::filesystem::path folder;
    std::string name;

    std::filesystem::path config() const { return folder / "isthmus.toml"; }
    std::filesystem::path ca() const { return folder / "ca.pem"; }
    std::filesystem::path socket() const { return folder / "state" / "admin.sock"; }
    std::filesystem::path log() const { return folder / "log"; }
    std::string host() const { return "mx1." + name; }
};

std::string xproto_route(const site& to, const std::string& address)
{
    return "[[route]]\ndomain = \"" + to.name + "\"\nvia = \"xproto\"\nto = \"" + address + "\"\nhost = \"" +
           to.host() + "\"\n";
}

std::string smtp_route(const site& own, const std::string& address)
{
    return "[[route]]\ndomain = \"" + own.name + "\"\nvia = \"smtp\"\nto = \"" + address + "\"\n";
}

std::string peer(const site& other)
{
    return "[[peer]]\nhost = \"" + other.host() + "\"\nca = \"" + other.ca().string() + "\"\ntrust = \"trusted\"\n";
}

std::string config_text(const site& own, const std::string& tables)
{
    return "site = \"" + own.name + "\"\nhost = \"" + own.host() +
           "\"\nstate = \"state\"\n"
           "[smtp]\nlisten = [\"127.0.0.1:0\"]\n[xproto]\nlisten = [\"127.0.0.1:0\"]\n"
           "[admin]\nsocket = \"state/admin.sock\"\nlisten = []\n"
           "[queue]\nretry = [\"1s\"]\nexpire = \"1h\"\n" +
           tables;
}

cli::attempt<void> make(const site& own)
{
    std::error_code ec;
    std::filesystem::create_directories(own.folder.parent_path(), ec);
    const auto log = own.folder.string() + ".init.log";
    auto init = child_process::start({own_program(), "init", own.folder.string(), "--site", own.name}, log);
    if (!init) return init.error();
    if (init->wait(init_patience) != 0) return cli::failure{"isthmus init failed, see " + log};
    return {};
}

// The last words of a daemon, for the person who has to find out.
std::string last_words(const site& own)
{
    constexpr std::size_t most = 2000;
    const auto log = cli::read_file(own.log(), max_log_octets);
    if (!log) return {};
    return "\n" + log->substr(log->size() - std::min(log->size(), most));
}

// The first address that the daemon has bound for a protocol, once it answers.
std::optional<std::string> address_of(const site& own, const char* protocol)
{
    const auto got = admin::request(own.socket(), "GET", "/status", std::chrono::seconds(5));
    if (!got || got->status != 200) return std::nullopt;
    boost::system::error_code ec;
    const auto status = json::parse(got->body, ec);
    if (ec) return std::nullopt;
    const auto* const bound = status.as_object().at("addresses").as_object().if_contains(protocol);
    if (bound == nullptr || bound->as_array().empty()) return std::nullopt;
    return std::string(bound->as_array().front().as_string());
}

struct started {
    child_process daemon;
    std::string smtp, xproto;
};

cli::attempt<started> run(const site& own, const std::string& tables)
{
    const auto written = cli::write_file(own.config(), config_text(own, tables), 0644, cli::overwrite::yes);
    if (!written) return written.error();
    auto daemon = child_process::start({own_program(), "run", "-c", own.config().string()}, own.log());
    if (!daemon) return daemon.error();
    const auto deadline = std::chrono::steady_clock::now() +
                          std::chrono::duration_cast<std::chrono::steady_clock::duration>(start_patience);
    while (std::chrono::steady_clock::now() < deadline) {
        if (daemon->wait(seconds(0))) return cli::failure{"the daemon of " + own.name + " ended:" + last_words(own)};
        const auto smtp = address_of(own, "smtp");
        const auto xproto = address_of(own, "xproto");
        if (smtp && xproto) return started{std::move(*daemon), *smtp, *xproto};
        std::this_thread::sleep_for(poll_interval);
    }
    return cli::failure{"the daemon of " + own.name + " does not answer:" + last_words(own)};
}

} // namespace

cli::attempt<bench_sites> bench_sites::start(const std::filesystem::path& folder, const std::string& sink,
                                             const std::string& tables)
{
    const site one{folder / "edge", std::string(first_site)}, two{folder / "carrier", std::string(second_site)};
    for (const auto* own : {&one, &two})
        if (const auto made = make(*own); !made) return made.error();
    auto second = run(two, tables + smtp_route(two, sink) + peer(one));
    if (!second) return second.error();
    auto first = run(one, tables + xproto_route(two, second->xproto) + peer(two));
    if (!first) return first.error();
    bench_sites made;
    made.smtp_ = config::endpoint_from_text(first->smtp).value_or(config::endpoint{});
    made.xproto_ = config::endpoint_from_text(second->xproto).value_or(config::endpoint{});
    made.first_.emplace(std::move(first->daemon));
    made.second_.emplace(std::move(second->daemon));
    return {boost::system::in_place_value, std::move(made)};
}

std::optional<std::string> bench_sites::stop()
{
    for (auto* const one : {&*first_, &*second_}) {
        const auto status = one->stop(stop_patience);
        if (!status) return "a daemon does not end";
        if (*status != 0) return "a daemon ended with status " + std::to_string(*status);
    }
    return std::nullopt;
}

} // namespace gateway::tools
