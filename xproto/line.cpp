// The grammar of docs/xproto.md, "Framing", as a scanner. The inverse is line_writer.cpp.
#include "xproto/line.hpp"

#include "xproto/line_octets.hpp"
#include "xproto/utf8.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace xproto {

namespace {

// Takes pieces of the grammar from the front of some octets. A failed take leaves the position where it was.
class scanner {
  public:
    explicit scanner(std::string_view octets) : at_(octets.data()), end_(octets.data() + octets.size()) {}

    bool done() const { return at_ == end_; }
    bool sees(char c) const { return at_ != end_ && *at_ == c; }
    std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }

    bool take(char c)
    {
        if (!sees(c)) return false;
        ++at_;
        return true;
    }
    bool take(char first, char second)
    {
        if (end_ - at_ < 2 || at_[0] != first || at_[1] != second) return false;
        at_ += 2;
        return true;
    }
    std::string_view take_while(unsigned char what)
    {
        const char* const begin = at_;
        while (at_ != end_ && is(*at_, what)) ++at_;
        return {begin, static_cast<std::size_t>(at_ - begin)};
    }
    // At least one octet of free text, up to the octet that ends it.
    std::optional<std::string_view> take_text()
    {
        const char* const begin = at_;
        const char* p = at_;
        while (p != end_) {
            if (*p == '\\') {
                if (p + 1 == end_ || !is(p[1], in_escape)) return std::nullopt;
                p += 2;
                continue;
            }
            if (!is(*p, in_text)) break;
            ++p;
        }
        if (p == begin) return std::nullopt;
        at_ = p;
        return std::string_view(begin, static_cast<std::size_t>(p - begin));
    }
    // A quoted string, quotes included.
    std::optional<std::string_view> take_quoted()
    {
        const char* const begin = at_;
        const char* p = at_ + 1;
        while (p != end_ && *p != '"') {
            if (*p == '\\') {
                if (p + 1 == end_ || (p[1] != '"' && p[1] != '\\')) return std::nullopt;
                ++p;
            }
            ++p;
        }
        if (p == end_) return std::nullopt;
        at_ = p + 1;
        return std::string_view(begin, static_cast<std::size_t>(at_ - begin));
    }
    // A token or a quoted string.
    std::optional<std::string_view> take_value()
    {
        if (sees('"')) return take_quoted();
        const auto token = take_while(in_token);
        return token.empty() ? std::nullopt : std::optional(token);
    }
    // A value, or a number with its braces.
    std::optional<std::string_view> take_parameter()
    {
        if (!sees('{')) return take_value();
        const auto close = rest().find('}');
        if (close == rest().npos) return std::nullopt;
        const auto braced = rest().substr(0, close + 1);
        if (!braced_number(braced)) return std::nullopt;
        at_ += braced.size();
        return braced;
    }
    std::optional<result_code> take_code()
    {
        auto stop = at_;
        while (stop != end_ && ((*stop >= '0' && *stop <= '9') || *stop == '.')) ++stop;
        auto code = result_code::from_text({at_, static_cast<std::size_t>(stop - at_)});
        if (code) at_ = stop;
        return code;
    }

  private:
    const char* at_;
    const char* end_;
};

word word_of(std::string_view verb)
{
    if (verb == "OK") return word::ok;
    if (verb == "ERR") return word::err;
    if (verb == "TMP") return word::tmp;
    return word::request;
}

std::optional<std::uint32_t> tag_from(std::string_view digits)
{
    if (digits == "*") return 0;
    const auto number = plain_number(digits);
    if (!number || *number == 0 || *number > 0xffffffff) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
}

// One item, after `(` or `, `. Afterwards the scanner sees what follows the item: `,` or `)`.
bool take_item(scanner& in, group_item& item)
{
    item.name = in.take_while(in_name);
    if (item.name.empty() || item.name.size() > group_item::longest_name) return false;
    if (in.take('=')) {
        item.value = in.take_value();
        if (!item.value) return false;
    }
    if (!item.first || !in.take(' ')) return true;
    // A note: it makes this the only item of its group.
    const auto note = in.take_text();
    if (!note || !in.sees(')')) return false;
    item.text = *note;
    scanner words(*note);
    item.answer = word_of(words.take_while(in_verb));
    const bool answers = item.answer != word::request && (words.done() || words.sees(' '));
    if (!answers) {
        item.answer = word::request;
        return true;
    }
    const auto code = words.take(' ') ? words.take_code() : std::nullopt;
    if (!code) return false;
    item.code = *code;
    item.text = {};
    if (words.done()) return true;
    if (!words.take(' ') || words.done()) return false;
    item.text = words.rest();
    return true;
}

bool take_group(scanner& in)
{
    if (!in.take('(')) return false;
    for (bool first = true;; first = false) {
        group_item item;
        item.first = first;
        if (!take_item(in, item)) return false;
        if (in.take(')')) return true;
        if (!in.take(',', ' ')) return false;
    }
}

// ` (...) (...)`, as far as they go. The groups without the space before them.
std::optional<std::string_view> take_groups(scanner& in)
{
    const auto before = in.rest();
    while (in.rest().starts_with(" (")) {
        in.take(' ');
        if (!take_group(in)) return std::nullopt;
    }
    const auto taken = before.substr(0, before.size() - in.rest().size());
    return taken.empty() ? taken : taken.substr(1);
}

// Which rule the octets of a line break before any grammar; errc{} for none.
errc wrong_octets(std::string_view octets)
{
    const auto plain = [](char c) { return c >= 0x20 && c < 0x7f; };
    if (std::all_of(octets.begin(), octets.end(), plain)) return errc{};
    const auto control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
    const auto bad = std::find_if(octets.begin(), octets.end(), control);
    if (bad == octets.end()) return is_utf8(octets) ? errc{} : errc::not_utf8;
    return *bad == '\r' ? errc::bare_return : *bad == '\n' ? errc::bare_newline : errc::control_character;
}

} // namespace

boost::system::result<line> parse_line(std::string_view octets)
{
    if (const errc wrong = wrong_octets(octets); wrong != errc{}) return wrong;

    line parsed;
    scanner in(octets);
    if (!in.take('[')) return errc::not_a_line;
    const auto tag = tag_from(in.take_while(in_token));
    if (!tag || !in.take(' ')) return errc::bad_tag;
    parsed.tag = *tag;
    const auto verb = in.take_while(in_verb);
    if (verb.empty() || verb.size() > 16) return errc::bad_verb;
    parsed.kind = word_of(verb);

    if (parsed.kind == word::request) {
        parsed.verb = verb;
        const auto add = [&](std::optional<std::string_view> parameter) {
            if (!parameter) return errc::bad_parameter;
            if (parsed.parameter_count == line::max_parameters) return errc::too_many_parameters;
            parsed.parameters[parsed.parameter_count++] = *parameter;
            return errc{};
        };
        errc wrong{};
        if (in.take('=')) wrong = add(in.take_parameter());
        while (wrong == errc{} && in.sees(' ') && !in.rest().starts_with(" (")) {
            in.take(' ');
            wrong = add(in.take_parameter());
        }
        if (wrong != errc{}) return wrong;
    } else {
        const auto code = in.take(' ') ? in.take_code() : std::nullopt;
        if (!code) return errc::bad_code;
        parsed.code = *code;
    }

    const auto groups = take_groups(in);
    if (!groups) return errc::bad_group;
    parsed.groups = *groups;
    if (parsed.kind != word::request && in.take(' ')) {
        const auto text = in.take_text();
        if (!text) return errc::bad_text;
        parsed.text = *text;
    }
    if (!in.take(']') || !in.done()) return errc::bad_end;
    return parsed;
}

std::optional<group_item> group_reader::next()
{
    if (rest_.empty()) return std::nullopt;
    scanner in(rest_);
    group_item item;
    item.first = !inside_;
    if (!inside_) in.take('(');
    [[maybe_unused]] const bool sound = take_item(in, item);
    assert(sound);
    inside_ = in.take(',', ' ');
    if (!inside_) {
        in.take(')');
        in.take(' ');
    }
    rest_ = in.rest();
    return item;
}

std::string unescape(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out += text[i];
    }
    return out;
}

std::string unquote(std::string_view value)
{
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return quoted ? unescape(value.substr(1, value.size() - 2)) : std::string(value);
}

std::optional<std::uint64_t> plain_number(std::string_view digits)
{
    std::uint64_t number = 0;
    const char* const end = digits.data() + digits.size();
    if (digits.empty() || digits.size() > 18 || (digits.front() == '0' && digits.size() > 1)) return std::nullopt;
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc() || stop != end) return std::nullopt;
    return number;
}

std::optional<std::uint64_t> braced_number(std::string_view parameter)
{
    if (parameter.size() < 3 || parameter.front() != '{' || parameter.back() != '}') return std::nullopt;
    return plain_number(parameter.substr(1, parameter.size() - 2));
}

bool is_token(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is(c, in_token); });
}

bool is_quotable(std::string_view text)
{
    return wrong_octets(text) == errc{};
}

} // namespace xproto
