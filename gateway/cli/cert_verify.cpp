// isthmus cert verify: is a certificate valid, by CAs in files or by delegation, and if not, at which step does it
// fail?
#include "gateway/cli/cert_commands.hpp"
#include "gateway/cli/cert_files.hpp"
#include "gateway/cli/text.hpp"
#include "gateway/net/unbound.hpp"
#include "gateway/validity/ca_directory.hpp"
#include "gateway/validity/public_suffix.hpp"
#include "xproto/certificate_store.hpp"
#include "xproto/delegation.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/json.hpp>

#include <iostream>
#include <memory>

namespace gateway::cli {
namespace {

namespace asio = boost::asio;

struct options {
    std::filesystem::path config, file;
    std::vector<std::filesystem::path> cas;
    std::string host, address;
    bool delegation = false, json = false;
};

struct step {
    std::string name; // "store", "claim", "look-up", "anchor", "path"
    bool good = false;
    std::string what;
};

// One certificate, and what has been found out about it.
class examination {
  public:
    examination(const options& o, std::vector<xproto::certificate> chain)
        : o_(o), leaf_(chain.front()), others_(chain.begin() + 1, chain.end())
    {
    }

    void by_store(std::vector<xproto::certificate> anchors);
    void by_delegation(const config::settings& settings);
    bool valid() const { return found_.has_value(); }
    void print() const;

  private:
    bool take(const std::string& name, bool good, std::string what)
    {
        steps_.push_back({name, good, std::move(what)});
        return good;
    }
    void judge(const std::string& name, const xproto::certificate_store& store);

    const options& o_;
    xproto::certificate leaf_;
    std::vector<xproto::certificate> others_;
    std::vector<step> steps_;
    std::optional<xproto::validation> found_;
};

void examination::judge(const std::string& name, const xproto::certificate_store& store)
{
    const bool user = o_.host.empty() && leaf_.dns_names().empty();
    const auto use = user ? xproto::purpose::user : xproto::purpose::host;
    const auto now = unix_now();
    auto found = !o_.host.empty()      ? store.validate_host(leaf_, others_, o_.host, now)
                 : !o_.address.empty() ? store.validate_user(leaf_, others_, o_.address, now)
                                       : store.validate(leaf_, others_, use, now);
    if (!take(name, found.has_value(), found ? "leads to " + found->anchor.subject() : found.error().what)) return;
    found_ = *std::move(found);
}

void examination::by_store(std::vector<xproto::certificate> anchors)
{
    judge("store", xproto::certificate_store(std::move(anchors)));
}

// Waits for the answer; libunbound and libldap work in threads of their own.
attempt<validity::ca_answer> look_up(const config::settings& settings, const std::string& domain)
{
    asio::io_context context{1};
    net::dns_settings wanted;
    for (const auto& server : settings.dns.servers)
        wanted.servers.push_back(server.host + "@" + std::to_string(server.port));
    wanted.trust_anchor = settings.dns.trust_anchor;
    wanted.patience = settings.timeouts.dns;
    const auto dns = net::make_resolver(context, wanted);
    if (!dns) return failure{"dns: " + dns.error().what};
    validity::ca_directory directory(context, **dns, std::make_shared<const config::settings>(settings));
    validity::ca_answer answer;
    auto working = asio::make_work_guard(context);
    directory.find(domain, [&](validity::ca_answer got) {
        answer = std::move(got);
        working.reset();
    });
    context.run();
    return {boost::system::in_place_value, std::move(answer)};
}

void examination::by_delegation(const config::settings& settings)
{
    const validity::public_suffix_list suffixes;
    const auto registrable = [&](std::string_view name) { return suffixes.registrable_domain(name); };
    const auto domain = xproto::delegating_domain(leaf_, registrable);
    if (!take("claim", domain.has_value(), domain ? *domain + " is said to have delegated" : domain.error().what))
        return;
    const auto answer = look_up(settings, *domain);
    const bool found = answer && answer->outcome == validity::ca_answer::kind::found;
    const auto records = found ? answer->records : std::vector<xproto::certificate_association>{};
    if (!take("look-up", found,
              found    ? count_text(records.size(), "record", "records") + " found"
              : answer ? answer->what
                       : answer.error().what))
        return;
    auto anchors = xproto::anchors_of(records, others_);
    if (!take("anchor", !anchors.empty(),
              anchors.empty() ? "no record holds or names a CA that is in the file" : anchors.front().subject()))
        return;
    judge("path", xproto::certificate_store(std::move(anchors), *domain));
}

void examination::print() const
{
    const auto& last = steps_.back();
    const std::string mechanism = found_ && !found_->delegated_by.empty() ? "delegation" : "store";
    const auto issuer = found_ ? (found_->delegated_by.empty() ? found_->anchor.subject() : found_->delegated_by) : "";
    if (o_.json) {
        boost::json::array steps;
        for (const auto& one : steps_)
            steps.push_back({{"step", one.name}, {"good", one.good}, {"what", printable(one.what)}});
        boost::json::object out{{"valid", valid()}, {"steps", std::move(steps)}};
        if (found_) {
            out["mechanism"] = mechanism;
            out["issuer"] = printable(issuer);
            out["anchor"] = printable(found_->anchor.subject());
            out["until"] = found_->until;
        } else {
            out["reason"] = printable(last.what);
        }
        std::cout << boost::json::serialize(out) << '\n';
        return;
    }
    for (const auto& one : steps_)
        if (o_.delegation)
            std::cout << "  " << one.name << ": " << (one.good ? "" : "FAILED: ") << printable(one.what) << '\n';
    if (found_)
        std::cout << o_.file.string() << ": good until " << time_text(found_->until) << ", by "
                  << (mechanism == "store" ? "" : "delegation of ") << printable(issuer) << '\n';
    else
        std::cout << o_.file.string() << ": not good: " << printable(last.what) << '\n';
}

int verify(const options& o)
{
    if (o.cas.empty() && !o.delegation) return fail(usage, "--ca or --delegation is needed: whom to believe");
    auto chain = read_certificates(o.file);
    if (!chain) return fail(negative, chain.error().what);
    examination all(o, *std::move(chain));
    std::vector<xproto::certificate> anchors;
    for (const auto& path : o.cas) {
        const auto read = read_certificates(path);
        if (!read) return fail(negative, read.error().what);
        anchors.insert(anchors.end(), read->begin(), read->end());
    }
    if (!anchors.empty()) all.by_store(std::move(anchors));
    if (!all.valid() && o.delegation) {
        std::error_code ignored;
        const bool configured = !o.config.empty() || std::filesystem::exists(config_file(o.config), ignored);
        const auto settings = configured ? load_config(o.config) : config::defaults(".");
        if (!settings) return bad_configuration;
        all.by_delegation(*settings);
    }
    all.print();
    return all.valid() ? done : negative;
}

} // namespace

void add_cert_verify(CLI::App& cert, int& result)
{
    auto* command = cert.add_subcommand("verify", "Find out whether a certificate is good, by CAs or by delegation");
    const auto o = std::make_shared<options>();
    command->add_option("FILE", o->file, "The certificate, and after it its chain, PEM")->required();
    command->add_option("--ca", o->cas, "A CA to believe; may be said again")
        ->type_name("FILE")
        ->allow_extra_args(false);
    command->add_flag("--delegation", o->delegation,
                      "Look up the CA in the public data of the domain that the certificate names (DNS, LDAP)");
    add_config_option(*command, o->config);
    auto* by_host = command->add_option("--host", o->host, "It must name this host")->type_name("NAME");
    command->add_option("--address", o->address, "It must name this mail address")
        ->type_name("ADDRESS")
        ->excludes(by_host);
    command->add_flag("--json", o->json, "Print JSON");
    command->footer(
        "Exit 1 when it is not. With --delegation every step is told; name servers, trust anchor and directories\n"
        "are those of the configuration, if there is one.\n\n"
        "Example:\n  isthmus cert verify state/host.pem --ca ca.pem --host mx1.edge.example\n"
        "  isthmus cert verify state/host.pem --delegation");
    command->callback([o, &result] { result = verify(*o); });
}

} // namespace gateway::cli
