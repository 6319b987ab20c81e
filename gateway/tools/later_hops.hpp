// Which of the messages that a tool has sent are still on their way, as far as TRACE tells.
#pragma once

#include "gateway/tools/parcel.hpp"
#include "xproto/trace_notice.hpp"

#include <map>
#include <set>
#include <string>

namespace gateway::tools {

class later_hops {
  public:
    // The server has taken it, save for these recipients.
    void expect(const parcel& sent, const std::vector<xproto::recipient_answer>& refused);
    // A recipient has arrived when a host refused it for good, or handed it to SMTP: nobody tells what comes after
    // that.
    void hear(const xproto::hop_notice& what);
    bool all_arrived() const { return under_way_.empty(); }

  private:
    std::map<std::string, std::set<std::uint32_t>> under_way_; // by message id: the numbers of recipients
};

} // namespace gateway::tools
