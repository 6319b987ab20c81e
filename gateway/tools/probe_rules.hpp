// How a test receiver misbehaves on request: refuse, delay, or drop the connection, at any stage of a message. Written
// by people as options of `isthmus sink` (docs/testing-tools.md).
#pragma once

#include "mapping/status_table.hpp"
#include "smtp/reply.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::tools {

// The moments at which something may be done, in the order of a session.
enum class stage : std::uint8_t {
    connect,        // before the first word
    helo,           // xproto: the client's proof of identity
    mail,           // SMTP
    rcpt,           // SMTP: each RCPT; xproto: each recipient of the envelope
    data,           // SMTP: before the content
    envelope,       // xproto: before the octets of this object
    envelope_after, // xproto: after them
    headers,
    headers_after,
    body,
    end, // after the last octet of a message: the answer that makes it the receiver's
};
std::string_view to_text(stage s); // "envelope-after"

// A refusal in both protocols' words.
struct refusal {
    smtp::reply reply;
    mapping::xproto_result result;
};

// What is to happen at a stage: wait, then drop or refuse, or go on.
struct interference {
    std::chrono::milliseconds delay{0};
    bool drop = false;
    std::optional<refusal> refuse;

    bool none() const { return delay.count() == 0 && !drop && !refuse; }
};

class probe_rules {
  public:
    // The sentence that says what is wrong with an option's value, or nothing.
    using complaint = std::optional<std::string>;

    // STAGE[:ADDRESS][=CODE[ TEXT]], with an address only for rcpt. CODE is a reply (`450`, `450 4.2.1`) or a result
    // code (`99.0.4.1`), whichever protocol is spoken: the status table translates. Default 550 5.7.1; for rcpt
    // 550 5.1.1.
    complaint add_refusal(std::string_view option);
    // STAGE=SECONDS, with decimals: `end=0.5`. At most an hour.
    complaint add_delay(std::string_view option);
    // STAGE: the connection is closed without a word.
    complaint add_drop(std::string_view option);
    // Every rule counts only so many times, then it is forgotten: a server that recovers.
    void only_first(std::uint64_t times);
    // Names a rule for a stage that SMTP, or xproto, does not have.
    complaint misplaced(bool smtp) const;

    // What happens now. `address` at stage rcpt. Rules in the order in which they were added; delays add up, the first
    // drop or refusal that matches counts.
    interference at(stage now, std::string_view address = {});

  private:
    struct rule {
        stage at = stage::connect;
        std::string address; // empty: any
        interference what;
        std::optional<std::uint64_t> left; // nothing: for ever
    };

    std::vector<rule> rules_;
};

// The code and text of a refusal: "450 4.2.1 busy", "99.0.4.1 come back later".
std::optional<refusal> refusal_from_text(std::string_view text);

} // namespace gateway::tools
