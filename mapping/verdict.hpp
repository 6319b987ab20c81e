// The outcome of an attempt for one recipient, in words both protocols can say. Made by named factories, so that a
// line reads as a sentence: verdict::deferred({4, 4, 2}, "connection lost").
#pragma once

#include <compare>
#include <string>
#include <utility>

namespace mapping {

// An enhanced status code (RFC 3463): class 2, 4 or 5, subject, detail.
struct enhanced_code {
    int status_class = 0;
    int subject = 0;
    int detail = 0;

    auto operator<=>(const enhanced_code&) const = default;
};

struct verdict {
    enum class kind { delivered, deferred, rejected };

    kind outcome = kind::deferred;
    enhanced_code code{4, 0, 0};
    int smtp_code = 0;  // the three-digit reply, when one was received; 0: none, take it from the status table
    std::string text;   // public: what the peer or the sender may read
    std::string detail; // private: for the log
    std::string remote; // the host that said so, for Remote-MTA (RFC 3464 2.3.5); empty: this host
    bool maybe_duplicate = false; // was the answer to the final octet lost? (RFC 1047)
    bool reports_success = false; // delivered: will the next hop tell the sender of success, if asked to? (RFC 3461)

    static verdict delivered(std::string text = "delivered")
    {
        verdict v;
        v.outcome = kind::delivered;
        v.code = {2, 0, 0};
        v.text = std::move(text);
        return v;
    }
    static verdict deferred(enhanced_code code, std::string text, std::string detail = {})
    {
        verdict v;
        v.outcome = kind::deferred;
        v.code = code;
        v.text = std::move(text);
        v.detail = std::move(detail);
        return v;
    }
    static verdict rejected(enhanced_code code, std::string text, std::string detail = {})
    {
        verdict v = deferred(code, std::move(text), std::move(detail));
        v.outcome = kind::rejected;
        return v;
    }

    bool operator==(const verdict&) const = default;
};

} // namespace mapping
