// A delivery report is sound mail whatever the message it is about and whatever the hosts said: lines that end in CRLF,
// none too long, no octets that were not declared, three parts.
#include "mapping/report/report.hpp"

#include "mapping/message_splitter.hpp"
#include "smtp/command.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void demand(bool holds)
{
    if (!holds) std::abort();
}

std::string take(std::string_view& text)
{
    const auto size = text.find('\xFE');
    std::string out(text.substr(0, size));
    text.remove_prefix(size == std::string_view::npos ? text.size() : size + 1);
    return out;
}

void check(const mapping::report& report)
{
    const auto& octets = report.message;
    for (std::size_t begin = 0; begin < octets.size();) {
        const auto end = octets.find("\r\n", begin);
        demand(end != std::string::npos && end - begin <= 998);
        for (auto i = begin; i < end; ++i) demand(octets[i] != '\r' && octets[i] != '\n' && octets[i] != '\0');
        begin = end + 2;
    }
    const auto eight_bit = std::any_of(octets.begin(), octets.end(), [](char c) { return c < 0; });
    demand(eight_bit == (smtp::find_parameter(report.transaction.parameters, "BODY") != nullptr));
    demand(report.transaction.reverse_path.empty() && report.transaction.recipients.size() == 1);

    mapping::message_splitter splitter;
    std::string body(splitter.push(octets).fresh);
    splitter.finish();
    demand(splitter.header().end() == xproto::separator::crlf && splitter.header().count("Content-Type") == 1);
    const std::string type(splitter.header().find("Content-Type").body);
    const auto begin = type.find("boundary=\"") + 10;
    const auto marker = "\r\n--" + type.substr(begin, type.find('"', begin) - begin);
    body.insert(0, "\r\n");
    std::size_t count = 0;
    for (auto at = body.find(marker); at != std::string::npos; at = body.find(marker, at + 1)) ++count;
    demand(count == 4 && octets.ends_with(marker + "--\r\n"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 3) return 0;
    std::string_view input(reinterpret_cast<const char*>(data) + 3, size - 3);
    mapping::report_facts facts;
    facts.host = take(input);
    facts.id = take(input);
    facts.original.reverse_path = take(input);
    facts.received_from = take(input);
    facts.original.parameters = {{"ENVID", take(input)}};
    if (data[0] & 1) facts.original.parameters.push_back({"SMTPUTF8", {}});
    if (data[0] & 2) facts.original.parameters.push_back({"RET", "FULL"});
    if (data[0] & 4) facts.original.parameters.push_back({"BODY", "8BITMIME"});
    for (auto i = 0; i <= data[1] % 4; ++i) {
        auto outcome = mapping::verdict::rejected({5, data[2], data[1]}, take(input));
        outcome.remote = take(input);
        outcome.smtp_code = data[0] & 8 ? 550 : 0;
        smtp::recipient recipient{take(input), {{"ORCPT", take(input)}, {"NOTIFY", take(input)}}};
        const auto action = static_cast<mapping::report_action>((data[2] + i) % 5);
        mapping::report_due(facts.original, recipient, action);
        facts.recipients.push_back(mapping::reported_recipient::about(std::move(recipient), action, outcome));
    }
    const auto header = take(input);
    facts.header = header;
    if (data[0] & 16) facts.body = input;
    mapping::report_limits limits;
    if (data[0] & 32) limits.returned = 20;
    const auto report = mapping::write_report(facts, limits);
    demand(report.has_value() == !facts.original.reverse_path.empty());
    if (report) check(*report);
    return 0;
}
