// What an xproto session of `isthmus sink` does with messages.
#include "gateway/tools/xproto_sink.hpp"

namespace gateway::tools {

using session = xproto::server_session;

received_objects* xproto_sink::find(const std::string& id)
{
    const auto found = messages_.find(id);
    return found == messages_.end() ? nullptr : found->second.get();
}

void xproto_sink::check_object(const session::check_object& question)
{
    using xproto::object_type;
    const auto id = question.message_id;
    const auto tag = question.tag;
    if (question.type == object_type::envelope)
        messages_[id] = std::make_unique<received_objects>(id, shared_.received.begin());
    by_tag_[tag] = object{id, question.type};
    auto at = stage::body;
    if (question.type == object_type::envelope) at = stage::envelope;
    if (question.type == object_type::headers) at = stage::headers;
    decide(
        shared_.rules.at(at),
        [tag](xproto_sink& self) { self.session_.on_object(tag, xproto::object_answer::permit()); },
        [tag, id](xproto_sink& self, const refusal& no) {
            self.by_tag_.erase(tag);
            self.messages_.erase(id);
            const auto& said = no.result;
            self.session_.on_object(tag, xproto::object_answer::refuse(said.code, said.text, said.smtp_code));
        });
}

void xproto_sink::finish_object(const session::finish_object& question)
{
    using xproto::object_type;
    const auto tag = question.tag;
    const auto id = question.message_id;
    by_tag_.erase(tag);
    auto* const message = find(id);
    if (message == nullptr) return session_.on_finished(tag, xproto::finish_answer::refuse(xproto::codes::local_error));
    const auto refuse = [tag, id](xproto_sink& self, const refusal& no) { self.refuse_finished(tag, id, no); };
    switch (question.type) {
    case object_type::envelope: return finish_envelope(tag, *message);
    case object_type::headers:
        message->finish_headers();
        return decide(
            shared_.rules.at(stage::headers_after),
            [tag](xproto_sink& self) { self.session_.on_finished(tag, xproto::finish_answer::accept()); }, refuse);
    case object_type::skeleton:
    case object_type::leaf: // not offered
    case object_type::body:
        message->finish_body();
        return decide(
            shared_.rules.at(stage::end), [tag, id](xproto_sink& self) { self.accept_message(tag, id); }, refuse);
    }
}

void xproto_sink::finish_envelope(std::uint32_t tag, received_objects& message)
{
    xproto::trace_expectations expected;
    expected.validate = [this](const auto& leaf, const auto& others, xproto::purpose use, xproto::unix_seconds at) {
        return shared_.certificates.validate(shared_.setup.who->anchors, leaf, others, use, at);
    };
    expected.parse = [this](const xproto::digest& name, std::string_view der) {
        return shared_.certificates.parse(name, der);
    };
    expected.batches = &shared_.batches;
    expected.peer = session_.peer();
    expected.host = shared_.setup.who->host;
    expected.now = cli::unix_now();
    message.finish_envelope(expected);

    auto what = shared_.rules.at(stage::envelope_after);
    const auto& envelope = message.envelope();
    const auto recipients = envelope ? envelope->recipients : std::vector<xproto::recipient>{};
    for (const auto& to : recipients) {
        const auto own = shared_.rules.at(stage::rcpt, to.address);
        what.delay += own.delay;
        what.drop |= own.drop;
        if (!own.refuse) continue;
        const auto& said = own.refuse->result;
        message.refused.push_back({to.number, false, said.code, said.text, said.smtp_code});
        if (message.refused.size() == recipients.size() && !what.refuse) what.refuse = own.refuse;
    }
    const auto id = message.id();
    decide(
        what, [tag, id](xproto_sink& self) { self.accept_envelope(tag, id); },
        [tag, id](xproto_sink& self, const refusal& no) { self.refuse_finished(tag, id, no); });
}

void xproto_sink::accept_envelope(std::uint32_t tag, const std::string& id)
{
    auto* const message = find(id);
    if (message == nullptr) return;
    if (message->envelope_only()) return accept_message(tag, id);
    session_.on_finished(tag, xproto::finish_answer::accept(message->refused));
}

void xproto_sink::accept_message(std::uint32_t tag, const std::string& id)
{
    auto* const message = find(id);
    if (message == nullptr) return;
    auto what = message->describe();
    what.peer = session_.peer();
    what.peer_address = stream_->peer_endpoint();
    auto answer = message->envelope_only() ? xproto::finish_answer::accept_control(message->refused)
                                           : xproto::finish_answer::accept(message->refused);
    if (!shared_.received.take(what, message->take_content()))
        answer = xproto::finish_answer::refuse(xproto::codes::storage_failed);
    messages_.erase(id);
    session_.on_finished(tag, std::move(answer));
}

void xproto_sink::refuse_finished(std::uint32_t tag, const std::string& id, const refusal& no)
{
    const auto* const message = find(id);
    const auto& said = no.result;
    auto answer = xproto::finish_answer::refuse(said.code, said.text, said.smtp_code);
    if (message != nullptr) answer.recipients = message->refused;
    messages_.erase(id);
    session_.on_finished(tag, std::move(answer));
}

} // namespace gateway::tools
