// Tells senders what has become of their mail.
#include "gateway/delivery/reporter.hpp"

#include "gateway/intake/control_intake.hpp"
#include "gateway/intake/legacy_intake.hpp"
#include "gateway/runtime/limits.hpp"
#include "gateway/runtime/random.hpp"
#include "mapping/report/error_report_xml.hpp"
#include "mapping/to_smtp.hpp"
#include "xproto/trace.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace gateway::delivery {

namespace asio = boost::asio;

namespace {

// A body up to this size is at hand for RET=FULL.
constexpr std::uint64_t returned_body_octets = 64 * 1024;

struct original {
    mapping::smtp_message message;
    std::string id;      // as peers know it
    bool native = false; // does its sender live in xproto?
    std::optional<std::string> body;
};

// As much of the message as can still be read: a report about a damaged message is better than none.
original read_original(const runtime& gateway, const spool::record& record)
{
    original found;
    found.message.transaction.reverse_path = record.sender;
    auto reader = gateway.spool.open(record);
    if (!reader) return found;
    const auto envelope_xml = (*reader)->envelope();
    if (!envelope_xml) return found;
    const auto envelope = xproto::read_envelope(*envelope_xml, envelope_limits(*gateway.settings));
    if (!envelope) return found;
    found.id = envelope->id;
    const bool is_control = envelope->objects.empty(); // mail would be no answer to it
    found.native = is_control || (record.from == spool::origin::xproto && xproto::is_native(*envelope));
    found.message = mapping::to_smtp(*envelope, {});
    if (is_control) return found;
    const auto headers_xml = (*reader)->headers();
    if (!headers_xml) return found;
    const auto headers = xproto::read_headers(*headers_xml);
    if (!headers) return found;
    found.message = mapping::to_smtp(*envelope, *headers);
    if (record.place.body_octets > returned_body_octets) return found;
    std::string body;
    while (body.size() < record.place.body_octets) {
        const auto piece = (*reader)->body(body.size());
        if (!piece || piece->empty()) return found;
        body += *piece;
    }
    found.body = std::move(body);
    return found;
}

smtp::recipient legacy_recipient(const spool::recipient& from)
{
    smtp::recipient made;
    made.address = from.address;
    for (const auto& text : from.parameters) {
        smtp::parameter p;
        const auto equals = text.find('=');
        p.keyword = text.substr(0, equals);
        if (equals != std::string::npos) p.value = text.substr(equals + 1);
        made.parameters.push_back(std::move(p));
    }
    return made;
}

asio::awaitable<void> store(std::shared_ptr<intake::legacy_intake> report, std::function<void(bool)> done)
{
    const auto stored = co_await report->commit();
    done(stored.outcome == mapping::verdict::kind::delivered);
}

} // namespace

void reporter::report(std::shared_ptr<const spool::record> message, std::vector<item> items,
                      std::function<void(bool)> done)
{
    const auto original = read_original(gateway_, *message);
    mapping::report_facts facts;
    facts.host = gateway_.settings->host;
    facts.id = random_text(16);
    facts.time = gateway_.now();
    facts.original = original.message.transaction;
    facts.received_from = message->reception.peer;
    facts.arrival = message->reception.time;
    facts.header = original.message.header;
    if (original.body) facts.body = *original.body;
    for (const auto& one : items) {
        const auto to = legacy_recipient(message->recipients[one.recipient]);
        if (!mapping::report_due(facts.original, to, one.action)) continue;
        auto entry = mapping::reported_recipient::about(to, one.action, one.verdict);
        entry.last_attempt = facts.time;
        if (one.action == mapping::report_action::delayed) entry.retry_until = message->expires;
        facts.recipients.push_back(std::move(entry));
    }
    if (facts.original.reverse_path.empty() || facts.recipients.empty()) return done(true);

    const auto id = message->id.text();
    gateway_.log.info("report", {{"id", id},
                                 {"to", message->sender},
                                 {"form", original.native ? "xproto" : "mail"},
                                 {"action", mapping::to_text(facts.recipients.front().action)},
                                 {"recipients", facts.recipients.size()}});
    gateway_.counters.reports_sent.add();
    if (original.native) {
        facts.message = original.id;
        return send_native(facts, std::move(done));
    }
    send_mail(facts, std::move(done));
}

void reporter::send_native(const mapping::report_facts& facts, std::function<void(bool)> done)
{
    auto envelope = mapping::make_report_envelope(mapping::to_error_report(facts), facts.original.reverse_path,
                                                  intake::make_message_id(gateway_.settings->host), facts.time);
    intake::store_control(gateway_, std::move(envelope), std::move(done));
}

void reporter::send_mail(const mapping::report_facts& facts, std::function<void(bool)> done)
{
    auto written = mapping::write_report(facts);
    if (!written) return done(true);
    intake::client_facts here;
    here.hello = gateway_.settings->host;
    here.trusted = true;
    here.from = spool::origin::local;
    auto local = std::make_shared<intake::legacy_intake>(gateway_, std::move(here), std::move(written->transaction));
    local->append(written->message);
    asio::co_spawn(gateway_.context, store(std::move(local), std::move(done)), asio::detached);
}

} // namespace gateway::delivery
