// Dates (RFC 5322 3.3, obsolete forms 4.3) as RFC 3339 writes them, in the zone that they came with.
#include "mapping/view/lexer.hpp"
#include "mapping/view/syntaxes.hpp"

#include <array>
#include <chrono>
#include <optional>

namespace mapping::view {

namespace {

constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct zone_name {
    std::string_view name;
    std::string_view offset;
};
// RFC 5322 4.3. All other names, the military ones too, say nothing about the offset: -00:00, as in RFC 3339 4.3.
constexpr auto zones = std::to_array<zone_name>({
    {"ut", "+00:00"},
    {"utc", "+00:00"},
    {"gmt", "+00:00"},
    {"z", "+00:00"},
    {"edt", "-04:00"},
    {"est", "-05:00"},
    {"cdt", "-05:00"},
    {"cst", "-06:00"},
    {"mdt", "-06:00"},
    {"mst", "-07:00"},
    {"pdt", "-07:00"},
    {"pst", "-08:00"},
});
constexpr std::string_view unknown_zone = "-00:00";
constexpr unsigned first_year = 1900; // of RFC 5322

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string lower(std::string_view word)
{
    std::string out(word);
    for (auto& c : out) c = static_cast<char>(c | 0x20);
    return out;
}

struct moment {
    unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::string offset; // "+01:00"

    bool is_valid() const
    {
        using namespace std::chrono;
        const year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                  std::chrono::day(day)};
        return year >= first_year && year <= 9999 && date.ok() && hour < 24 && minute < 60 && second <= 60;
    }
};

void append_digits(std::string& out, unsigned number, std::size_t width)
{
    const auto text = std::to_string(number);
    if (text.size() < width) out.append(width - text.size(), '0');
    out += text;
}

std::string rfc3339(const moment& m)
{
    std::string out;
    append_digits(out, m.year, 4);
    append_digits(out += '-', m.month, 2);
    append_digits(out += '-', m.day, 2);
    append_digits(out += 'T', m.hour, 2);
    append_digits(out += ':', m.minute, 2);
    append_digits(out += ':', m.second, 2);
    return out += m.offset;
}

// A number of so many digits, comments and white space around it.
std::optional<unsigned> take_number(lexer& in, std::size_t least, std::size_t most)
{
    if (!in.skip()) return {};
    const auto digits = in.run(is_digit);
    if (digits.size() < least || digits.size() > most || !in.skip()) return {};
    unsigned value = 0;
    for (const auto c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
}

bool take_month(lexer& in, moment& m)
{
    const auto word = lower(in.run(is_letter));
    for (unsigned i = 0; i < months.size(); ++i)
        if (months[i] == word) m.month = i + 1;
    return m.month != 0;
}

// Two digits are of 1950 to 2049, three count from 1900.
bool take_year(lexer& in, moment& m)
{
    if (!in.skip()) return false;
    const auto size = in.run(is_digit).size();
    in.retreat(size);
    const auto year = take_number(in, 2, 4);
    if (!year) return false;
    m.year = *year + (size == 4 ? 0 : size == 2 && *year < 50 ? 2000 : 1900);
    return true;
}

bool take_time(lexer& in, moment& m)
{
    const auto hour = take_number(in, 1, 2);
    if (!hour || !in.take(':')) return false;
    const auto minute = take_number(in, 2, 2);
    if (!minute) return false;
    m.hour = *hour;
    m.minute = *minute;
    if (!in.take(':')) return true;
    const auto second = take_number(in, 2, 2);
    if (second) m.second = *second;
    return second.has_value();
}

bool take_zone(lexer& in, moment& m)
{
    m.offset = unknown_zone;
    if (in.peek() == '+' || in.peek() == '-') {
        const auto sign = in.peek();
        in.advance(1);
        const auto digits = in.run(is_digit);
        if (digits.size() != 4 || digits[0] > '2' || (digits[0] == '2' && digits[1] > '3') || digits[2] > '5')
            return false;
        m.offset = sign + std::string(digits.substr(0, 2)) + ':' + std::string(digits.substr(2));
        return true;
    }
    const auto word = lower(in.run(is_letter));
    for (const auto& zone : zones)
        if (zone.name == word) m.offset = zone.offset;
    return true;
}

std::optional<moment> parse(std::string_view text)
{
    lexer in(text);
    if (!in.skip()) return {};
    in.run(is_letter); // the day of the week: what it says follows from the date
    if (!in.skip()) return {};
    in.take(',');
    moment m;
    const auto day = take_number(in, 1, 2);
    if (!day || !take_month(in, m) || !take_year(in, m) || !take_time(in, m)) return {};
    m.day = *day;
    if (!take_zone(in, m) || !in.skip() || !in.at_end() || !m.is_valid()) return {};
    return m;
}

// RFC 3339 5.6, without fractions of seconds.
std::optional<moment> parse_rfc3339(std::string_view text)
{
    constexpr std::string_view pattern = "0000-00-00T00:00:00";
    if (text.size() < pattern.size()) return {};
    for (std::size_t i = 0; i < pattern.size(); ++i)
        if (pattern[i] == '0' ? !is_digit(text[i]) : text[i] != pattern[i]) return {};
    const auto digits = [text](std::size_t at, std::size_t width) {
        unsigned value = 0;
        for (const auto c : text.substr(at, width)) value = value * 10 + static_cast<unsigned>(c - '0');
        return value;
    };
    moment m{digits(0, 4), digits(5, 2), digits(8, 2), digits(11, 2), digits(14, 2), digits(17, 2), {}};
    auto zone = std::string(text.substr(pattern.size()));
    if (zone == "Z") zone = "+00:00";
    if (zone.size() != 6 || zone[3] != ':') return {};
    zone.erase(3, 1);
    lexer offset(zone);
    if ((zone[0] != '+' && zone[0] != '-') || !take_zone(offset, m) || !offset.at_end() || !m.is_valid()) return {};
    return m;
}

} // namespace

bool read_date(std::string_view text, items& out)
{
    const auto m = parse(text);
    if (!m) return false;
    item date;
    date.what = kind::date;
    date.value = rfc3339(*m);
    out.push_back(std::move(date));
    return true;
}

bool write_date(field_writer& out, const items& what)
{
    if (what.size() != 1 || what.front().what != kind::date) return false;
    const auto m = parse_rfc3339(what.front().value);
    if (!m) return false;
    using namespace std::chrono;
    const sys_days day{year(static_cast<int>(m->year)) / month(m->month) / std::chrono::day(m->day)};
    std::string text(days[weekday(day).c_encoding()]);
    append_digits(text += ", ", m->day, 2);
    text += ' ';
    text += static_cast<char>(months[m->month - 1][0] & ~0x20);
    text += months[m->month - 1].substr(1);
    append_digits(text += ' ', m->year, 4);
    append_digits(text += ' ', m->hour, 2);
    append_digits(text += ':', m->minute, 2);
    append_digits(text += ':', m->second, 2);
    text += ' ' + m->offset.substr(0, 3) + m->offset.substr(4);
    out.word(text);
    return true;
}

// With nothing in it but what RFC 5322 3.3 has: four digits of the year, and those of the zone at the end, or GMT,
// which everybody knows. Many put the zone's name behind it in a comment.
bool is_plain_date(std::string_view text)
{
    text = without_last_comment(text);
    if (text.find('(') != std::string_view::npos || text.size() < 5) return false;
    const auto zone = text.substr(text.size() - 5);
    const auto is_numeric = (zone[0] == '+' || zone[0] == '-') && is_digit(zone[1]);
    if (!is_numeric && !zone.ends_with(" GMT")) return false;
    lexer in(text);
    for (auto number = 0; !in.at_end(); ++number) {
        in.run([](char c) { return !is_digit(c); });
        if (in.run(is_digit).size() == 4 && number == 1) return true;
    }
    return false;
}

} // namespace mapping::view
