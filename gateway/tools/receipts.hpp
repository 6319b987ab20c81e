// What a test receiver has received: a line for each message, kept octets where wanted, a summary at the end, and the
// knowledge when it is enough.
#pragma once

#include "gateway/log/logger.hpp"
#include "gateway/tools/message_folder.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gateway::tools {

// One message, as the session that took it knows it.
struct receipt {
    std::string peer;         // the proved host, or what the SMTP client called itself
    std::string peer_address; // 127.0.0.1:4321
    std::string id;           // xproto: the message's id; empty for SMTP
    std::string sender;
    std::vector<std::string> recipients; // those that were accepted
    std::uint64_t octets = 0;            // of the content, or of all objects
    std::string trace;                   // xproto: valid, intact, or what is broken; empty for SMTP
    std::string objects;                 // xproto: sound, or what is wrong with them; empty for SMTP
};

class receipts {
  public:
    using clock = std::chrono::steady_clock;

    // `folder` may be null: then nothing is kept. `enough` messages (0: never) call `on_enough`, once.
    receipts(log::logger& log, std::unique_ptr<message_folder> folder, std::uint64_t enough,
             std::function<void()> on_enough);

    // Where the octets of a message go; null when nothing is kept.
    std::unique_ptr<message_folder::entry> begin();
    // Takes a message. False: it could not be written, and must not be acknowledged.
    bool take(const receipt& what, std::unique_ptr<message_folder::entry> content);
    // A message or session that was refused or dropped as the rules say, or by the protocol's.
    void refused() { ++refused_; }
    void session_opened() { ++sessions_; }

    std::uint64_t messages() const { return messages_; }
    bool enough() const { return enough_ != 0 && messages_ >= enough_; }
    // {"messages": 3, "octets": 4711, "refused": 0, "sessions": 1, "flawed": 0, "seconds": 0.5}
    std::string json() const;
    // "3 messages, 4711 octets, 0 refused, 0 flawed, 1 sessions, 0.500 s"
    std::string text() const;

  private:
    double seconds() const;

    log::logger& log_;
    std::unique_ptr<message_folder> folder_;
    std::uint64_t enough_;
    std::function<void()> on_enough_;
    std::uint64_t messages_ = 0, octets_ = 0, refused_ = 0, sessions_ = 0;
    std::uint64_t flawed_ = 0;       // whose trace is broken, or whose objects are not sound
    clock::time_point first_, last_; // of what was received
};

} // namespace gateway::tools
