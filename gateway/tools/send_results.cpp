#include "gateway/tools/send_results.hpp"

#include "gateway/admin/json.hpp"
#include "gateway/cli/command_line.hpp"
#include "gateway/cli/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <ostream>

namespace gateway::tools {

namespace json = boost::json;
using session = xproto::client_session;

namespace {

std::string_view to_text(session::outcome outcome)
{
    switch (outcome) {
    case session::outcome::accepted: return "accepted";
    case session::outcome::refused: return "refused";
    case session::outcome::lost: break;
    }
    return "lost";
}

std::string address_of(const parcel& sent, std::uint32_t number)
{
    const auto found = std::find_if(sent.recipients.begin(), sent.recipients.end(),
                                    [number](const auto& to) { return to.number == number; });
    return found == sent.recipients.end() ? "recipient " + std::to_string(number) : "<" + found->address + ">";
}

// "99.821.5.1.1 (SMTP 550) no such user"
std::string answer_text(const xproto::result_code& code, int smtp_code, const std::string& text)
{
    auto line = code.text();
    if (smtp_code != 0) line += " (SMTP " + std::to_string(smtp_code) + ")";
    if (!text.empty()) line += " " + text;
    return cli::printable(line);
}

json::object answer_json(const xproto::result_code& code, int smtp_code, const std::string& text)
{
    json::object out{{"code", code.text()}, {"text", admin::shown_text(text)}};
    if (smtp_code != 0) out["smtp"] = smtp_code;
    return out;
}

} // namespace

void send_results::add(const parcel& sent, const session::result& result)
{
    switch (result.outcome) {
    case session::outcome::accepted: ++accepted_; break;
    case session::outcome::refused: ++refused_; break;
    case session::outcome::lost: ++lost_; break;
    }
    if (result.outcome == session::outcome::accepted)
        for (const auto& one : result.recipients) refused_recipients_ += one.accepted ? 0 : 1;
    const auto file = files_[sent.id];
    style_ == style::json ? add_json(sent, result, file) : add_line(sent, result, file);
}

void send_results::add_stopped(const parcel& sent)
{
    ++stopped_;
    const auto file = files_[sent.id];
    if (style_ == style::lines)
        out_ << "stopped " << sent.id << " (" << file << ")" << std::endl;
    else
        messages_.push_back(json::object{{"id", sent.id}, {"file", admin::shown_text(file)}, {"outcome", "stopped"}});
}

void send_results::add_line(const parcel& sent, const session::result& result, const std::string& file)
{
    out_ << to_text(result.outcome) << " " << sent.id << " " << answer_text(result.code, result.smtp_code, result.text);
    if (result.already_had) out_ << " (it was there already)";
    if (result.answer_lost) out_ << " (every octet was sent: it may be there)";
    out_ << " (" << file << ")\n";
    for (const auto& one : result.recipients)
        out_ << "  " << (one.accepted ? "accepted " : "refused ") << cli::printable(address_of(sent, one.number)) << " "
             << answer_text(one.code, one.smtp_code, one.text) << "\n";
    out_.flush();
}

void send_results::add_json(const parcel& sent, const session::result& result, const std::string& file)
{
    json::array recipients;
    for (const auto& one : result.recipients) {
        auto said = answer_json(one.code, one.smtp_code, one.text);
        said["number"] = one.number;
        said["accepted"] = one.accepted;
        recipients.push_back(std::move(said));
    }
    auto made = answer_json(result.code, result.smtp_code, result.text);
    made["id"] = sent.id;
    made["file"] = admin::shown_text(file);
    made["outcome"] = to_text(result.outcome);
    made["already_had"] = result.already_had;
    made["answer_lost"] = result.answer_lost;
    made["recipients"] = std::move(recipients);
    messages_.push_back(std::move(made));
}

void send_results::add(const xproto::hop_notice& what)
{
    const auto outcome = what.outcome == xproto::word::ok    ? "took"
                         : what.outcome == xproto::word::tmp ? "put off"
                                                             : "refused";
    std::string numbers;
    for (const auto n : what.recipients) numbers += (numbers.empty() ? "" : ",") + std::to_string(n);
    if (style_ == style::lines) {
        out_ << "hop " << what.hop << " " << what.message_id << " " << cli::time_text(what.time) << " "
             << cli::printable(what.next) << " " << outcome << " it from " << cli::printable(what.host)
             << (numbers.empty() ? "" : " for recipient ") << numbers << ": " << answer_text(what.code, 0, what.text)
             << std::endl;
        return;
    }
    auto made = answer_json(what.code, 0, what.text);
    made["id"] = what.message_id;
    made["hop"] = what.hop;
    made["host"] = admin::shown_text(what.host);
    made["next"] = admin::shown_text(what.next);
    made["time"] = what.time;
    made["outcome"] = outcome;
    made["recipients"] = json::array(what.recipients.begin(), what.recipients.end());
    hops_.push_back(std::move(made));
}

int send_results::finish(const session_report& report)
{
    if (style_ == style::json) {
        const json::object out{{"session",
                                {{"ready", report.ready},
                                 {"orderly", report.orderly},
                                 {"pipelined", report.pipelined},
                                 {"peer", report.peer},
                                 {"code", report.code.text()},
                                 {"error", admin::shown_text(report.what)}}},
                               {"messages", std::move(messages_)},
                               {"hops", std::move(hops_)},
                               {"accepted", accepted_},
                               {"refused", refused_},
                               {"lost", lost_},
                               {"stopped", stopped_}};
        out_ << json::serialize(out) << "\n";
    } else {
        if (!report.what.empty())
            out_ << (report.ready ? "the session ended: " : "no session: ") << cli::printable(report.what) << "\n";
        out_ << accepted_ << " accepted, " << refused_ << " refused, " << lost_ << " lost";
        if (stopped_ > 0) out_ << ", " << stopped_ << " stopped";
        out_ << "\n";
    }
    out_.flush();
    if (lost_ > 0) return cli::unreachable;
    if (!report.ready) {
        const bool said_no = report.code.status_class() == 5;
        return said_no ? cli::negative : cli::unreachable;
    }
    return refused_ > 0 || refused_recipients_ > 0 ? cli::negative : cli::done;
}

} // namespace gateway::tools
