// One message on its way in over xproto: its three objects are checked one after the other, each before the next may
// travel, and committed when the last is here.
#pragma once

#include "gateway/admission/filter.hpp"
#include "gateway/intake/body_assembly.hpp"
#include "gateway/intake/common.hpp"
#include "gateway/intake/facts.hpp"
#include "gateway/runtime/runtime.hpp"
#include "mapping/status_table.hpp"
#include "xproto/envelope.hpp"
#include "xproto/session.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gateway::intake {

class native_intake : public std::enable_shared_from_this<native_intake> {
  public:
    native_intake(runtime& gateway, std::shared_ptr<const site::identity> identity, peer_facts peer,
                  std::string message_id);

    // May this object travel? Compares what the peer announces with what its envelope says. Answers at once, or when
    // what is here already has been added to the body.
    void check_object(const xproto::server_session::check_object& asked,
                      std::function<void(xproto::object_answer)> handler);
    // What the filter says to an object that check_object() permits. `done` runs at once or later.
    void filter_announced(xproto::object_type type, std::function<void(xproto::object_answer)> done);
    void append(std::string_view octets); // of the object last permitted
    // The object last permitted is here: is it what it should be?
    xproto::finish_answer finish_object(xproto::object_type type);
    // What the filter says to an envelope or headers that finish_object() accepts.
    void filter_received(xproto::object_type type, std::function<void(xproto::finish_answer)> done);
    // Counts what was refused before it travelled: this object, of so many octets, and those after it; or only those.
    void count_unsent(xproto::object_type type, std::uint64_t octets);
    void count_unsent_after(xproto::object_type type);
    // Are all objects here and good?
    bool ready_to_commit() const { return complete_; }
    // Makes the message durable, then answers for its last object. Call once, when ready_to_commit().
    void commit(std::function<void(xproto::finish_answer)> handler);

    bool congested() const { return body_ && body_->writer().congested(); }
    boost::asio::awaitable<void> drained() { return intake::drained(body_->writer()); }

  private:
    xproto::finish_answer finish_envelope();
    xproto::finish_answer finish_headers();
    xproto::finish_answer finish_body(xproto::object_type type);
    xproto::finish_answer envelope_answer();
    void note_envelope();
    std::uint64_t announced_from(xproto::object_type type) const;
    std::optional<xproto::finish_answer> check_trace();
    std::optional<xproto::finish_answer> take_probe();
    xproto::finish_answer answer_probe(std::uint32_t hop, std::string next);
    void check_recipients(const std::vector<std::string>& owned);
    const xproto::object_reference* announced(std::string_view type) const;
    xproto::object_answer check_size(const xproto::server_session::check_object& asked) const;
    xproto::object_answer answer_about(const body_assembly::verdict& no) const;
    xproto::finish_answer refuse(xproto::result_code code, const std::string& why);
    void store(std::function<void(xproto::finish_answer)> handler);
    void judge(admission::stage now, std::function<void(admission::ruling)> done);
    mapping::xproto_result refused_by_filter(const admission::refusal& why);
    xproto::finish_answer after_filter(xproto::object_type type, const admission::ruling& said);
    void refuse_recipient(std::size_t place, const admission::refusal& why);
    xproto::finish_answer stored(spool::result<spool::record> outcome);

    runtime& gateway_;
    std::shared_ptr<const site::identity> identity_;
    peer_facts peer_;
    std::string message_id_;
    xproto::object_type current_ = xproto::object_type::envelope;
    std::string envelope_xml_, headers_xml_;
    xproto::envelope envelope_;
    admission::mail_facts facts_; // for the filter
    bool exempt_ = false;         // from the filter's further questions?
    bool owned_some_ = false;     // is it ours for some of its recipients since an earlier attempt?
    std::vector<xproto::recipient_answer> refused_;
    std::vector<std::uint32_t> wanted_;   // numbers of the recipients that we take
    std::unique_ptr<body_assembly> body_; // once it may come
    std::unique_ptr<spool::writer> control_writer_;
    bool complete_ = false;
    bool control_ = false; // is the envelope all of the message?
};

} // namespace gateway::intake
