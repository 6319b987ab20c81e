// Which stage asks about what. Peers of xproto have been looked up when they proved themselves.
#include "gateway/trust/listing_filter.hpp"

namespace gateway::trust {

namespace {

using admission::stage;

subject subject_of(stage now, const admission::mail_facts& mail)
{
    subject about;
    if (mail.trust == config::trust::trusted) return about;
    if (now == stage::envelope_announced && !mail.by_xproto) about.address = mail.address;
    // By SMTP each recipient is a question of its own; the sender is asked about with the first, which has none.
    const bool asked = !mail.by_xproto && !mail.recipients.empty();
    if (now == stage::envelope && !asked) about.sender = mail.sender.value_or("");
    return about;
}

admission::refusal refuse(const finding& said)
{
    admission::refusal made;
    made.verdict = said.what == finding::opinion::blocked
                       ? mapping::verdict::rejected({5, 7, 1}, "listed by " + said.list)
                       : mapping::verdict::deferred({4, 7, 1}, said.list + " cannot be asked now");
    made.about = admission::subject::list;
    made.rule = said.list + ": " + said.entry;
    return made;
}

} // namespace

void listing_filter::judge(stage now, const admission::mail_facts& mail, handler done)
{
    const auto about = subject_of(now, mail);
    if (lists_.empty() || (about.address.empty() && about.sender.empty()))
        return next_.judge(now, mail, std::move(done));
    const auto kept = std::make_shared<const admission::mail_facts>(mail);
    lists_.ask(about, [this, now, kept, done = std::move(done)](const finding& said) {
        if (said.what != finding::opinion::blocked && said.what != finding::opinion::unknown)
            return next_.judge(now, *kept, done);
        admission::ruling made;
        made.message = refuse(said);
        done(std::move(made));
    });
}

} // namespace gateway::trust
