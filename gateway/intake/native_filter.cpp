// What the filter says to a message on its way in over xproto, stage by stage.
#include "gateway/intake/native_intake.hpp"

#include "gateway/admission/refusals.hpp"

#include <algorithm>

namespace gateway::intake {

using admission::stage;
using xproto::finish_answer;
using xproto::object_type;

void native_intake::judge(stage now, std::function<void(admission::ruling)> done)
{
    if (exempt_) return done({});
    gateway_.filter.judge(now, facts_, [weak = weak_from_this(), done = std::move(done)](admission::ruling said) {
        const auto self = weak.lock();
        if (!self) return;
        self->exempt_ = said.exempt;
        done(std::move(said));
    });
}

void native_intake::filter_announced(object_type type, std::function<void(xproto::object_answer)> done)
{
    constexpr stage stages[] = {stage::envelope_announced, stage::headers_announced, stage::body_announced};
    judge(stages[static_cast<int>(std::min(type, object_type::body))],
          [this, done = std::move(done)](const admission::ruling& said) {
              if (!said.message) return done(xproto::object_answer::permit());
              auto refused = refused_by_filter(*said.message);
              done(xproto::object_answer::refuse(refused.code, std::move(refused.text), refused.smtp_code));
          });
}

void native_intake::filter_received(object_type type, std::function<void(finish_answer)> done)
{
    const auto now = type == object_type::envelope ? stage::envelope : stage::headers;
    judge(now, [this, type, done = std::move(done)](const admission::ruling& said) { done(after_filter(type, said)); });
}

finish_answer native_intake::after_filter(object_type type, const admission::ruling& said)
{
    if (said.message) {
        auto refused = refused_by_filter(*said.message);
        complete_ = false;
        return finish_answer::refuse(refused.code, std::move(refused.text), refused.smtp_code);
    }
    if (type != object_type::envelope) return finish_answer::accept();
    for (const auto& [place, why] : said.recipients) refuse_recipient(place, why);
    if (said.recipients.empty()) return finish_answer::accept(refused_);
    note_envelope();
    return envelope_answer();
}

// `place` is that of the recipient among those in the facts.
void native_intake::refuse_recipient(std::size_t place, const admission::refusal& why)
{
    const auto& address = facts_.recipients.at(place);
    const auto to = std::find_if(envelope_.recipients.begin(), envelope_.recipients.end(), [&](const auto& r) {
        return r.address == address && std::find(wanted_.begin(), wanted_.end(), r.number) != wanted_.end();
    });
    if (to == envelope_.recipients.end()) return;
    gateway_.counters.recipients_rejected.xproto.add();
    gateway_.counters.messages_refused[admission::reason_of(why.about)].xproto.add();
    gateway_.log.info("recipient_refused", {{"peer", peer_.host},
                                            {"msgid", message_id_},
                                            {"rcpt", address},
                                            {"rule", why.rule},
                                            {"text", why.verdict.text}});
    std::erase(wanted_, to->number);
    const auto after =
        std::find_if(refused_.begin(), refused_.end(), [&](const auto& r) { return r.number > to->number; });
    refused_.insert(after, answer_for(*to, why.verdict));
}

mapping::xproto_result native_intake::refused_by_filter(const admission::refusal& why)
{
    auto& counters = gateway_.counters;
    const bool later = why.verdict.outcome == mapping::verdict::kind::deferred;
    (later ? counters.messages_put_off : counters.messages_rejected).xproto.add();
    counters.messages_refused[admission::reason_of(why.about)].xproto.add();
    auto said = mapping::to_result(why.verdict);
    const auto code = said.code.text();
    gateway_.log.info("message_refused", {{"peer", peer_.host},
                                          {"msgid", message_id_},
                                          {"code", code},
                                          {"rule", why.rule},
                                          {"reason", why.verdict.text}});
    return said;
}

// What the envelope tells the filter, about the recipients that are still wanted.
void native_intake::note_envelope()
{
    facts_.sender = envelope_.from.address;
    facts_.options = admission::options_of(envelope_);
    facts_.octets = envelope_xml_.size() + announced_from(object_type::headers);
    if (const auto* body = announced("message/body")) facts_.media_type = admission::media_type_of(*body);
    facts_.recipients.clear();
    for (const auto& to : envelope_.recipients)
        if (std::find(wanted_.begin(), wanted_.end(), to.number) != wanted_.end())
            facts_.recipients.push_back(to.address);
}

void native_intake::count_unsent(object_type type, std::uint64_t octets)
{
    gateway_.counters.octets_refused_unsent.xproto.add(octets);
    count_unsent_after(type);
}

// What was announced is the peer's word: no more than it could have sent is believed.
void native_intake::count_unsent_after(object_type type)
{
    if (type >= object_type::body) return;
    const auto& limits = gateway_.settings->limits;
    const auto next = type == object_type::envelope ? object_type::headers : object_type::body;
    const auto most = limits.message_octets + limits.headers_object_octets;
    gateway_.counters.octets_refused_unsent.xproto.add(std::min(announced_from(next), most));
}

// Octets of this object and of those after it, as far as the envelope has told.
std::uint64_t native_intake::announced_from(object_type type) const
{
    std::uint64_t sum = 0;
    for (const auto which : {object_type::headers, object_type::body}) {
        const auto* object = which < type ? nullptr : announced(to_text(which));
        if (object != nullptr) sum += object->octets;
    }
    return sum;
}

} // namespace gateway::intake
