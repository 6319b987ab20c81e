// One pass over the field, no recursion; comments are counted, not descended into.
#include "mapping/received.hpp"

#include "mapping/carrier/standard_field.hpp"
#include "mapping/date.hpp"
#include "mapping/folded_field.hpp"
#include "mapping/header_section.hpp"
#include "mapping/text.hpp"
#include "smtp/address.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace mapping {

namespace {

bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Octets that are nothing special in a word.
constexpr auto plain_octets = [] {
    std::array<bool, 256> table{};
    table.fill(true);
    for (const auto c : std::string_view(" \t\r\n(;\"<[")) table[static_cast<unsigned char>(c)] = false;
    return table;
}();

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_white(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_white(text.back())) text.remove_suffix(1);
    return text;
}

// Appends the text trimmed, each run of white space one space.
void append_collapsed(std::string& out, std::string_view text)
{
    out.reserve(out.size() + text.size());
    auto is_first = true;
    for (std::size_t at = 0; at < text.size();) {
        auto end = at;
        while (end < text.size() && !is_white(text[end])) ++end;
        if (end != at) {
            if (!is_first) out += ' ';
            out.append(text, at, end - at);
            is_first = false;
        }
        at = end + 1;
    }
}

// The octets from `begin` to the one that closes what stands there: ( ) with nesting, " ", < >, [ ]. A backslash takes
// the next octet with it, quotations hide what closes the others. npos when nothing closes it.
std::size_t closed_at(std::string_view text, std::size_t begin)
{
    const auto open = text[begin];
    const auto close = open == '(' ? ')' : open == '<' ? '>' : open == '[' ? ']' : '"';
    std::size_t depth = 0;
    auto quoted = false; // inside a quotation that stands inside < >
    for (auto i = begin; i < text.size(); ++i) {
        const auto c = text[i];
        if (c == '\\') {
            ++i;
        } else if (i == begin || (open == '(' && c == '(')) {
            ++depth;
        } else if (open == '<' && c == '"') {
            quoted = !quoted;
        } else if (c == close && !quoted && --depth == 0) {
            return i;
        }
    }
    return std::string_view::npos;
}

struct token {
    enum class kind { end, word, comment, semicolon, broken };
    kind what = kind::end;
    std::string_view text; // of a comment: without its parentheses
};

class tokens {
  public:
    explicit tokens(std::string_view text) : text_(text) {}

    std::size_t position() const { return at_; }

    token next()
    {
        while (at_ < text_.size() && is_white(text_[at_])) ++at_;
        if (at_ == text_.size()) return {};
        const auto begin = at_;
        if (text_[at_] == ';') {
            ++at_;
            return {token::kind::semicolon, text_.substr(begin, 1)};
        }
        if (text_[at_] == '(') {
            const auto end = closed_at(text_, at_);
            if (end == std::string_view::npos) return {token::kind::broken, {}};
            at_ = end + 1;
            return {token::kind::comment, text_.substr(begin + 1, end - begin - 1)};
        }
        for (;;) {
            while (at_ < text_.size() && plain_octets[static_cast<unsigned char>(text_[at_])]) ++at_;
            if (at_ == text_.size() || is_white(text_[at_]) || text_[at_] == '(' || text_[at_] == ';') break;
            at_ = closed_at(text_, at_);
            if (at_ == std::string_view::npos) return {token::kind::broken, {}};
            ++at_;
        }
        return {token::kind::word, text_.substr(begin, at_ - begin)};
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

// `192.0.2.1` or `2001:db8::1`, roughly: enough to tell an address from a name or a remark.
bool looks_like_ip(std::string_view text)
{
    const auto colons = std::count(text.begin(), text.end(), ':');
    const auto dots = std::count(text.begin(), text.end(), '.');
    const auto digits = colons == 0 ? std::string_view("0123456789.") : std::string_view("0123456789abcdefABCDEF:.");
    return text.size() <= 45 && (colons >= 2 || (colons == 0 && dots == 3)) &&
           text.find_first_not_of(digits) == std::string_view::npos;
}

// The IP address in an address literal, in a text that holds one, or that is all of the text.
std::optional<std::string_view> address_in(std::string_view text)
{
    constexpr std::string_view tag = "IPv6:";
    auto inner = text;
    if (const auto open = text.find('['); open != std::string_view::npos) {
        const auto close = text.find(']', open);
        if (close == std::string_view::npos) return {};
        inner = text.substr(open + 1, close - open - 1);
    }
    if (inner.size() > tag.size() && same_name(inner.substr(0, tag.size()), tag)) inner.remove_prefix(tag.size());
    if (!looks_like_ip(inner)) return {};
    return inner;
}

std::string_view without_angles(std::string_view text)
{
    if (text.size() >= 2 && text.front() == '<' && text.back() == '>') return text.substr(1, text.size() - 2);
    return text;
}

struct clause {
    std::string_view name;
    std::string_view address_name{}; // of a clause that names a host; empty: no address and no comment follow
    std::string_view comment_name{};
    bool seen = false;
    std::string_view value{};   // the first word
    std::string more_words{};   // the words after it, each behind a space
    std::string_view comment{}; // without its parentheses
};

void put(trace_view& view, std::string_view name, std::string_view value)
{
    if (value.empty()) return;
    auto& [key, text] = view.emplace_back(name, std::string());
    append_collapsed(text, value);
    if (text.empty()) view.pop_back();
}

void put(trace_view& view, const clause& c)
{
    if (c.more_words.empty())
        put(view, c.name, without_angles(c.value));
    else
        put(view, c.name, std::string(c.value) + c.more_words);
    if (c.address_name.empty()) return;
    if (const auto literal = address_in(c.value); literal && c.value.front() == '[')
        put(view, c.address_name, *literal);
    else if (const auto remarked = address_in(c.comment))
        put(view, c.address_name, *remarked);
    put(view, c.comment_name, c.comment);
}

bool is_readable(const trace_view& view)
{
    return std::all_of(view.begin(), view.end(), [](const auto& pair) { return xproto::is_plain_text(pair.second); });
}

} // namespace

trace_view read_received(std::string_view body)
{
    if (body.size() > longest_trace_field) return {};
    std::array<clause, 6> clauses{{{"from", "from-address", "from-comment"},
                                   {"by", "by-address", "by-comment"},
                                   {"via"},
                                   {"with"},
                                   {"id"},
                                   {"for"}}};
    clause* current = nullptr;
    std::size_t date = std::string_view::npos;
    tokens input(body);
    for (auto t = input.next(); t.what != token::kind::end; t = input.next()) {
        if (t.what == token::kind::broken) return {};
        if (t.what == token::kind::semicolon) {
            date = input.position();
            current = nullptr;
            continue;
        }
        if (t.what == token::kind::comment) {
            if (current && !current->address_name.empty() && current->comment.empty())
                current->comment = trimmed(t.text);
            continue;
        }
        const auto keyword = std::find_if(clauses.begin(), clauses.end(), [&](const clause& c) {
            return c.name.size() == t.text.size() && same_name(c.name, t.text);
        });
        if (keyword != clauses.end() && (!current || !current->value.empty())) {
            current = keyword->seen ? nullptr : &*keyword;
            keyword->seen = true;
        } else if (current) {
            if (current->value.empty())
                current->value = t.text;
            else
                append_collapsed(current->more_words += ' ', t.text);
        }
    }
    trace_view view;
    view.reserve(clauses.size() + 5); // addresses, comments, date
    for (const auto& c : clauses) put(view, c);
    if (date != std::string_view::npos) put(view, "date", body.substr(date));
    if (!is_readable(view)) return {};
    return view;
}

trace_view read_return_path(std::string_view body)
{
    if (body.size() > longest_trace_field) return {};
    const auto open = body.find('<');
    if (open == std::string_view::npos) return {};
    const auto close = closed_at(body, open);
    if (close == std::string_view::npos) return {};
    trace_view view{{"path", std::string(body.substr(open + 1, close - open - 1))}};
    if (!is_readable(view)) return {};
    return view;
}

namespace {

constexpr std::size_t longest_atom = 128;

// What may stand in a comment without closing or opening one.
std::string comment_text(std::string_view text, bool utf8)
{
    constexpr std::size_t longest = 200;
    auto out = printable(text, utf8, longest);
    for (auto& c : out)
        if (c == '(' || c == ')' || c == '\\') c = '?';
    return out;
}

bool fits(std::string_view text, bool utf8)
{
    return utf8 || smtp::is_ascii(text);
}

std::string address_literal(std::string_view address)
{
    const auto literal = (address.find(':') != std::string_view::npos ? "[IPv6:" : "[") + std::string(address) + "]";
    return smtp::is_address_literal(literal) ? literal : std::string();
}

// `from mx.example ([192.0.2.1])`
void put_host(folded_field& line, std::string_view keyword, std::string_view name, std::string_view address, bool utf8)
{
    const auto is_name = fits(name, utf8) && (smtp::is_domain_name(name) || smtp::is_address_literal(name)) &&
                         printable(name, utf8, name.size()) == name; // no characters that are none, such as U+FFFE
    line.word(std::string(keyword) + ' ' + std::string(is_name ? name : "unknown"));
    const auto literal = address_literal(address);
    if (!literal.empty()) line.word("(" + literal + ")");
    if (!is_name && !name.empty()) line.words("(called itself " + comment_text(name, utf8) + ")");
    if (literal.empty() && !address.empty()) line.words("(at " + comment_text(address, utf8) + ")");
}

bool is_nameable(std::string_view recipient, bool utf8)
{
    return fits(recipient, utf8) && smtp::parse_mailbox(recipient).has_value() &&
           printable(recipient, utf8, recipient.size()) == recipient;
}

// The trace fields that hosts without a hop of their own had put on, in a form that every way out can carry.
void append_legacy(std::string& out, const xproto::hop& hop, bool utf8)
{
    for (const auto& field : hop.legacy)
        if (is_passing_field(field.octets.name)) carrier::append_standard(out, field.octets, utf8);
}

} // namespace

bool is_passing_field(std::string_view name)
{
    constexpr std::array<std::string_view, 10> names{
        "Received",     "Return-Path",    "Delivered-To", "X-Original-To",         "Authentication-Results",
        "Received-SPF", "DKIM-Signature", "ARC-Seal",     "ARC-Message-Signature", "ARC-Authentication-Results"};
    return std::any_of(names.begin(), names.end(), [&](std::string_view other) { return same_name(name, other); });
}

std::string received_line(const xproto::hop& hop, const std::string& only_recipient, bool utf8)
{
    folded_field line("Received");
    put_host(line, "from", hop.peer, hop.peer_address, utf8);
    put_host(line, "by", hop.host, {}, utf8);
    if (!hop.protocol.empty()) line.word("with " + atom(hop.protocol, longest_atom));
    if (!hop.id.empty()) line.word("id " + atom(hop.id, longest_atom));
    if (is_nameable(only_recipient, utf8)) line.word("for <" + only_recipient + ">");
    line.attach(";").word(rfc5322_date(hop.time));
    return line.take();
}

std::string received_lines(const std::vector<xproto::hop>& trace, bool utf8)
{
    std::string out;
    for (auto hop = trace.rbegin(); hop != trace.rend(); ++hop) {
        out += received_line(*hop, {}, utf8);
        append_legacy(out, *hop, utf8);
    }
    return out;
}

std::string trace_header(const xproto::envelope& envelope, bool utf8)
{
    if (envelope.trace.empty()) return {};
    const auto& last = envelope.trace.back();
    const bool one = envelope.recipients.size() == 1;
    auto out = received_line(last, one ? envelope.recipients.front().address : std::string(), utf8);
    append_legacy(out, last, utf8);
    return out + received_lines({envelope.trace.begin(), envelope.trace.end() - 1}, utf8);
}

} // namespace mapping
