// What became of the messages that `isthmus send` sent, for people, for scripts, and as an exit code.
#pragma once

#include "gateway/tools/parcel.hpp"
#include "gateway/tools/xproto_client.hpp"
#include "xproto/client_session.hpp"

#include <boost/json/array.hpp>

#include <iosfwd>
#include <map>
#include <string>

namespace gateway::tools {

class send_results {
  public:
    enum class style { lines, json };

    send_results(std::ostream& out, style how) : out_(out), style_(how) {}

    // `id` was made from this file.
    void sending(const std::string& id, const std::string& file) { files_[id] = file; }
    // One line for each message, and one for each recipient that was refused.
    void add(const parcel& sent, const xproto::client_session::result& result);
    // A message that we gave up, as we were told to.
    void add_stopped(const parcel& sent);
    // What became of a message later.
    void add(const xproto::hop_notice& what);
    // Says how the session went, and the totals. Returns the exit code: 3 when the server was not reached, or did not
    // answer for a message; 1 when it refused us, a message or a recipient; else 0.
    int finish(const session_report& session);

  private:
    void add_line(const parcel& sent, const xproto::client_session::result& result, const std::string& file);
    void add_json(const parcel& sent, const xproto::client_session::result& result, const std::string& file);

    std::ostream& out_;
    style style_;
    std::map<std::string, std::string> files_; // by message id
    boost::json::array messages_, hops_;
    std::uint64_t accepted_ = 0, refused_ = 0, lost_ = 0, stopped_ = 0;
    std::uint64_t refused_recipients_ = 0; // of accepted messages
};

} // namespace gateway::tools
