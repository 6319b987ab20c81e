// Tells senders what has become of their mail: those who live in xproto by control messages, the others by RFC 3464
// messages. Both enter the spool like any other mail.
#pragma once

#include "gateway/runtime/runtime.hpp"
#include "mapping/report/report.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace gateway::delivery {

class reporter {
  public:
    explicit reporter(runtime& gateway) : gateway_(gateway) {}

    // One thing to report about one recipient.
    struct item {
        std::size_t recipient = 0; // index into the record's
        mapping::report_action action = mapping::report_action::failed;
        mapping::verdict verdict;
    };
    // Sends the sender one report about those items that RFC 3461 wants reported, if any. `done` runs when the report
    // is in the spool, or when none is due: only then may the message that it reports about be forgotten. False: it
    // could not be stored, try again later.
    void report(std::shared_ptr<const spool::record> message, std::vector<item> items, std::function<void(bool)> done);

  private:
    void send_native(const mapping::report_facts& facts, std::function<void(bool)> done);
    void send_mail(const mapping::report_facts& facts, std::function<void(bool)> done);

    runtime& gateway_;
};

} // namespace gateway::delivery
