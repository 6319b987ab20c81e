// The command `isthmus send`: an xproto client for probing.
#include "gateway/tools/commands.hpp"
#include "gateway/tools/send_results.hpp"
#include "gateway/tools/xproto_client.hpp"
#include "smtp/content_scan.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>

namespace gateway::tools {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t max_message_octets = std::uint64_t{4} << 30;

struct send_options {
    std::string to, peer_host;
    credential_options who;
    std::optional<std::string> from;
    std::vector<std::string> recipients, mail_parameters, recipient_parameters;
    std::vector<std::filesystem::path> files;
    std::uint64_t count = 1;
    std::uint32_t window = 64;
    std::vector<std::string> lines;
    std::string id;
    double seconds = 600, patience = 60, silence = 2;
    bool sync = false, no_proof = false, crlf = false, as_is = false, unsigned_ = false;
    bool early = false, times = false, clear = false, trace = false;
    double trace_patience = 30;
    bool verbose = false, json = false;
};

constexpr auto example =
    "Exit: 0 accepted, 1 refused (a message or a recipient), 2 usage, 3 not reached or no answer.\n"
    "Examples:\n"
    "  isthmus send --site edge --rcpt bob@carrier.example --from alice@edge.example mail.eml\n"
    "  isthmus send --site edge --to 127.0.0.1:6526 --peer-host mx1.carrier.example -v     only says hello\n"
    "  isthmus send --site edge --to 127.0.0.1:6526 --peer-host mx1.carrier.example --line '[100 NOOP]'\n"
    "  isthmus send --to 127.0.0.1:6526 --peer-host mx1.carrier.example --cert host.pem --key host-key.pem \\\n"
    "      --ca carrier-ca.pem --as-is objects/00001";

void add_options(CLI::App& command, send_options& o)
{
    command.footer(example);
    command.add_option("files", o.files,
                       "messages as they travel in SMTP, or folders with envelope.xml, headers.xml and "
                       "body; none: open a session and close it again");
    command.add_option("--to", o.to, "where to connect; with --site: taken from the recipient's route")
        ->type_name("HOST:PORT");
    command.add_option("--peer-host", o.peer_host, "the name that the server's certificate must prove");
    add_credential_options(command, o.who, true);
    command.add_flag("--unsigned", o.unsigned_, "do not sign as the originator, whatever CA there is");
    command.add_option("--from", o.from, "the sender of legacy messages; '' is the null sender");
    command.add_option("--rcpt", o.recipients, "a recipient of legacy messages (repeatable)")->allow_extra_args(false);
    command.add_option("--mail-parameter", o.mail_parameters, "of MAIL, e.g. ENVID=x (repeatable)")
        ->allow_extra_args(false);
    command.add_option("--rcpt-parameter", o.recipient_parameters, "of every RCPT, e.g. NOTIFY=NEVER (repeatable)")
        ->allow_extra_args(false);
    command.add_flag("--crlf", o.crlf, "end every line of legacy messages in CRLF first");
    command.add_flag("--as-is", o.as_is, "send the objects of a folder unread, without a hop of our own");
    command.add_option("--id", o.id, "with --as-is: the message id to ask for, whatever the envelope says");
    command.add_option("--count", o.count, "send everything so many times: legacy messages each time under a new id")
        ->check(CLI::PositiveNumber);
    command.add_flag("--sync", o.sync, "do not ask for pipelined mode");
    command.add_option("--window", o.window, "never more messages under way than this")->check(CLI::PositiveNumber);
    command.add_flag("--no-server-proof", o.no_proof, "go on when the server does not prove itself by a HELO");
    command.add_flag("--clear", o.clear, "the port is one where sessions begin in clear: change to TLS there");
    command.add_flag("--trace", o.trace, "stay, and show what becomes of the messages later, where the server tells");
    command
        .add_option("--trace-patience", o.trace_patience, "seconds without news after which --trace waits no longer")
        ->check(CLI::PositiveNumber);
    command.add_option("--patience", o.patience, "seconds to wait for each answer")->check(CLI::PositiveNumber);
    command.add_option("--seconds", o.seconds, "seconds for everything")->check(CLI::PositiveNumber);
    command
        .add_option("--line", o.lines,
                    "send this instead of messages, and show what comes (repeatable; with \\r, \\n, \\xHH and \\\\; "
                    "CRLF follows unless it ends in a backslash)")
        ->allow_extra_args(false);
    command.add_flag("--early", o.early, "send the lines at once, not after HELO");
    command.add_option("--silence", o.silence, "seconds without an answer after which the lines have had theirs")
        ->check(CLI::PositiveNumber);
    command.add_flag("--times", o.times, "show when each line passed, in seconds since the start");
    command.add_flag("-v,--verbose", o.verbose, "show TLS and the control lines of the session");
    command.add_flag("--json", o.json, "the results as JSON");
}

smtp::parameter parameter_from_text(const std::string& text)
{
    const auto equals = text.find('=');
    if (equals == text.npos) return {text, std::nullopt};
    return {text.substr(0, equals), text.substr(equals + 1)};
}

std::string with_crlf(std::string_view message)
{
    std::string out;
    out.reserve(message.size() + message.size() / 32);
    for (std::size_t i = 0; i < message.size(); ++i) {
        const char c = message[i];
        const bool ended = c == '\n' && i > 0 && message[i - 1] == '\r';
        if (c == '\n' && !ended) out += '\r';
        out += c;
        if (c == '\r' && (i + 1 == message.size() || message[i + 1] != '\n')) out += '\n';
    }
    return out;
}

// A line as it is to be sent: its escapes undone, CRLF behind it unless it ends in a backslash. Nothing: a bad escape.
std::optional<std::string> octets_of_line(std::string_view text)
{
    std::string octets;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            octets += text[i];
            continue;
        }
        if (++i == text.size()) return octets;
        constexpr std::string_view names = "rn\\", meanings = "\r\n\\";
        if (const auto simple = names.find(text[i]); simple != names.npos) {
            octets += meanings[simple];
            continue;
        }
        unsigned value = 0;
        const char* const digits = text.data() + i + 1;
        if (text[i] != 'x' || text.size() - i < 3) return std::nullopt;
        if (std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) return std::nullopt;
        octets += static_cast<char>(value);
        i += 2;
    }
    return octets + "\r\n";
}

// A message to be sent so many times: a draft gives a new parcel each time.
struct source {
    std::string name;
    std::optional<draft> legacy;
    xproto_client::parcel_ptr ready;
};

class send_tool {
  public:
    explicit send_tool(const send_options& options) : options_(options) {}

    int run();

  private:
    using complaint = std::optional<std::string>;

    complaint take_options();
    void show_dialogue();
    complaint find_server();
    complaint read_files();
    attempt<draft> read_legacy(const std::filesystem::path& file) const;
    xproto_client::parcel_ptr next();

    const send_options& options_;
    credentials who_;
    client_setup setup_;
    std::optional<packer> packer_;
    std::vector<source> sources_;
    std::size_t at_ = 0;
    std::uint64_t round_ = 0;
    std::optional<send_results> results_;
};

send_tool::complaint send_tool::take_options()
{
    auto who = load(options_.who);
    if (!who) return who.error().what;
    who_ = std::move(*who);
    if (options_.unsigned_) who_.user_ca = nullptr;
    if (who_.anchors.anchors().empty()) return "say with --ca whose certificate the server has to show";
    if (auto wrong = find_server()) return wrong;
    auto tls = net::tls_context::xproto_client(who_.anchors_pem);
    if (!tls) return tls.error().what;
    setup_.who = &who_;
    setup_.tls = std::move(*tls);
    setup_.pipelining = !options_.sync;
    setup_.require_proof = !options_.no_proof;
    setup_.messages = options_.window;
    setup_.in_clear = options_.clear;
    setup_.trace_patience = std::chrono::milliseconds(static_cast<std::int64_t>(options_.trace_patience * 1000));
    if (options_.trace) setup_.on_hop = [this](const auto& what) { results_->add(what); };
    setup_.patience = std::chrono::seconds(static_cast<std::int64_t>(std::max(1.0, options_.patience)));
    setup_.raw_early = options_.early;
    setup_.silence = std::chrono::milliseconds(static_cast<std::int64_t>(options_.silence * 1000));
    for (const auto& line : options_.lines) {
        auto octets = octets_of_line(line);
        if (!octets)
            return "--line " + line + ": a backslash begins \\r, \\n, \\xHH or \\\\, or ends the line without CRLF";
        setup_.raw.push_back(std::move(*octets));
    }
    if (!setup_.raw.empty() && !options_.files.empty()) return "either lines or messages";
    if (options_.early && setup_.raw.empty()) return "--early without --line";
    show_dialogue();
    packer_.emplace(who_, setup_.peer_host, cli::unix_now());
    return std::nullopt;
}

void send_tool::show_dialogue()
{
    if (!options_.verbose && !options_.times && setup_.raw.empty()) return;
    auto& out = options_.json ? std::cerr : std::cout;
    setup_.show = [&out, times = options_.times, start = std::chrono::steady_clock::now()](std::string_view line) {
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
        std::array<char, 32> when{};
        if (times) std::snprintf(when.data(), when.size(), "%8.3f ", passed.count());
        out << when.data() << line << std::endl;
    };
}

// From the options, or where the site would send mail for the first recipient.
send_tool::complaint send_tool::find_server()
{
    const config::route* route = nullptr;
    if (who_.settings && !options_.recipients.empty()) {
        const auto& first = options_.recipients.front();
        route = who_.settings->route_for(std::string_view(first).substr(first.rfind('@') + 1));
        if (route != nullptr && route->via != config::route_via::xproto) route = nullptr;
    }
    if (options_.to.empty() && route == nullptr)
        return "say with --to where the server is, or name a --site that has an xproto route for the --rcpt";
    const auto to = options_.to.empty() ? route->to : config::endpoint_from_text(options_.to);
    if (!to) return "--to " + options_.to + ": wanted an address or a name and a port, such as 127.0.0.1:6525";
    setup_.to = *to;
    setup_.peer_host = config::canonical_domain(options_.peer_host);
    if (setup_.peer_host.empty() && route != nullptr) setup_.peer_host = route->host;
    if (setup_.peer_host.empty() && !config::is_address(to->host))
        setup_.peer_host = config::canonical_domain(to->host);
    if (setup_.peer_host.empty()) return "say with --peer-host what name the server has to prove";
    return std::nullopt;
}

attempt<draft> send_tool::read_legacy(const std::filesystem::path& file) const
{
    if (!options_.from) return failure{file.string() + " is a legacy message: name its sender with --from"};
    if (options_.recipients.empty())
        return failure{file.string() + " is a legacy message: name recipients with --rcpt"};
    auto octets = read_file(file, max_message_octets);
    if (!octets) return octets.error();
    if (options_.crlf) *octets = with_crlf(*octets);
    smtp::content_scan scan;
    scan.push(*octets);
    if (scan.facts().bare_newline)
        std::cerr << "isthmus send: " << file.string()
                  << " has line ends other than CRLF, which few hops take; --crlf converts them\n";
    smtp::transaction transaction;
    transaction.reverse_path = *options_.from;
    for (const auto& one : options_.mail_parameters) transaction.parameters.push_back(parameter_from_text(one));
    for (const auto& address : options_.recipients) {
        smtp::recipient to;
        to.address = address;
        for (const auto& one : options_.recipient_parameters) to.parameters.push_back(parameter_from_text(one));
        transaction.recipients.push_back(std::move(to));
    }
    return make_draft(std::make_shared<const std::string>(std::move(*octets)), std::move(transaction));
}

send_tool::complaint send_tool::read_files()
{
    for (const auto& file : options_.files) {
        source made;
        made.name = file.string();
        if (!std::filesystem::is_directory(file)) {
            auto legacy = read_legacy(file);
            if (!legacy) return legacy.error().what;
            // Whether it can be signed shows before anything is sent.
            if (const auto tried = packer_->seal(*legacy); !tried) return made.name + ": " + tried.error().what;
            made.legacy = std::move(*legacy);
        } else {
            auto objects = read_objects(file);
            if (!objects) return objects.error().what;
            auto ready =
                options_.as_is ? as_it_is(std::move(*objects), options_.id) : packer_->forward(std::move(*objects));
            if (!ready) return made.name + ": " + ready.error().what;
            made.ready = std::make_shared<const parcel>(std::move(*ready));
        }
        sources_.push_back(std::move(made));
    }
    return std::nullopt;
}

xproto_client::parcel_ptr send_tool::next()
{
    if (at_ == sources_.size()) {
        at_ = 0;
        ++round_;
    }
    if (sources_.empty() || round_ == options_.count) return nullptr;
    const auto& from = sources_[at_++];
    if (from.ready) {
        results_->sending(from.ready->id, from.name);
        return from.ready;
    }
    auto sealed = packer_->seal(*from.legacy);
    if (!sealed) throw std::runtime_error(sealed.error().what); // it could be signed a moment ago
    results_->sending(sealed->id, from.name);
    return std::make_shared<const parcel>(std::move(*sealed));
}

int send_tool::run()
{
    for (const auto step : {&send_tool::take_options, &send_tool::read_files}) {
        const auto wrong = (this->*step)();
        if (!wrong) continue;
        std::cerr << "isthmus send: " << *wrong << "\n";
        return cli::usage;
    }
    results_.emplace(std::cout, options_.json ? send_results::style::json : send_results::style::lines);
    const std::chrono::duration<double> limit(options_.seconds);
    workbench bench(std::chrono::duration_cast<std::chrono::milliseconds>(limit));
    const auto client = std::make_shared<xproto_client>(
        bench, setup_, [this] { return next(); },
        [this](const parcel& sent, const auto& result) { results_->add(sent, result); });
    session_report report;
    report.what = "out of time";
    asio::co_spawn(bench.context(), client->run(), [&](const std::exception_ptr& bug, session_report got) {
        if (bug) std::rethrow_exception(bug);
        report = std::move(got);
        bench.finish();
    });
    const auto how = bench.run();
    if (how == ending::interrupted) report.what = "interrupted";
    return results_->finish(report);
}

} // namespace

cli::registrar send_command()
{
    return [](CLI::App& app, int& result) {
        auto* const command = app.add_subcommand("send", "An xproto client that shows what happens");
        auto options = std::make_shared<send_options>();
        add_options(*command, *options);
        command->callback([options, &result] { result = send_tool(*options).run(); });
    };
}

} // namespace gateway::tools
