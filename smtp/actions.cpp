#include "smtp/actions.hpp"

namespace smtp {

std::string_view to_string(awaiting what)
{
    switch (what) {
    case awaiting::command: return "command";
    case awaiting::content: return "content";
    case awaiting::greeting: return "greeting";
    case awaiting::hello: return "hello";
    case awaiting::start_tls: return "start_tls";
    case awaiting::mail: return "mail";
    case awaiting::recipient: return "recipient";
    case awaiting::data: return "data";
    case awaiting::chunk: return "chunk";
    case awaiting::final_reply: return "final_reply";
    case awaiting::reset: return "reset";
    case awaiting::quit: return "quit";
    }
    return "";
}

std::string_view to_string(close_reason why)
{
    switch (why) {
    case close_reason::quit: return "quit";
    case close_reason::peer_left: return "peer_left";
    case close_reason::timeout: return "timeout";
    case close_reason::shutdown: return "shutdown";
    case close_reason::too_many_errors: return "too_many_errors";
    case close_reason::misbehaviour: return "misbehaviour";
    case close_reason::policy: return "policy";
    case close_reason::refused: return "refused";
    case close_reason::failed: return "failed";
    }
    return "";
}

} // namespace smtp
