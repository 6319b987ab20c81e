// The messages that come in one xproto session, whichever end opened it: which objects may travel, where their octets
// go, what became of them (docs/xproto.md, "Transfers"). What a peer brings is treated alike, whoever called whom.
#pragma once

#include "gateway/intake/native_intake.hpp"
#include "gateway/runtime/runtime.hpp"
#include "gateway/sessions/session_driver.hpp"
#include "gateway/sessions/trace_feed.hpp"
#include "xproto/transfers.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace gateway::sessions {

class incoming_mail final : public trace_feed::listener {
  public:
    // Driver and session must outlive this.
    incoming_mail(runtime& gateway, std::shared_ptr<const config::settings> settings,
                  std::shared_ptr<const site::identity> identity, xproto::receiving_half& session,
                  session_driver& driver);

    // The peer has proved who it is, and in which way. Before the first question.
    void from(std::shared_ptr<const site::known_peer> peer, xproto::reception how);

    // The session's questions.
    void check_object(const xproto::receiving::check_object& question);
    void append(const xproto::receiving::append& piece);
    void finish_object(const xproto::receiving::finish_object& question);
    void check_held(const xproto::receiving::check_held& question);
    void drop(const xproto::receiving::abort& gone);
    // The session is over. What is being stored goes on.
    void end();

    // Waits until the store has room for more. False: there was no need to.
    boost::asio::awaitable<bool> has_room();
    void count_discarded();
    // Messages that have become ours.
    std::uint64_t accepted() const { return accepted_; }

    void on_hop(const xproto::hop_notice& what) override;

  private:
    void filter_object(const xproto::receiving::check_object& question, xproto::object_answer answer);
    void answer_object(const xproto::receiving::check_object& question, xproto::object_answer answer);
    void answer_finished(const xproto::receiving::finish_object& question, xproto::finish_answer answer);
    void commit(std::uint32_t tag, const std::string& message_id);
    void watch_progress();

    // A message on its way in, and the tag its current object goes by.
    using messages = std::unordered_map<std::string, std::shared_ptr<intake::native_intake>>;

    runtime& gateway_;
    std::shared_ptr<const config::settings> settings_;
    std::shared_ptr<const site::identity> identity_;
    xproto::receiving_half& session_;
    session_driver& driver_;
    std::shared_ptr<const site::known_peer> peer_;
    xproto::reception reception_;
    trace_following followed_;
    messages messages_;
    std::unordered_map<std::uint32_t, std::shared_ptr<intake::native_intake>> by_tag_;
    std::uint64_t accepted_ = 0;
    std::uint64_t discarded_ = 0;
    std::set<std::uint32_t> committing_; // tags of objects whose messages are being stored
    std::optional<boost::asio::steady_timer> progress_;
    bool watching_ = false;
    bool ended_ = false;
};

} // namespace gateway::sessions
