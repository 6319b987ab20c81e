// Random reports in the form that readers make, so that mail can say all of it: texts without white space at their ends
// and without control characters, addresses beyond ASCII of type utf-8, no field twice.
#pragma once

#include "mapping/report/error_report.hpp"

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace mapping_test {

class random_reports {
  public:
    // `utf8`: may texts other than addresses hold characters beyond ASCII?
    random_reports(unsigned seed, bool utf8) : chance_(seed), utf8_(utf8) {}

    mapping::error_report any(mapping::report_kind kind)
    {
        mapping::error_report made;
        made.kind = kind;
        made.message = maybe(word());
        made.original_message_id = maybe("<" + word() + "@x>");
        switch (kind) {
        case mapping::report_kind::delivery: fill_delivery(made); break;
        case mapping::report_kind::disposition: fill_disposition(made); break;
        case mapping::report_kind::abuse: fill_abuse(made); break;
        }
        return made;
    }

  private:
    void fill_delivery(mapping::error_report& made)
    {
        made.envelope_id = maybe(text());
        made.reporter = {"dns", word()};
        if (often()) made.gateway = typed();
        if (often()) made.received_from = typed();
        made.arrival = time();
        made.others = fields();
        for (std::size_t i = 0; i <= below(4); ++i) made.recipients.push_back(recipient());
    }
    void fill_disposition(mapping::error_report& made)
    {
        made.agent = maybe(text());
        if (often()) made.gateway = typed();
        mapping::recipient_report about;
        about.final = address();
        if (often()) about.original = address();
        about.disposition = "manual-action/MDN-sent-manually; " + word();
        made.recipients.push_back(about);
        made.others = fields();
    }
    void fill_abuse(mapping::error_report& made)
    {
        made.feedback = word();
        made.agent = maybe(text());
        made.envelope_id = maybe(text());
        made.reporter = {"dns", word()};
        made.arrival = time();
        if (often()) made.mail_from = below(3) == 0 ? std::string() : word() + "@x";
        for (std::size_t i = 0; i < below(3); ++i) {
            mapping::recipient_report about;
            about.final = {"rfc822", word() + "@y"};
            made.recipients.push_back(about);
        }
        made.others = fields();
    }
    mapping::recipient_report recipient()
    {
        mapping::recipient_report made;
        if (often()) made.original = address();
        made.final = address();
        made.action = static_cast<mapping::report_action>(below(5));
        if (often()) made.action_comment = "(" + text() + ")";
        if (often()) made.status = mapping::enhanced_code{below(2) == 0 ? 5 : 4, number(1000), number(1000)};
        if (made.status && often()) made.status_comment = "(" + text() + ")";
        if (often()) made.remote = typed();
        if (often()) made.diagnostic = typed();
        made.last_attempt = time();
        made.retry_until = time();
        made.log_id = maybe(text());
        made.others = fields();
        return made;
    }
    std::vector<mapping::report_field> fields()
    {
        std::vector<mapping::report_field> list;
        for (std::size_t i = 0; i < below(3); ++i) list.push_back({"X-" + std::to_string(i), maybe(text())});
        return list;
    }
    mapping::typed_text address()
    {
        static const std::vector<std::string> beyond{"d\xC3\xB6mi@b\xC3\xBC\x63her.example",
                                                     "\"\xE7\x94\xA8 \\\" x\"@y", "\xF0\x9F\x93\xA7+a=b@x"};
        if (often()) return {"utf-8", beyond[below(beyond.size())]};
        static const std::vector<std::string> plain{"bob@example.org", "\"quoted  string\"@x", "a=b+c@x", "/C=x/@y"};
        return {below(2) == 0 ? "rfc822" : "x-local", plain[below(plain.size())]};
    }
    mapping::typed_text typed()
    {
        if (below(4) == 0) return {{}, text()};
        static const std::vector<std::string> types{"dns", "smtp", "x-postfix", "X400", "utf-8"};
        return {types[below(types.size())], often() ? text() + "; " + text() : text()};
    }
    std::optional<xproto::unix_seconds> time()
    {
        if (often()) return {};
        return static_cast<xproto::unix_seconds>(below(253402300800 / 2) * 2 + below(2));
    }
    // Words with one space between them, now and then more.
    std::string text()
    {
        std::string made = word();
        for (std::size_t i = 0; i < below(20); ++i) {
            made += below(10) == 0 ? "  " : " ";
            made += word();
        }
        return made;
    }
    std::string word()
    {
        static constexpr std::string_view octets = "abcXYZ019!#$%&'*+-/=?^_`{|}~.@<>[],\"\\()";
        std::string made = "w";
        for (std::size_t i = 0; i < below(12); ++i) made += octets[below(octets.size())];
        if (utf8_ && below(4) == 0) made += "\xC3\xA9\xE2\x82\xAC";
        return made;
    }
    std::string maybe(std::string text) { return often() ? text : std::string(); }
    bool often() { return below(2) == 0; }
    int number(std::size_t end) { return static_cast<int>(below(end)); }
    std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(chance_); }

    std::mt19937 chance_;
    bool utf8_;
};

} // namespace mapping_test
