// Dates of reports (RFC 5322 3.3, 4.3). One pass over a text without its comments.
#include "mapping/header_section.hpp"
#include "mapping/report/report_fields.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace mapping {

namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct zone_row {
    std::string_view name;
    int hours;
};
// RFC 5322 4.3; other names mean what nobody can know.
constexpr std::array zones{zone_row{"UT", 0},   zone_row{"GMT", 0},  zone_row{"UTC", 0},  zone_row{"Z", 0},
                           zone_row{"EST", -5}, zone_row{"EDT", -4}, zone_row{"CST", -6}, zone_row{"CDT", -5},
                           zone_row{"MST", -7}, zone_row{"MDT", -6}, zone_row{"PST", -8}, zone_row{"PDT", -7}};

// What stands between spaces and commas, outside of comments. Too many words are no date.
class date_words {
  public:
    explicit date_words(std::string_view text)
    {
        int depth = 0;
        std::string word;
        for (const auto c : text) {
            depth += c == '(' ? 1 : 0;
            const bool ends = c == ' ' || c == ',' || c == '(' || c == ')';
            if (depth == 0 && !ends) word += c;
            if (ends) put(word);
            depth -= c == ')' && depth > 0 ? 1 : 0;
        }
        put(word);
    }
    // The next word; empty at the end.
    std::string_view next() { return at_ < words_.size() ? std::string_view(words_[at_++]) : std::string_view(); }
    bool at_end() const { return at_ == words_.size(); }

  private:
    void put(std::string& word)
    {
        constexpr std::size_t most = 8;
        if (!word.empty() && words_.size() < most) words_.push_back(word);
        word.clear();
    }
    std::vector<std::string> words_;
    std::size_t at_ = 0;
};

std::optional<int> number(std::string_view text, std::size_t least, std::size_t most)
{
    if (text.size() < least || text.size() > most) return {};
    int value = 0;
    for (const auto c : text) {
        if (c < '0' || c > '9') return {};
        value = value * 10 + (c - '0');
    }
    return value;
}

// Seconds since midnight.
std::optional<int> time_of_day(std::string_view text)
{
    const auto first = text.find(':');
    if (first == std::string_view::npos) return {};
    const auto hour = number(text.substr(0, first), 1, 2);
    const auto rest = text.substr(first + 1);
    const auto second_colon = rest.find(':');
    const auto minute = number(rest.substr(0, second_colon), 2, 2);
    const auto second =
        second_colon == std::string_view::npos ? std::optional<int>(0) : number(rest.substr(second_colon + 1), 2, 2);
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return {};
    return *hour * 3600 + *minute * 60 + *second;
}

// Seconds east of Greenwich.
std::optional<int> zone(std::string_view text)
{
    if (text.starts_with('+') || text.starts_with('-')) {
        const auto digits = number(text.substr(1), 4, 4);
        if (!digits || *digits % 100 > 59) return {};
        const auto seconds = *digits / 100 * 3600 + *digits % 100 * 60;
        return text.front() == '-' ? -seconds : seconds;
    }
    const auto* const known =
        std::find_if(zones.begin(), zones.end(), [&](const zone_row& z) { return same_name(text, z.name); });
    if (known == zones.end()) return {};
    return known->hours * 3600;
}

std::optional<int> year(std::string_view text)
{
    const auto value = number(text, 2, 4);
    if (!value) return {};
    if (text.size() == 2) return *value + (*value < 50 ? 2000 : 1900); // RFC 5322 4.3
    return text.size() == 3 ? *value + 1900 : *value;
}

} // namespace

std::optional<xproto::unix_seconds> date_from_text(std::string_view text)
{
    date_words words(text);
    auto word = words.next();
    if (!number(word, 1, 2)) word = words.next(); // the name of the day
    const auto day = number(word, 1, 2);
    const auto name = words.next();
    const auto* const month =
        std::find_if(months.begin(), months.end(), [&](std::string_view m) { return same_name(name, m); });
    const auto in_year = year(words.next());
    const auto time = time_of_day(words.next());
    const auto east = zone(words.next());
    if (!day || month == months.end() || !in_year || !time || !east || !words.at_end()) return {};
    const std::chrono::year_month_day date{std::chrono::year{*in_year},
                                           std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *in_year < 1970) return {};
    const xproto::unix_seconds days = std::chrono::sys_days{date}.time_since_epoch().count();
    const auto moment = days * 86400 + *time - *east;
    return moment < 0 ? std::nullopt : std::optional(moment);
}

} // namespace mapping
