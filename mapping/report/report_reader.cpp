// Which part of which message says what, and the fields of each kind of report.
#include "mapping/report/report_reader.hpp"

#include "mapping/message_splitter.hpp"
#include "mapping/report/qmail_bounce.hpp"
#include "mapping/report/report_fields.hpp"
#include "mapping/report/report_parts.hpp"
#include "mapping/to_xproto.hpp"
#include "mapping/xtext.hpp"

#include <algorithm>
#include <array>

namespace mapping {

namespace {

struct part_row {
    std::string_view type;
    report_kind kind;
};
constexpr std::array machine_parts{
    part_row{"message/delivery-status", report_kind::delivery},
    part_row{"message/global-delivery-status", report_kind::delivery},
    part_row{"message/disposition-notification", report_kind::disposition},
    part_row{"message/global-disposition-notification", report_kind::disposition},
    part_row{"message/feedback-report", report_kind::abuse},
};
constexpr std::array<std::string_view, 6> returned_parts{
    "message/rfc822", "text/rfc822-headers",    "message/rfc822-headers",
    "message/global", "message/global-headers", "text/rfc822-header",
};

std::optional<report_kind> kind_of(const report_part& part)
{
    const auto* const row = std::find_if(machine_parts.begin(), machine_parts.end(),
                                         [&](const part_row& r) { return r.type == part.type; });
    if (row == machine_parts.end()) return {};
    return row->kind;
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blank = " \t\r\n";
    const auto begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blank) + 1 - begin);
}

// The address in `<...>`, or the text itself.
std::string_view without_angles(std::string_view text)
{
    const auto is_path = text.size() >= 2 && text.front() == '<' && text.back() == '>';
    return is_path ? text.substr(1, text.size() - 2) : text;
}

class report_builder {
  public:
    report_builder(report_kind kind, const error_report_limits& limits) : limits_(limits) { made_.kind = kind; }

    void read(std::string_view octets);
    // After the last read(): says what is missing.
    void finish();
    void flaw(std::string_view what)
    {
        if (made_.flaws.size() < limits_.flaws) made_.flaws.emplace_back(what);
    }
    error_report& made() { return made_; }

  private:
    void read_delivery(std::vector<report_block>& blocks);
    void read_single(report_block& block);
    bool take_message_field(report_field& field);
    bool take_recipient_field(recipient_report& to, report_field& field);
    bool take_disposition_field(report_field& field);
    bool take_abuse_field(report_field& field);
    void keep(std::vector<report_field>& others, report_field&& field, bool known);

    // Each takes a value into its place, when the place is free and the value can be read.
    static bool put(std::string& to, std::string& value)
    {
        if (!to.empty() || value.empty()) return false;
        to = std::move(value);
        return true;
    }
    static bool put(typed_text& to, const std::string& value)
    {
        if (!to.empty() || value.empty()) return false;
        to = read_typed(value);
        return true;
    }
    static bool put(std::optional<xproto::unix_seconds>& to, const std::string& value)
    {
        if (to) return false;
        to = date_from_text(value);
        return to.has_value();
    }
    bool put_address(typed_text& to, const std::string& value);
    static bool put_action(recipient_report& to, std::string_view value);
    static bool put_status(recipient_report& to, std::string_view value);

    const error_report_limits& limits_;
    error_report made_;
};

// RFC 6533 section 3: whatever form an internationalised address has, the value holds the address itself.
bool report_builder::put_address(typed_text& to, const std::string& value)
{
    if (!put(to, value)) return false;
    if (!same_name(to.type, "utf-8")) return true;
    auto decoded = from_unitext(to.text);
    if (decoded)
        to.text = std::move(*decoded);
    else
        flaw("an address of type utf-8 that cannot be decoded");
    return true;
}

// What a word is followed by is kept: many say more there.
bool report_builder::put_action(recipient_report& to, std::string_view value)
{
    const auto word = value.substr(0, value.find_first_of(" ("));
    const auto action = action_from_text(word);
    if (to.action || !action) return false;
    to.action = action;
    to.action_comment = trimmed(value.substr(word.size()));
    return true;
}

bool report_builder::put_status(recipient_report& to, std::string_view value)
{
    const auto code = value.substr(0, value.find_first_of(" ("));
    const auto status = status_from_text(code);
    if (to.status || !status) return false;
    to.status = status;
    to.status_comment = trimmed(value.substr(code.size()));
    return true;
}

bool report_builder::take_message_field(report_field& field)
{
    const auto is = [&](std::string_view name) { return same_name(field.name, name); };
    if (is("Original-Envelope-Id")) return put(made_.envelope_id, field.text);
    if (is("Reporting-MTA")) return put(made_.reporter, field.text);
    if (is("DSN-Gateway")) return put(made_.gateway, field.text);
    if (is("Received-From-MTA")) return put(made_.received_from, field.text);
    if (is("Arrival-Date")) return put(made_.arrival, field.text);
    if (is("X-Xproto-Message")) return put(made_.message, field.text);
    return false;
}

bool report_builder::take_recipient_field(recipient_report& to, report_field& field)
{
    const auto is = [&](std::string_view name) { return same_name(field.name, name); };
    if (is("Original-Recipient")) return put_address(to.original, field.text);
    if (is("Final-Recipient")) return put_address(to.final, field.text);
    if (is("Action")) return put_action(to, field.text);
    if (is("Status")) return put_status(to, field.text);
    if (is("Remote-MTA")) return put(to.remote, field.text);
    if (is("Diagnostic-Code")) return put(to.diagnostic, field.text);
    if (is("Last-Attempt-Date")) return put(to.last_attempt, field.text);
    if (is("Will-Retry-Until")) return put(to.retry_until, field.text);
    if (is("Final-Log-ID")) return put(to.log_id, field.text);
    return false;
}

bool report_builder::take_disposition_field(report_field& field)
{
    const auto is = [&](std::string_view name) { return same_name(field.name, name); };
    auto& about = made_.recipients.front();
    if (is("Reporting-UA")) return put(made_.agent, field.text);
    if (is("MDN-Gateway")) return put(made_.gateway, field.text);
    if (is("Original-Recipient")) return put_address(about.original, field.text);
    if (is("Final-Recipient")) return put_address(about.final, field.text);
    if (is("Original-Message-ID")) return put(made_.original_message_id, field.text);
    if (is("Disposition")) return put(about.disposition, field.text);
    if (is("X-Xproto-Message")) return put(made_.message, field.text);
    return false;
}

bool report_builder::take_abuse_field(report_field& field)
{
    const auto is = [&](std::string_view name) { return same_name(field.name, name); };
    if (is("Feedback-Type")) return put(made_.feedback, field.text);
    if (is("User-Agent")) return put(made_.agent, field.text);
    if (is("Original-Envelope-Id")) return put(made_.envelope_id, field.text);
    if (is("Reporting-MTA")) return put(made_.reporter, field.text);
    if (is("Arrival-Date") || is("Received-Date")) return put(made_.arrival, field.text);
    if (is("X-Xproto-Message")) return put(made_.message, field.text);
    if (is("Original-Mail-From")) {
        if (made_.mail_from) return false;
        made_.mail_from = without_angles(field.text);
        return true;
    }
    if (is("Original-Rcpt-To")) {
        if (field.text.empty() || made_.recipients.size() == limits_.recipients) return false;
        recipient_report about;
        about.final = {"rfc822", std::string(without_angles(field.text))};
        made_.recipients.push_back(std::move(about));
        return true;
    }
    return false;
}

// A name that stands in one of the lists and could not be taken stood twice, or cannot be read.
void report_builder::keep(std::vector<report_field>& others, report_field&& field, bool known)
{
    if (known) flaw("the field " + field.name + " stands twice, or cannot be read");
    if (others.size() == limits_.fields) return flaw("more fields than report.fields");
    others.push_back(std::move(field));
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> list)
{
    return std::any_of(list.begin(), list.end(), [&](std::string_view known) { return same_name(name, known); });
}

bool is_recipient_field(std::string_view name)
{
    return is_one_of(name, {"Original-Recipient", "Final-Recipient", "Action", "Status", "Remote-MTA",
                            "Diagnostic-Code", "Last-Attempt-Date", "Will-Retry-Until", "Final-Log-ID"});
}

bool is_message_field(std::string_view name)
{
    return is_one_of(name, {"Original-Envelope-Id", "Reporting-MTA", "DSN-Gateway", "Received-From-MTA", "Arrival-Date",
                            "X-Xproto-Message"});
}

// The first block is about the message, each other about a recipient; but some leave out the line between them, and
// some write more blocks about the message.
void report_builder::read_delivery(std::vector<report_block>& blocks)
{
    for (auto& block : blocks) {
        const auto about_recipient = std::any_of(block.begin(), block.end(), [](const report_field& f) {
            return is_one_of(f.name, {"Original-Recipient", "Final-Recipient", "Action", "Status"});
        });
        if (about_recipient && made_.recipients.size() == limits_.recipients)
            return flaw("more recipients than report.recipients");
        recipient_report about;
        for (auto& field : block) {
            if (about_recipient && take_recipient_field(about, field)) continue;
            if (take_message_field(field)) continue;
            const auto known = is_recipient_field(field.name) || is_message_field(field.name);
            keep(about_recipient ? about.others : made_.others, std::move(field), known);
        }
        if (!about_recipient) continue;
        if (about.final.empty()) flaw("a recipient without Final-Recipient");
        if (!about.action) flaw("a recipient without an action that is known");
        made_.recipients.push_back(std::move(about));
    }
}

void report_builder::read_single(report_block& block)
{
    const auto disposition = made_.kind == report_kind::disposition;
    for (auto& field : block) {
        if (disposition ? take_disposition_field(field) : take_abuse_field(field)) continue;
        const auto known = disposition
                               ? is_one_of(field.name, {"Reporting-UA", "MDN-Gateway", "Original-Recipient",
                                                        "Final-Recipient", "Original-Message-ID", "Disposition"})
                               : is_one_of(field.name, {"Feedback-Type", "User-Agent", "Original-Mail-From",
                                                        "Arrival-Date", "Received-Date"});
        keep(made_.others, std::move(field), known);
    }
}

void report_builder::read(std::string_view octets)
{
    auto fields = read_report_blocks(octets, limits_);
    for (const auto& what : fields.flaws) flaw(what);
    if (made_.kind == report_kind::delivery) return read_delivery(fields.blocks);
    if (made_.kind == report_kind::disposition && made_.recipients.empty()) made_.recipients.emplace_back();
    // Empty lines inside mean nothing here: there is one block.
    for (auto& block : fields.blocks) read_single(block);
}

void report_builder::finish()
{
    if (made_.kind == report_kind::delivery && made_.recipients.empty()) flaw("no recipient");
    if (made_.kind == report_kind::disposition && made_.recipients.front().disposition.empty()) flaw("no Disposition");
    if (made_.kind == report_kind::abuse && made_.feedback.empty()) flaw("no Feedback-Type");
}

std::string message_id_in(std::string_view octets, const error_report_limits& limits)
{
    message_splitter splitter({limits.octets, message_splitter::limits{}.fields});
    splitter.push(octets);
    splitter.finish();
    if (splitter.header().count("Message-ID") != 1) return {};
    const auto id = trimmed(splitter.header().find("Message-ID").body);
    const auto clear = id.size() <= limits.text && id.find_first_of("\r\n") == std::string_view::npos;
    return clear ? std::string(id) : std::string();
}

using part_iterator = std::vector<report_part>::const_iterator;

// The Message-ID of the first part that returns something of the message.
std::string returned_message_id(part_iterator begin, part_iterator end, const error_report_limits& limits)
{
    const auto returned = std::find_if(begin, end, [](const report_part& part) {
        return std::count(returned_parts.begin(), returned_parts.end(), part.type) != 0;
    });
    return returned == end ? std::string() : message_id_in(returned->octets, limits);
}

// Exim names the recipients that failed in a field of the header, and writes the rest for people.
void read_failed_recipients(std::string_view list, report_builder& to, const error_report_limits& limits)
{
    while (!list.empty() && to.made().recipients.size() < limits.recipients) {
        const auto comma = list.find(',');
        const auto address = trimmed(list.substr(0, comma));
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
        const auto clear = !address.empty() && address.size() <= limits.text &&
                           address.find_first_of(" \t\r\n\"") == std::string_view::npos &&
                           address.find('@') != std::string_view::npos;
        if (!clear) {
            to.flaw("X-Failed-Recipients holds what is no address");
            continue;
        }
        recipient_report about;
        about.final = {"rfc822", std::string(address)};
        about.action = report_action::failed;
        to.made().recipients.push_back(std::move(about));
    }
}

std::optional<error_report> without_machine_part(const header_section& header, std::string_view body,
                                                 std::string_view type, const error_report_limits& limits)
{
    report_builder made(report_kind::delivery, limits);
    made.flaw("no part that machines can read");
    if (header.count("X-Failed-Recipients") == 1) {
        read_failed_recipients(header.find("X-Failed-Recipients").body, made, limits);
        return std::move(made.made());
    }
    const auto plain = header.count("Content-Type") == 0 || type == "text/plain";
    if (plain && read_qmail_bounce(body, made.made(), limits)) return std::move(made.made());
    if (type == "multipart/report") return std::move(made.made());
    return {};
}

} // namespace

bool may_be_report(const header_section& header, bool null_sender)
{
    if (null_sender || header.count("X-Failed-Recipients") > 0) return true;
    return media_type_of(header.find("Content-Type").body) == "multipart/report";
}

std::optional<error_report> read_report(const header_section& header, std::string_view body,
                                        const error_report_limits& limits)
{
    body = body.substr(0, limits.octets);
    const auto type = media_type_of(header.find("Content-Type").body);
    const auto parts = read_report_parts(header, body);
    const auto machine =
        std::find_if(parts.begin(), parts.end(), [](const report_part& part) { return kind_of(part).has_value(); });
    if (machine == parts.end()) {
        auto made = without_machine_part(header, body, type, limits);
        if (!made) return {};
        made->original_message_id = returned_message_id(parts.begin(), parts.end(), limits);
        return made;
    }

    const auto kind = *kind_of(*machine);
    report_builder made(kind, limits);
    if (type != "multipart/report") made.flaw("the message is no multipart/report");
    // Some write a part for each recipient, or an empty one first.
    for (auto part = machine; part != parts.end(); ++part) {
        if (kind_of(*part) != kind) continue;
        if (part->damaged) made.flaw("a transfer encoding that cannot be undone");
        made.read(part->octets);
    }
    made.finish();
    if (made.made().original_message_id.empty())
        made.made().original_message_id = returned_message_id(machine + 1, parts.end(), limits);
    return std::move(made.made());
}

} // namespace mapping
