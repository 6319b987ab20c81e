// One xproto session of `isthmus sink`: a receiver that takes everything, verifies what can be verified, and says what
// it found. The conversation is in xproto_sink.cpp, what concerns messages in xproto_sink_objects.cpp.
#pragma once

#include "gateway/sessions/outbox.hpp"
#include "gateway/tools/dialogue.hpp"
#include "gateway/tools/received_objects.hpp"
#include "gateway/tools/sink.hpp"
#include "xproto/server_session.hpp"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace gateway::tools {

class xproto_sink final : public sink_session, public std::enable_shared_from_this<xproto_sink> {
  public:
    xproto_sink(sink& shared, std::unique_ptr<net::stream> connection);

    boost::asio::awaitable<void> run();
    void leave() { shared_.remove(*this); }
    void drain() override
    {
        if (!begun_) return stream_->close();
        session_.on_shutdown();
        go_on();
    }

  private:
    enum class next_step { read, wait, close };
    // The two answers to a question; they may be given later, when the message is gone.
    using acceptance = std::function<void(xproto_sink&)>;
    using rejection = std::function<void(xproto_sink&, const refusal&)>;

    struct object {
        std::string message_id;
        xproto::object_type type;
    };

    boost::asio::awaitable<bool> begin();
    boost::asio::awaitable<void> read();
    void set_deadline();
    next_step pump();
    // Does what the rules say at this stage: waits, drops, or gives one of the two answers.
    void decide(const interference& what, acceptance yes, rejection no);
    void conclude(const interference& what, const acceptance& yes, const rejection& no);
    void go_on();
    void drop();
    void check_identity(const xproto::server_session::check_identity& question);
    xproto::identity_answer judge(const xproto::server_session::check_identity& question);
    void make_proof(const std::string& transcript);
    received_objects* find(const std::string& id);
    void check_object(const xproto::server_session::check_object& question);
    void finish_object(const xproto::server_session::finish_object& question);
    void finish_envelope(std::uint32_t tag, received_objects& message);
    void accept_envelope(std::uint32_t tag, const std::string& id);
    void accept_message(std::uint32_t tag, const std::string& id);
    void refuse_finished(std::uint32_t tag, const std::string& id, const refusal& no);

    sink& shared_;
    std::unique_ptr<net::stream> stream_;
    xproto::server_session session_;
    sessions::outbox out_;
    net::wakeup wake_;
    dialogue words_;
    std::unordered_map<std::string, std::unique_ptr<received_objects>> messages_; // by id
    std::unordered_map<std::uint32_t, object> by_tag_;                            // under way
    xproto::server_session::phase phase_ = xproto::server_session::phase::helo;
    bool begun_ = false, closed_ = false;
};

} // namespace gateway::tools
