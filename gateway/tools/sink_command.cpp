// The command `isthmus sink`: a test receiver for xproto and SMTP.
#include "gateway/config/endpoint.hpp"
#include "gateway/net/listener.hpp"
#include "gateway/tools/commands.hpp"
#include "gateway/tools/sink.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <unistd.h>

#include <iostream>

namespace gateway::tools {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t longest_run = 7 * 86400; // seconds

struct sink_options {
    std::string listen = "127.0.0.1:0";
    bool smtp = false, xproto = false;
    credential_options who;
    std::filesystem::path folder;
    std::uint64_t count = 0;
    double seconds = 0;
    std::vector<std::string> refusals, delays, drops, without;
    std::uint64_t first = 0;
    std::string window;
    bool any = false, json = false, quiet = false, verbose = false;
};

constexpr auto example =
    "Examples:\n"
    "  isthmus sink --smtp --listen 127.0.0.1:2600 --dir received\n"
    "  isthmus sink --site carrier --listen 127.0.0.1:6526 -v --refuse 'rcpt:bob@carrier.example=550 5.1.1 no such "
    "user'\n"
    "  isthmus sink --site carrier --drop end --first 2     a receiver that dies before it answers, twice";

void add_options(CLI::App& command, sink_options& o)
{
    command.footer(example);
    command.add_option("--listen", o.listen, "IP address and port; port 0: the system chooses")->capture_default_str();
    auto* const smtp = command.add_flag("--smtp", o.smtp, "speak SMTP");
    command.add_flag("--xproto", o.xproto, "speak xproto (the default)")->excludes(smtp);
    add_credential_options(command, o.who, false);
    command.add_flag("--any", o.any, "xproto: take hosts that no CA vouches for, too");
    command
        .add_option("--dir", o.folder,
                    "keep each message: DIR/00001/{envelope.xml,headers.xml,body}, or for SMTP "
                    "DIR/00001.eml and DIR/00001.envelope")
        ->type_name("DIR");
    command.add_option("--count", o.count, "end after so many messages; exit 1 when there were fewer")
        ->check(CLI::PositiveNumber);
    command.add_option("--seconds", o.seconds, "end after so long")->check(CLI::PositiveNumber);
    command
        .add_option("--refuse", o.refusals,
                    "STAGE[=CODE[ TEXT]]: refuse there; rcpt:ADDRESS for one recipient (repeatable). Stages: connect "
                    "helo mail rcpt data envelope envelope-after headers headers-after body end")
        ->allow_extra_args(false);
    command.add_option("--delay", o.delays, "STAGE=SECONDS: answer late there (repeatable)")->allow_extra_args(false);
    command.add_option("--drop", o.drops, "STAGE: close the connection there, without a word (repeatable)")
        ->allow_extra_args(false);
    command.add_option("--first", o.first, "refuse, delay and drop only the first so many times, each")
        ->check(CLI::PositiveNumber);
    command
        .add_option("--without", o.without,
                    "do not offer: pipelining, proof (xproto), chunking, smtputf8, bare-newlines (SMTP)")
        ->check(CLI::IsMember({"pipelining", "proof", "chunking", "smtputf8", "bare-newlines"}))
        ->allow_extra_args(false);
    command.add_option("--window", o.window, "xproto: grant MESSAGES;OCTETS")->type_name("64;16777216");
    command.add_flag("-v,--verbose", o.verbose, "xproto: show the control lines of every session");
    command.add_flag("-q,--quiet", o.quiet, "no line for each message");
    command.add_flag("--json", o.json, "lines and summary as JSON");
}

class sink_tool {
  public:
    sink_tool(const sink_options& options, workbench& bench)
        : options_(options), bench_(bench),
          log_(options.quiet ? log::level::error : log::level::info,
               options.json ? log::format::json : log::format::logfmt, log::to_descriptor(STDOUT_FILENO))
    {
    }

    int run();

  private:
    using complaint = std::optional<std::string>;

    complaint take_rules();
    complaint take_setup();
    complaint open_folder();
    complaint listen();
    int summary(ending how) const;

    const sink_options& options_;
    workbench& bench_;
    log::logger log_;
    sink_setup setup_;
    probe_rules rules_;
    std::unique_ptr<receipts> received_;
    std::unique_ptr<sink> sink_;
    std::unique_ptr<net::listener> listener_;
};

sink_tool::complaint sink_tool::take_rules()
{
    for (const auto& one : options_.refusals)
        if (auto wrong = rules_.add_refusal(one)) return "--refuse " + one + ": " + *wrong;
    for (const auto& one : options_.delays)
        if (auto wrong = rules_.add_delay(one)) return "--delay " + one + ": " + *wrong;
    for (const auto& one : options_.drops)
        if (auto wrong = rules_.add_drop(one)) return "--drop " + one + ": " + *wrong;
    if (options_.first != 0) rules_.only_first(options_.first);
    return rules_.misplaced(options_.smtp);
}

sink_tool::complaint sink_tool::take_setup()
{
    const bool named = !options_.who.site.empty() || !options_.who.certificate.empty();
    if (named || !options_.smtp) {
        auto who = load(options_.who);
        if (!who) return who.error().what;
        auto tls = options_.smtp ? net::tls_context::smtp_server(who->chain_pem, who->key_pem)
                                 : net::tls_context::xproto_server(who->chain_pem, who->key_pem);
        if (!tls) return tls.error().what;
        setup_.tls = std::move(*tls);
        setup_.host = who->host;
        setup_.who = std::move(*who);
        if (!options_.smtp && !options_.any && setup_.who->anchors.anchors().empty())
            return "say with --ca whose hosts may come in, or let all in with --any";
    }
    setup_.any_peer = options_.any;
    for (const auto& one : options_.without) {
        if (one == "pipelining") setup_.pipelining = false;
        if (one == "proof") setup_.prove_self = false;
        if (one == "chunking") setup_.chunking = false;
        if (one == "smtputf8") setup_.smtputf8 = false;
        if (one == "bare-newlines") setup_.carry_newlines = false;
    }
    if (!options_.window.empty()) {
        const auto window = xproto::window_from_text(options_.window);
        if (!window) return "--window is MESSAGES;OCTETS, for instance 64;16777216";
        setup_.window = *window;
    }
    auto& out = options_.json ? std::cerr : std::cout;
    if (options_.verbose) setup_.show = [&out](std::string_view line) { out << line << std::endl; };
    return std::nullopt;
}

sink_tool::complaint sink_tool::open_folder()
{
    std::unique_ptr<message_folder> folder;
    if (!options_.folder.empty()) {
        const auto layout = options_.smtp ? message_folder::layout::files : message_folder::layout::folders;
        auto opened = message_folder::open(options_.folder, layout);
        if (!opened) return opened.error().what;
        folder = std::move(*opened);
    }
    const auto on_enough = [this] {
        asio::post(bench_.context(), [this] {
            listener_->close();
            sink_->close();
        });
    };
    received_ = std::make_unique<receipts>(log_, std::move(folder), options_.count, on_enough);
    sink_.reset(new sink{bench_, setup_, rules_, *received_, log_});
    return std::nullopt;
}

sink_tool::complaint sink_tool::listen()
{
    const auto where = config::endpoint_from_text(options_.listen);
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(where ? where->host : std::string(), ec);
    if (ec) return "--listen " + options_.listen + ": wanted an IP address and a port such as 127.0.0.1:2600";
    auto opened = net::listener::open(bench_.context(), {address, where->port});
    if (!opened) return "cannot listen on " + options_.listen + ": " + opened.error().message();
    listener_ = std::move(*opened);
    listener_->start([this](asio::ip::tcp::socket socket) {
        auto connection = std::make_unique<net::stream>(std::move(socket), bench_.dog());
        const auto serve = options_.smtp ? serve_smtp_sink : serve_xproto_sink;
        asio::co_spawn(bench_.context(), serve(*sink_, std::move(connection)), asio::detached);
    });
    std::cout << "listening " << net::to_text(listener_->local()) << std::endl;
    return std::nullopt;
}

int sink_tool::summary(ending how) const
{
    std::cout << (options_.json ? received_->json() : received_->text()) << std::endl;
    const bool short_of = options_.count != 0 && !received_->enough();
    if (short_of)
        std::cerr << "isthmus sink: " << (how == ending::interrupted ? "interrupted" : "out of time") << " after "
                  << received_->messages() << " of " << options_.count << " messages\n";
    return short_of ? cli::negative : cli::done;
}

int sink_tool::run()
{
    for (const auto step : {&sink_tool::take_rules, &sink_tool::take_setup, &sink_tool::open_folder}) {
        const auto wrong = (this->*step)();
        if (!wrong) continue;
        std::cerr << "isthmus sink: " << *wrong << "\n";
        return cli::usage;
    }
    if (const auto wrong = listen()) {
        std::cerr << "isthmus sink: " << *wrong << "\n";
        return cli::negative;
    }
    const auto how = bench_.run();
    listener_.reset(); // before the loop that it belongs to
    return summary(how);
}

int run_sink(const sink_options& options)
{
    const std::chrono::duration<double> limit(options.seconds > 0 ? options.seconds : longest_run);
    // The tool goes after the workbench, which holds the coroutines that refer to it.
    std::unique_ptr<sink_tool> tool;
    workbench bench(std::chrono::duration_cast<std::chrono::milliseconds>(limit));
    tool = std::make_unique<sink_tool>(options, bench);
    return tool->run();
}

} // namespace

cli::registrar sink_command()
{
    return [](CLI::App& app, int& result) {
        auto* const command = app.add_subcommand("sink", "A test receiver for xproto and SMTP");
        auto options = std::make_shared<sink_options>();
        add_options(*command, *options);
        command->callback([options, &result] { result = run_sink(*options); });
    };
}

} // namespace gateway::tools
