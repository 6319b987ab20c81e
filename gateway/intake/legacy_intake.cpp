// One legacy message on its way in.
#include "gateway/intake/legacy_intake.hpp"

#include "gateway/admission/filter.hpp"
#include "gateway/admission/refusals.hpp"
#include "gateway/intake/common.hpp"
#include "gateway/intake/senders.hpp"
#include "mapping/report/error_report_xml.hpp"
#include "mapping/report/report_reader.hpp"
#include "mapping/to_xproto.hpp"
#include "smtp/command.hpp"
#include "xproto/trace.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace gateway::intake {

namespace asio = boost::asio;

namespace {

// An envelope grows on its way by the hops that sign it: one that would not fit then is refused at once.
constexpr std::size_t room_for_trace = 64 * 1024;
// Of a report in mail, as XML in its envelope. A larger one is not told there.
constexpr std::size_t largest_view = 64 * 1024;

} // namespace

legacy_intake::legacy_intake(runtime& gateway, client_facts client, smtp::transaction transaction)
    : gateway_(gateway), client_(std::move(client)), transaction_(std::move(transaction)),
      splitter_(mapping::message_splitter::limits{gateway.settings->limits.header_octets,
                                                  gateway.settings->limits.header_fields}),
      writer_(gateway.spool.begin())
{
}

void legacy_intake::append(std::string_view octets)
{
    const auto pieces = splitter_.push(octets);
    if (!splitter_.has_header()) return;
    keep(pieces.held);
    keep(pieces.fresh);
}

// Octets of the body for the spool, unless they may have to be restored first.
void legacy_intake::keep(std::string_view body)
{
    if (!looked_) {
        looked_ = true;
        if (client_.from == spool::origin::smtp)
            returning_ = returning_message::find(gateway_, client_, splitter_.header());
    }
    std::string now;
    if (returning_) {
        returning_->append(body, now);
        body = now;
    }
    take(body);
}

// Octets of the body as they are stored.
void legacy_intake::take(std::string_view body)
{
    if (body.empty()) return;
    if (!reading_) reading_ = mapping::may_be_report(splitter_.header(), transaction_.reverse_path.empty());
    if (*reading_) read_.append(body, 0, mapping::error_report_limits{}.octets - read_.size());
    scan_.push(body);
    writer_->append(body);
}

void legacy_intake::finish_body()
{
    const auto rest = splitter_.finish();
    keep(rest.held);
    if (!returning_) return;
    std::string last;
    restored_ = returning_->finish(transaction_, splitter_.header(), splitter_.body_digest(), last);
    take(last);
}

asio::awaitable<legacy_intake::objects> legacy_intake::make_objects()
{
    if (restored_) {
        gateway_.log.info("restored", {{"client", client_.address},
                                       {"msgid", restored_->envelope.id},
                                       {"changes", restored_->envelope.trace.back().changes.size()},
                                       {"undone", restored_->undone}});
        objects out{std::move(restored_->envelope), std::move(restored_->envelope_xml),
                    std::move(restored_->headers_xml)};
        co_return out;
    }
    auto made = mapping::to_xproto(transaction_, splitter_, make_message_id(gateway_.settings->host), gateway_.now(),
                                   {}, mapping_options(*gateway_.settings));
    add_report(made.envelope);
    const auto how = client_.trusted ? mapping::assurance::network : mapping::assurance::nothing;
    if (const auto why = gateway_.senders.certify(made.envelope, how, gateway_.now()))
        gateway_.log.info("sender_uncertified", {{"sender", transaction_.reverse_path}, {"reason", *why}});
    co_await gateway_.senders.sign_in_batch(made.envelope);
    objects out;
    out.envelope_xml = xproto::write(made.envelope);
    out.envelope = std::move(made.envelope);
    out.headers_xml = std::move(made.headers);
    co_return out;
}

// A report stays the mail it is; what it says also goes into the envelope, for those who read envelopes.
void legacy_intake::add_report(xproto::envelope& envelope) const
{
    if (!reading_.value_or(false)) return;
    const auto report = mapping::read_report(splitter_.header(), read_);
    if (!report) return;
    mapping::error_report_limits limits;
    limits.octets = std::min<std::size_t>(largest_view, gateway_.settings->limits.envelope_object_octets / 4);
    mapping::add_report_view(envelope, *report, limits);
}

// What the filter says when all is here. An SMTP client has sent everything by now; later stages are asked all the
// same, so that one rule does for both protocols.
asio::awaitable<std::optional<mapping::verdict>> legacy_intake::filter()
{
    if (!client_.mail) co_return std::nullopt;
    auto& mail = *client_.mail;
    const auto& header = splitter_.header();
    mail.octets = header.octets().size() + splitter_.body_octets();
    mail.fields = admission::facts_of(header, gateway_.settings->filters);
    mail.media_type = admission::media_type_of(header);
    for (const auto now :
         {admission::stage::headers_announced, admission::stage::headers, admission::stage::body_announced}) {
        const auto said = co_await admission::ask(gateway_.filter, now, mail);
        if (said.exempt) co_return std::nullopt;
        if (!said.message) continue;
        auto& counters = gateway_.counters;
        const bool later = said.message->verdict.outcome == mapping::verdict::kind::deferred;
        (later ? counters.messages_put_off : counters.messages_rejected).smtp.add();
        counters.messages_refused[admission::reason_of(said.message->about)].smtp.add();
        gateway_.log.info("message_refused", {{"client", client_.address},
                                              {"sender", transaction_.reverse_path},
                                              {"rule", said.message->rule},
                                              {"reason", said.message->verdict.text}});
        co_return said.message->verdict;
    }
    co_return std::nullopt;
}

asio::awaitable<mapping::verdict> legacy_intake::commit()
{
    finish_body();
    if (splitter_.header().count("Received") > gateway_.settings->limits.hops) {
        auto loop = mapping::verdict::rejected({5, 4, 6}, "too many hops (limits.hops), this looks like a mail loop");
        gateway_.counters.messages_rejected.smtp.add();
        gateway_.log.warning("mail_loop", {{"client", client_.address}, {"sender", transaction_.reverse_path}});
        co_return loop;
    }
    auto refused = co_await filter();
    if (refused) co_return *refused;
    auto made = co_await make_objects();
    auto outcome = co_await store(std::move(made));
    co_return outcome;
}

asio::awaitable<mapping::verdict> legacy_intake::store(objects made)
{
    auto facts = make_record(gateway_, made.envelope);
    facts.from = client_.from;
    if (restored_) facts.peer_identity = restored_peer;
    facts.reception.peer = client_.hello;
    facts.reception.peer_address = client_.address;
    facts.reception.protocol = client_.protocol;
    facts.reception.tls = client_.tls;
    const auto content = scan_.facts();
    facts.content.eight_bit = content.eight_bit;
    facts.content.bare_newlines = content.bare_newline || content.nul;
    facts.content.smtputf8 = smtp::find_parameter(transaction_.parameters, "SMTPUTF8") != nullptr;

    if (made.envelope_xml.size() + room_for_trace > gateway_.settings->limits.envelope_object_octets)
        co_return refused(make_error_code(spool::errc::record_too_large));
    auto start = [&](auto handler) {
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        writer_->commit(std::move(facts), std::move(made.envelope_xml), std::move(made.headers_xml),
                        [kept](spool::result<spool::record> stored) { std::move (*kept)(std::move(stored)); });
    };
    using signature = void(spool::result<spool::record>);
    auto stored = co_await asio::async_initiate<decltype(asio::use_awaitable), signature>(start, asio::use_awaitable);
    co_return stored ? accepted(std::move(*stored)) : refused(stored.error());
}

mapping::verdict legacy_intake::accepted(spool::record stored)
{
    const auto id = stored.id.text();
    if (client_.from == spool::origin::smtp) {
        gateway_.counters.messages_accepted.smtp.add();
        gateway_.counters.octets_accepted.smtp.add(stored.place.octets());
    }
    gateway_.log.info("accepted", {{"id", id},
                                   {"client", client_.address},
                                   {"helo", client_.hello},
                                   {"protocol", client_.protocol},
                                   {"sender", stored.sender},
                                   {"recipients", stored.recipients.size()},
                                   {"octets", stored.place.octets()},
                                   {"msgid", stored.message_id}});
    gateway_.accepted->on_accepted(std::move(stored));
    return mapping::verdict::delivered("accepted as " + id);
}

mapping::verdict legacy_intake::refused(const boost::system::error_code& why)
{
    auto outcome = commit_failure(why);
    auto& counters = gateway_.counters;
    (outcome.outcome == mapping::verdict::kind::rejected ? counters.messages_rejected : counters.messages_put_off)
        .smtp.add();
    gateway_.log.error("commit_failed",
                       {{"client", client_.address}, {"sender", transaction_.reverse_path}, {"reason", why.message()}});
    return outcome;
}

} // namespace gateway::intake
