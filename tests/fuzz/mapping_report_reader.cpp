// Reports in mail: whatever a message holds, reading it ends, what was read can be written as XML and as mail, and what
// mail can say of it is read again as the same. The input is also taken as XML by itself.
#include "mapping/message_splitter.hpp"
#include "mapping/report/error_report_xml.hpp"
#include "mapping/report/report_message.hpp"
#include "mapping/report/report_reader.hpp"

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

std::optional<mapping::error_report> read(std::string_view message)
{
    mapping::message_splitter splitter;
    std::string body;
    const auto take = [&](const mapping::message_splitter::body_pieces& pieces) {
        body += pieces.held;
        body += pieces.fresh;
    };
    take(splitter.push(message));
    take(splitter.finish());
    return mapping::read_report(splitter.header(), body);
}

std::string write(const mapping::error_report& values, bool utf8)
{
    mapping::report_mail how;
    how.host = "mx.example";
    how.id = "r1";
    how.to = "a@b";
    how.way = {utf8, utf8};
    mapping::report_limits limits;
    limits.text = mapping::error_report_limits{}.text;
    return mapping::write_report_message(values, how, limits).message;
}

void check_lines(std::string_view message)
{
    while (!message.empty()) {
        const auto end = message.find_first_of(std::string_view("\r\n\0", 3));
        demand(end != std::string_view::npos && end <= 998 && message.substr(end, 2) == "\r\n");
        message.remove_prefix(end + 2);
    }
}

// An address that needs more than a line, once its characters are escaped, is broken in two.
bool has_long_address(const mapping::error_report& values)
{
    constexpr std::size_t longest = 100;
    return std::any_of(values.recipients.begin(), values.recipients.end(), [](const mapping::recipient_report& r) {
        return r.original.text.size() > longest || r.final.text.size() > longest;
    });
}

void check(const mapping::error_report& values, bool utf8)
{
    const auto xml = mapping::read_error_report(mapping::write_xml(values));
    demand(xml && *xml == values);
    const auto mail = write(values, utf8);
    check_lines(mail);
    auto first = read(mail);
    demand(first.has_value());
    const auto mail_again = write(*first, utf8);
    auto second = read(mail_again);
    demand(second.has_value());
    if (has_long_address(*first)) return;
    first->flaws.clear();
    second->flaws.clear();
    demand(*first == *second);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    if (const auto values = read(input)) {
        check(*values, true);
        check(*values, false);
    }
    if (const auto values = mapping::read_error_report(input)) {
        demand(mapping::read_error_report(mapping::write_xml(*values)).value() == *values);
        check_lines(write(*values, true));
        check_lines(write(*values, false));
    }
    return 0;
}
