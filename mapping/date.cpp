// The calendar is the standard library's; nothing here reads a clock or a locale.
#include "mapping/date.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

namespace mapping {

namespace {

constexpr xproto::unix_seconds last_second_of_9999 = 253402300799;
constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_number(std::string& out, unsigned number, std::size_t digits)
{
    const auto text = std::to_string(number);
    out.append(digits - std::min(digits, text.size()), '0');
    out += text;
}

} // namespace

std::string rfc5322_date(xproto::unix_seconds time)
{
    const std::chrono::sys_seconds moment{
        std::chrono::seconds{std::clamp<xproto::unix_seconds>(time, 0, last_second_of_9999)}};
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{moment - day};

    std::string out;
    out.reserve(31);
    out += days[std::chrono::weekday{day}.c_encoding()];
    out += ", ";
    append_number(out, unsigned{date.day()}, 2);
    out += ' ';
    out += months[unsigned{date.month()} - 1];
    out += ' ';
    append_number(out, static_cast<unsigned>(int{date.year()}), 4);
    out += ' ';
    append_number(out, static_cast<unsigned>(clock.hours().count()), 2);
    out += ':';
    append_number(out, static_cast<unsigned>(clock.minutes().count()), 2);
    out += ':';
    append_number(out, static_cast<unsigned>(clock.seconds().count()), 2);
    out += " +0000";
    return out;
}

} // namespace mapping
