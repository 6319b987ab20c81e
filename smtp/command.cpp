#include "smtp/command.hpp"

#include <algorithm>

namespace smtp {
namespace {

struct row {
    std::string_view word;
    verb name;
};

constexpr row verbs[] = {
    {"HELO", verb::helo},          {"EHLO", verb::ehlo},   {"MAIL", verb::mail},    {"RCPT", verb::rcpt},
    {"DATA", verb::data},          {"BDAT", verb::bdat},   {"RSET", verb::rset},    {"NOOP", verb::noop},
    {"VRFY", verb::vrfy},          {"EXPN", verb::expn},   {"HELP", verb::help},    {"QUIT", verb::quit},
    {"STARTTLS", verb::start_tls}, {"GET", verb::http},    {"HEAD", verb::http},    {"POST", verb::http},
    {"PUT", verb::http},           {"DELETE", verb::http}, {"CONNECT", verb::http}, {"OPTIONS", verb::http},
    {"TRACE", verb::http},         {"PATCH", verb::http},
};

constexpr std::size_t longest_verb = 32;

char upper(char c)
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (upper(c) >= 'A' && upper(c) <= 'Z');
}

// esmtp-value (RFC 5321 4.1.2), with the non-ASCII octets that RFC 6531 3.3 adds.
bool is_value_octet(char c)
{
    return c > ' ' || static_cast<unsigned char>(c) > 127 ? c != '=' && c != 0x7F : false;
}

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes `FROM:` or `TO:` off the front, and the spaces after it.
bool take_word(std::string_view& text, std::string_view word)
{
    if (!equal_ignoring_case(text.substr(0, word.size()), word)) return false;
    text.remove_prefix(word.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return true;
}

boost::system::result<parameter> parse_parameter(std::string_view word)
{
    const auto equals = word.find('=');
    const auto keyword = word.substr(0, equals);
    const auto is_keyword_octet = [](char c) { return is_alphanumeric(c) || c == '-'; };
    if (keyword.empty() || keyword.front() == '-') return errc::bad_parameter;
    if (!std::all_of(keyword.begin(), keyword.end(), is_keyword_octet)) return errc::bad_parameter;
    parameter found{std::string(keyword), std::nullopt};
    if (equals == word.npos) return found;

    const auto value = word.substr(equals + 1);
    if (value.empty() || !std::all_of(value.begin(), value.end(), is_value_octet)) return errc::bad_parameter;
    if (!is_utf8(value)) return errc::bad_parameter;
    found.value = value;
    return found;
}

// What follows the path: nothing, or a space and parameters.
boost::system::result<std::vector<parameter>> parse_rest(std::string_view rest)
{
    if (!rest.empty() && rest.front() != ' ') return errc::bad_argument;
    return parse_parameters(rest);
}

std::string format(std::string_view start, std::string_view address, const std::vector<parameter>& parameters)
{
    std::string line(start);
    line += '<';
    line += address;
    line += '>';
    for (const auto& [keyword, value] : parameters) {
        line += ' ';
        line += keyword;
        if (!value) continue;
        line += '=';
        line += *value;
    }
    return line;
}

} // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return upper(x) == upper(y); });
}

boost::system::result<command> parse_command(std::string_view line)
{
    const auto space = line.find(' ');
    const auto word = trim(line.substr(0, space));
    if (word.empty() || word.size() > longest_verb) return errc::bad_command;
    if (!std::all_of(word.begin(), word.end(), is_alphanumeric)) return errc::bad_command;

    command found;
    if (space != line.npos) found.argument = trim(line.substr(space));
    for (const auto& [known, name] : verbs) {
        if (equal_ignoring_case(word, known)) found.name = name;
    }
    return found;
}

boost::system::result<mail_argument> parse_mail(std::string_view argument, address_limits limits)
{
    if (!take_word(argument, "FROM:")) return errc::bad_argument;
    const auto from = parse_reverse_path(argument, limits);
    if (!from) return from.error();
    auto parameters = parse_rest(argument);
    if (!parameters) return parameters.error();
    return mail_argument{std::string(from->address), from->utf8, std::move(*parameters)};
}

boost::system::result<rcpt_argument> parse_rcpt(std::string_view argument, address_limits limits)
{
    if (!take_word(argument, "TO:")) return errc::bad_argument;
    const auto to = parse_forward_path(argument, limits);
    if (!to) return to.error();
    auto parameters = parse_rest(argument);
    if (!parameters) return parameters.error();
    return rcpt_argument{{std::string(to->address), std::move(*parameters)}, to->utf8};
}

boost::system::result<std::vector<parameter>> parse_parameters(std::string_view text)
{
    std::vector<parameter> found;
    for (text = trim(text); !text.empty(); text = trim(text)) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(word.size());
        auto one = parse_parameter(word);
        if (!one) return one.error();
        if (find_parameter(found, one->keyword)) return errc::bad_parameter;
        found.push_back(std::move(*one));
    }
    return found;
}

const parameter* find_parameter(const std::vector<parameter>& parameters, std::string_view keyword)
{
    for (const auto& p : parameters) {
        if (equal_ignoring_case(p.keyword, keyword)) return &p;
    }
    return nullptr;
}

std::string format_mail(std::string_view reverse_path, const std::vector<parameter>& parameters)
{
    return format("MAIL FROM:", reverse_path, parameters);
}

std::string format_rcpt(const recipient& to)
{
    return format("RCPT TO:", to.address, to.parameters);
}

} // namespace smtp
