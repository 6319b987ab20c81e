// The command `isthmus send`: an xproto client for probing.
#include "gateway/tools/commands.hpp"
#include "gateway/tools/send_options.hpp"
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

std::optional<xproto::option> option_of(std::string_view word)
{
    using xproto::option;
    if (word == "NOW") return option::now;
    if (word == "SPLIT") return option::split;
    if (word == "ZSTD") return option::zstd;
    return std::nullopt;
}

// A message to be sent so many times: a draft gives a new parcel each time.
struct source {
    std::string name;
    std::optional<draft> legacy;
    xproto_client::parcel_ptr ready;
    std::shared_ptr<const split_body> split = nullptr;
};

class send_tool {
  public:
    explicit send_tool(const send_options& options) : options_(options) {}

    int run();

  private:
    using complaint = std::optional<std::string>;

    complaint take_options();
    complaint take_session_options();
    void show_dialogue();
    complaint find_server();
    complaint read_files();
    complaint split_up(const parcel& whole, std::shared_ptr<const split_body>& into) const;
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
    if (auto wrong = take_session_options()) return wrong;
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

send_tool::complaint send_tool::take_session_options()
{
    using xproto::object_type;
    if (options_.sync) setup_.options = {};
    for (const auto& word : options_.options) {
        const auto known = option_of(word);
        if (!known) return "--option " + word + ": known are NOW, SPLIT and ZSTD";
        setup_.options.set(*known, true);
    }
    if (options_.split != 0 && !setup_.options.has(xproto::option::split)) return "--split without --option SPLIT";
    const auto object_of = [](const std::string& word) -> std::optional<object_type> {
        if (word.empty()) return std::nullopt;
        return word == "envelope"  ? object_type::envelope
               : word == "headers" ? object_type::headers
                                   : object_type::body;
    };
    setup_.quit_after = object_of(options_.quit_after);
    setup_.drop_after = object_of(options_.drop_after);
    if (setup_.quit_after && setup_.options.has(xproto::option::now))
        return "--quit-after waits for permissions, which --option NOW does without";
    setup_.on_stopped = [this](const parcel& sent) { results_->add_stopped(sent); };
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
        const bool callable =
            route != nullptr && route->via == config::route_via::xproto && route->session == config::session_by::us;
        if (!callable) route = nullptr;
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
            const auto tried = packer_->seal(*legacy);
            if (!tried) return made.name + ": " + tried.error().what;
            if (const auto wrong = split_up(*tried, made.split)) return made.name + ": " + *wrong;
            made.legacy = std::move(*legacy);
        } else {
            auto objects = read_objects(file);
            if (!objects) return objects.error().what;
            auto ready =
                options_.as_is ? as_it_is(std::move(*objects), options_.id) : packer_->forward(std::move(*objects));
            if (!ready) return made.name + ": " + ready.error().what;
            ready->fragment_octets = options_.fragment;
            if (const auto wrong = split_up(*ready, ready->split)) return made.name + ": " + *wrong;
            made.ready = std::make_shared<const parcel>(std::move(*ready));
        }
        sources_.push_back(std::move(made));
    }
    return std::nullopt;
}

send_tool::complaint send_tool::split_up(const parcel& whole, std::shared_ptr<const split_body>& into) const
{
    if (options_.split == 0 || whole.envelope_only) return std::nullopt;
    using xproto::object_type;
    auto made = split(whole.octets(object_type::headers), whole.octets(object_type::body), options_.split);
    if (!made) return made.error().what;
    into = std::move(*made);
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
    sealed->fragment_octets = options_.fragment;
    sealed->split = from.split;
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
    for (const auto& word : options_.options)
        if (report.ready && !report.options.has(*option_of(word)))
            std::cerr << "isthmus send: the server does not offer us " << word << "\n";
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
