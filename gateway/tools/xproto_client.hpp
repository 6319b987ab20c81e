// One xproto session as a client: connects, proves who it is, sends parcels until there are none left, and says QUIT.
// The engine of `isthmus send` and of the xproto load generator.
#pragma once

#include "gateway/config/endpoint.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/net/wakeup.hpp"
#include "gateway/sessions/outbox.hpp"
#include "gateway/tools/dialogue.hpp"
#include "gateway/tools/later_hops.hpp"
#include "gateway/tools/parcel.hpp"
#include "gateway/tools/workbench.hpp"
#include "xproto/client_session.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gateway::tools {

struct client_setup {
    config::endpoint to;
    std::string peer_host;                            // the name that the server must prove
    const credentials* who = nullptr;                 // lives as long as the session
    std::optional<net::tls_context> tls;              // of the same
    xproto::option_set options{xproto::option::pipe}; // to switch on, of those that the server offers
    bool in_clear = false;                            // the session begins in clear, and must change to TLS
    bool require_proof = true;                        // of the server, by a HELO of its own
    std::uint32_t messages = 64;                      // at once, if the server's window allows
    std::chrono::seconds patience{60};                // for each answer
    std::function<void(std::string_view)> show = {};  // control lines; may be empty
    std::vector<std::string> raw = {};                // sent instead of messages, octet for octet
    bool raw_early = false;                           // before our HELO, not when the session is ready
    std::chrono::milliseconds silence{2000}; // of the server, after which nothing more is expected to answer `raw`
    std::function<void()> on_ready = {}; // stay when there are no parcels, and say that we were let in; may be empty
    // Hears what becomes of messages (TRACE), for as long as they are under way, but no longer than `trace_patience`
    // after the last news; empty: nothing is asked for.
    std::function<void(const xproto::hop_notice&)> on_hop = {};
    std::chrono::milliseconds trace_patience{30000};
    std::uint64_t stall_after = no_stall; // octets of a body that are sent; the rest never is

    // Where to stop in the middle of a message; neither: nowhere. `quit_after`: give it up when the server has accepted
    // this object, and says so by its permission for the next. `drop_after`: close the connection when its octets have
    // left. The message's outcome is on_stopped().
    std::optional<xproto::object_type> quit_after = {}, drop_after = {};
    std::function<void(const parcel&)> on_stopped = {};

    static constexpr std::uint64_t no_stall = ~std::uint64_t{0};
};

// How a session went.
struct session_report {
    bool ready = false;   // were we let in?
    bool orderly = false; // did it end with QUIT?
    bool pipelined = false;
    xproto::option_set options; // that were on
    std::string peer;           // the server's name
    std::string what;           // why it failed
    xproto::result_code code;   // likewise, if the protocol has one for it
};

class xproto_client : public std::enable_shared_from_this<xproto_client> {
  public:
    using parcel_ptr = std::shared_ptr<const parcel>;
    // The next parcel, or null when there are no more.
    using supply = std::function<parcel_ptr()>;
    using report = std::function<void(const parcel&, const xproto::client_session::result&)>;

    xproto_client(workbench& bench, const client_setup& setup, supply next, report done);

    boost::asio::awaitable<session_report> run();
    // There may be parcels again, for a session that stayed.
    void look_for_parcels();
    // Ends at once, whatever is under way.
    void abort();

  private:
    enum class next_step { read, wait, start_tls, close };

    boost::asio::awaitable<bool> connect();
    boost::asio::awaitable<bool> begin_tls();
    boost::asio::awaitable<bool> change_to_tls();
    boost::asio::awaitable<void> converse();
    boost::asio::awaitable<void> read();
    boost::asio::awaitable<void> read_raw();
    next_step pump();
    void send_raw();
    void take_parcels();
    void leave_when_done();
    void give_content(const xproto::client_session::want_content& wanted);
    bool is_enough(const xproto::client_session::want_content& wanted) const;
    void content_room();
    void take_result(const xproto::client_session::result& result);
    void check_identity(const xproto::client_session::check_identity& question);
    void make_proof(const std::string& transcript);

    workbench& bench_;
    const client_setup& setup_;
    supply next_;
    report done_;
    xproto::client_session session_;
    std::unique_ptr<net::stream> stream_;
    std::optional<sessions::outbox> out_;
    net::wakeup wake_;
    dialogue words_;
    std::unordered_map<std::uint64_t, parcel_ptr> sending_;
    std::vector<xproto::client_session::want_content> put_off_; // wanted while too much waited to be written
    std::uint64_t last_handle_ = 0;
    session_report report_;
    later_hops later_;
    bool empty_ = false; // are there no more parcels?
    bool raw_ = false;   // are we past the session, and only show what comes?
    bool closed_ = false;
    std::optional<std::uint64_t> stopped_; // the message that we give up
    bool dropping_ = false;                // the connection closes when all that was said has left
};

} // namespace gateway::tools
