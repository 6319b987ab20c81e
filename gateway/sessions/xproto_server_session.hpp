// One session of an xproto server: a connection, xproto::server_session, and the answers to its questions. The
// connection's side is in xproto_server.cpp, the answers in xproto_server_answers.cpp.
#pragma once

#include "gateway/intake/native_intake.hpp"
#include "gateway/net/pace.hpp"
#include "gateway/sessions/outbox.hpp"
#include "gateway/site/identity.hpp"
#include "gateway/validity/host_validator.hpp"
#include "xproto/server_session.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace gateway::sessions {

class xproto_server final : public live_session,
                            public trace_feed::listener,
                            public std::enable_shared_from_this<xproto_server> {
  public:
    xproto_server(runtime& gateway, std::unique_ptr<net::stream> connection, config::start start);

    boost::asio::awaitable<void> run();

    void on_hop(const xproto::hop_notice& what) override;
    void drain() override
    {
        if (shaking_hands_) return abort();
        session_.on_shutdown();
        if (pump() == next_step::close) stream_->interrupt();
    }
    void review() override;
    void abort() override
    {
        stream_->close();
        out_.close();
        wake_.notify();
    }

  private:
    enum class next_step { read, wait, start_tls, close };

    boost::asio::awaitable<bool> begin_tls();
    boost::asio::awaitable<void> change_to_tls();
    boost::asio::awaitable<void> read();
    next_step pump();
    next_step obey();
    void check_identity(xproto::server_session::check_identity& question);
    void take_identity(const std::string& claimed, validity::finding found);
    void ask_lists(const xproto::identity_answer& valid, const std::vector<std::string>& issuers);
    void take_review(const xproto::identity_answer& now);
    void make_proof(const std::string& transcript);
    void check_object(const xproto::server_session::check_object& question);
    void append(const xproto::server_session::append& piece);
    void check_held(const xproto::server_session::check_held& question);
    void finish_object(const xproto::server_session::finish_object& question);
    void filter_object(const xproto::server_session::check_object& question, xproto::object_answer answer);
    void answer_object(const xproto::server_session::check_object& question, xproto::object_answer answer);
    void answer_finished(const xproto::server_session::finish_object& question, xproto::finish_answer answer);
    void resume();
    void commit(std::uint32_t tag, const std::string& message_id);
    void set_deadline();
    void count_discarded();
    void watch_progress();
    void log_end() const;

    // A message on its way in, and the tag its current object goes by.
    using messages = std::unordered_map<std::string, std::shared_ptr<intake::native_intake>>;

    runtime& gateway_;
    std::shared_ptr<const config::settings> settings_;
    std::shared_ptr<const site::identity> identity_;
    std::unique_ptr<net::stream> stream_;
    net::pace pace_;
    xproto::server_session session_;
    config::start start_;
    outbox out_;
    net::wakeup wake_;
    trace_following followed_;
    registry::place place_;
    std::shared_ptr<const site::known_peer> peer_;
    validity::finding found_;                           // how the peer was validated, and what it is here
    std::shared_ptr<const site::identity> believed_by_; // by which of the site's identities it was
    messages messages_;
    std::unordered_map<std::uint32_t, std::shared_ptr<intake::native_intake>> by_tag_;
    xproto::server_session::phase phase_ = xproto::server_session::phase::helo;
    xproto::server_session::close end_;
    std::uint64_t accepted_ = 0;
    std::uint64_t discarded_ = 0;
    std::set<std::uint32_t> committing_; // tags of objects whose messages are being stored
    std::optional<boost::asio::steady_timer> progress_;
    bool watching_ = false;
    bool shaking_hands_ = false, pumping_ = false, closed_ = false;
};

} // namespace gateway::sessions
