// isthmus trace: the way a message took, and whether its signatures hold.
#include "xproto/trace.hpp"
#include "gateway/cli/commands.hpp"
#include "gateway/cli/message_files.hpp"
#include "gateway/cli/text.hpp"
#include "gateway/cli/trace_story.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <iostream>
#include <limits>
#include <memory>

namespace gateway::cli {
namespace {

namespace json = boost::json;

struct options {
    std::filesystem::path message;
    std::vector<std::filesystem::path> cas;
    std::filesystem::path config;
    bool use_config = false;
    bool json = false;
};

using rows = std::vector<std::vector<std::string>>;

// --- show -----------------------------------------------------------------------------------------------------------

std::string sender_text(const xproto::envelope& e)
{
    return "<" + printable(e.from.address) + ">" + (e.from.sign ? ", signed" : ", not signed");
}

void add_hop(rows& out, std::size_t number, const xproto::hop& h)
{
    out.push_back({"hop " + std::to_string(number), printable(h.host) + " took it at " + time_text(h.time)});
    const auto address = h.peer_address.empty() ? "" : " [" + printable(h.peer_address) + "]";
    out.push_back(
        {"", "from " + printable(h.peer) + address + " by " + printable(h.protocol) + ", as " + printable(h.id)});
    if (h.reception) out.push_back({"", "which was " + reception_text(*h.reception)});
    if (!h.next.empty()) out.push_back({"", "for " + printable(h.next)});
    for (const auto& c : h.changes) out.push_back({"", "changed " + printable(c.object) + ": " + printable(c.reason)});
}

void print(const xproto::envelope& e)
{
    rows out{{"id", printable(e.id)}, {"created", time_text(e.created)}, {"from", sender_text(e)}};
    for (const auto& r : e.recipients) out.push_back({"to", "<" + printable(r.address) + ">"});
    for (const auto& o : e.objects)
        out.push_back({printable(o.type), std::to_string(o.octets) + " octets, " + xproto::to_text(o.sha256)});
    for (std::size_t i = 0; i < e.trace.size(); ++i) add_hop(out, i + 1, e.trace[i]);
    if (e.trace.empty()) out.push_back({"hops", "none"});
    std::cout << columns(out);
}

json::object hop_json(const xproto::hop& h)
{
    json::array changes;
    for (const auto& c : h.changes)
        changes.push_back({{"object", printable(c.object)},
                           {"before", xproto::to_text(c.before)},
                           {"after", xproto::to_text(c.after)},
                           {"reason", printable(c.reason)}});
    json::value reception;
    if (h.reception)
        reception = {{"by", printable(h.reception->by)},
                     {"standing", printable(h.reception->standing)},
                     {"certificate", xproto::to_text(h.reception->certificate)},
                     {"authority", printable(h.reception->authority)}};
    return {{"host", printable(h.host)},
            {"peer", printable(h.peer)},
            {"peer_address", printable(h.peer_address)},
            {"protocol", printable(h.protocol)},
            {"id", printable(h.id)},
            {"time", h.time},
            {"next", printable(h.next)},
            {"reception", std::move(reception)},
            {"changes", std::move(changes)}};
}

json::object envelope_json(const xproto::envelope& e)
{
    json::array recipients, hops;
    for (const auto& r : e.recipients) recipients.push_back(json::string(printable(r.address)));
    for (const auto& h : e.trace) hops.push_back(hop_json(h));
    return {{"id", printable(e.id)},
            {"created", e.created},
            {"sender", printable(e.from.address)},
            {"sender_signed", e.from.sign.has_value()},
            {"recipients", std::move(recipients)},
            {"hops", std::move(hops)}};
}

int show(const options& o)
{
    const auto envelope = read_envelope_file(o.message);
    if (!envelope) return fail(negative, envelope.error().what);
    if (o.json)
        std::cout << json::serialize(envelope_json(*envelope)) << '\n';
    else
        print(*envelope);
    return done;
}

// --- verify ---------------------------------------------------------------------------------------------------------

attempt<xproto::certificate_store> read_anchors(const options& o)
{
    auto files = o.cas;
    if (o.use_config) {
        const auto settings = load_config(o.config);
        if (!settings) return failure{"the configuration names no CAs that could be used"};
        files.push_back(settings->tls.ca);
        for (const auto& p : settings->peers)
            if (!p.ca.empty()) files.push_back(p.ca);
    }
    std::vector<xproto::certificate> anchors;
    for (const auto& file : files) {
        const auto text = read_file(file, max_pem_octets);
        if (!text) return text.error();
        const auto found = xproto::certificate::all_from_pem(*text);
        if (!found) return failure{file.string() + ": " + found.error().what};
        anchors.insert(anchors.end(), found->begin(), found->end());
    }
    return xproto::certificate_store(std::move(anchors));
}

xproto::trace_report examine(const xproto::envelope& envelope, const xproto::certificate_store& store)
{
    xproto::trace_expectations expected;
    expected.validate = [&](const xproto::certificate& leaf, const std::vector<xproto::certificate>& others,
                            xproto::purpose use,
                            xproto::unix_seconds at) { return store.validate(leaf, others, use, at); };
    expected.now = unix_now();
    expected.limits.hops = envelope.trace.size() + 1;
    expected.limits.age = std::numeric_limits<xproto::unix_seconds>::max() / 2; // evidence may be old
    return xproto::verify_trace(envelope, expected);
}

std::string verdict_text(const xproto::link_report& link)
{
    if (!link.intact) return "BROKEN: " + printable(link.reason);
    if (link.identity && link.signer)
        return "intact; " + printable(link.signer->subject()) + ", certified by " +
               printable(link.identity->anchor.subject());
    return "intact, but who signed is not proved: " + printable(link.identity_reason);
}

void print_broken(const xproto::envelope& envelope, const xproto::trace_report& report)
{
    std::cout << "The first broken link: " << printable(report.broken) << '\n';
    for (const auto& sentence : trace_meaning(envelope, report)) std::cout << sentence << '\n';
}

void print(const xproto::envelope& envelope, const xproto::trace_report& report)
{
    rows out;
    out.push_back({"sender", "<" + printable(envelope.from.address) + ">",
                   report.originator ? verdict_text(*report.originator) : "not signed"});
    for (std::size_t i = 0; i < report.hops.size(); ++i)
        out.push_back(
            {"hop " + std::to_string(i + 1), printable(envelope.trace[i].host), verdict_text(report.hops[i])});
    std::cout << columns(out);
    for (const auto& sentence : trace_story(envelope, report)) std::cout << sentence << '\n';
    if (!report.intact())
        print_broken(envelope, report);
    else if (report.valid())
        std::cout << "All signatures hold, and every signer is certified.\n";
    else if (report.hops.empty() && !report.originator)
        std::cout << "Nothing is signed.\n";
    else
        std::cout << "All signatures hold, but not every signer is certified by the CAs given.\n";
}

json::object link_json(const xproto::link_report& link)
{
    json::object out{{"intact", link.intact}, {"certified", link.identity.has_value()}};
    if (!link.intact) out["reason"] = printable(link.reason);
    if (link.signer) out["signer"] = printable(link.signer->subject());
    if (link.identity)
        out["anchor"] = printable(link.identity->anchor.subject());
    else if (!link.identity_reason.empty())
        out["not_certified_because"] = printable(link.identity_reason);
    return out;
}

json::object report_json(const xproto::envelope& envelope, const xproto::trace_report& report)
{
    json::array hops, story;
    for (const auto& sentence : trace_story(envelope, report)) story.push_back(json::string(sentence));
    for (const auto& h : report.hops) hops.push_back(link_json(h));
    json::object out{
        {"intact", report.intact()}, {"valid", report.valid()}, {"hops", std::move(hops)}, {"story", std::move(story)}};
    if (report.originator) out["sender"] = link_json(*report.originator);
    if (report.intact()) return out;
    out["broken"] = printable(report.broken);
    json::array meaning;
    for (const auto& sentence : trace_meaning(envelope, report)) meaning.push_back(json::string(sentence));
    out["meaning"] = std::move(meaning);
    return out;
}

int verify(const options& o)
{
    const auto envelope = read_envelope_file(o.message);
    if (!envelope) return fail(negative, envelope.error().what);
    const auto store = read_anchors(o);
    if (!store) return fail(o.use_config ? bad_configuration : negative, store.error().what);
    const auto report = examine(*envelope, *store);
    if (o.json)
        std::cout << json::serialize(report_json(*envelope, report)) << '\n';
    else
        print(*envelope, report);

    std::error_code ignored;
    if (std::filesystem::is_directory(o.message, ignored))
        if (const auto objects = check_objects(*envelope, o.message); !objects)
            return fail(negative, objects.error().what);
    return report.intact() && report.valid() ? done : negative;
}

} // namespace

void add_trace(CLI::App& app, int& result)
{
    auto* trace = app.add_subcommand("trace", "Show the way a message took; verify its signatures");
    trace->require_subcommand(1);
    trace->footer("Example:\n  isthmus trace show message");
    const auto o = std::make_shared<options>();

    auto* shower = trace->add_subcommand("show", "The hops of a message, oldest first");
    shower->add_option("MESSAGE", o->message, "An envelope.xml, or the folder it is in")->required();
    shower->add_flag("--json", o->json, "Print JSON");
    shower->footer("Example:\n  isthmus queue show 01hq8z2m4xk -o message && isthmus trace show message");
    shower->callback([o, &result] { result = show(*o); });

    auto* verifier = trace->add_subcommand("verify", "Do the signatures of the sender and of all hops hold?");
    verifier->add_option("MESSAGE", o->message, "An envelope.xml, or the folder it is in")->required();
    verifier->add_option("--ca", o->cas, "A CA to believe; may be said again")
        ->type_name("FILE")
        ->allow_extra_args(false);
    auto* config =
        verifier->add_option("-c,--config", o->config, "Believe the CAs of this configuration: its own, and its peers'")
            ->type_name("FILE");
    verifier->add_flag("--json", o->json, "Print JSON");
    verifier->footer(
        "Says of each signature whether it is intact and by whom the signer is certified, which way the message took "
        "by SMTP,\nwhat was changed where; names the first broken link. In a folder, headers.xml and body are held "
        "against their digests too. Exit 1 unless all of it holds.\n\n"
        "Example:\n  isthmus trace verify message --ca ca.pem --ca carrier-ca.pem");
    verifier->callback([o, config, &result] {
        o->use_config = config->count() > 0;
        result = verify(*o);
    });
}

} // namespace gateway::cli
