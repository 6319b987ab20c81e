// The pass over the octets that everything read from a peer goes through before a parser sees it.
#include "xproto/xml_scan.hpp"

#include "xproto/xml_namespaces.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace xproto::xml {

namespace {

enum : unsigned char { name_start = 1, name_part = 2, space = 4 };

constexpr std::array<unsigned char, 256> make_classes()
{
    std::array<unsigned char, 256> c{};
    for (unsigned char i = 'a'; i <= 'z'; ++i) c[i] = name_start | name_part;
    for (unsigned char i = 'A'; i <= 'Z'; ++i) c[i] = name_start | name_part;
    for (unsigned char i = '0'; i <= '9'; ++i) c[i] = name_part;
    c['_'] = name_start | name_part;
    c['-'] = c['.'] = name_part;
    c[' '] = c['\t'] = c['\n'] = space;
    return c;
}

constexpr auto classes = make_classes();

bool is(char c, unsigned char kind)
{
    return (classes[static_cast<unsigned char>(c)] & kind) != 0;
}

class scanner {
  public:
    scanner(std::string_view text, std::string_view root, std::string_view uri, const scan_limits& limits,
            std::size_t noted_depth, outline* noted)
        : begin_(text.data()), p_(begin_), end_(begin_ + text.size()), root_(root), uri_(uri), limits_(limits),
          noted_depth_(noted == nullptr ? 0 : noted_depth), noted_(noted), scope_(uri)
    {
        open_.reserve(8);
        attributes_.reserve(8);
        if (noted == nullptr) return;
        // What ordinary objects have, so that they are noted without moving.
        noted->elements.reserve(std::min(text.size() / 48 + 8, limits.elements));
        noted->attributes.reserve(text.size() / 64 + 8);
    }

    std::optional<scan_error> run()
    {
        if (document()) return std::nullopt;
        return std::move(error_);
    }

  private:
    struct open_element {
        std::string_view name;
        std::size_t noted = 0; // index in the outline, when it is there
    };

    std::size_t at(const char* p) const { return static_cast<std::size_t>(p - begin_); }
    std::uint32_t place(const char* p) const { return static_cast<std::uint32_t>(p - begin_); }
    bool is_noted() const { return open_.size() <= noted_depth_; }
    bool fail(const char* where, std::string what, scan_fault fault = scan_fault::malformed)
    {
        error_ = {fault, at(where), std::move(what)};
        return false;
    }
    bool forbidden(const char* where, std::string what) { return fail(where, std::move(what), scan_fault::forbidden); }
    bool over(const char* where, std::string_view what, std::size_t limit)
    {
        return fail(where, std::string(what) + " (" + std::to_string(limit) + ")", scan_fault::limit);
    }
    bool take(std::string_view expected)
    {
        if (!std::string_view(p_, static_cast<std::size_t>(end_ - p_)).starts_with(expected)) return false;
        p_ += expected.size();
        return true;
    }
    bool skip_space()
    {
        const char* const before = p_;
        while (p_ != end_ && is(*p_, space)) ++p_;
        return p_ != before;
    }

    bool document();
    bool declaration();
    bool content();
    bool text();
    bool reference();
    bool markup();
    bool start_tag();
    bool end_tag();
    bool name(qualified_name& out);
    bool one_attribute(raw_attribute& out);
    bool attributes();
    void note(const char* start, const qualified_name& element);
    void note_attribute(const raw_attribute& a);
    void close(const char* content_end);

    const char* begin_;
    const char* p_;
    const char* end_;
    std::string_view root_, uri_;
    const scan_limits& limits_;
    std::size_t noted_depth_;
    outline* noted_;
    std::vector<open_element> open_;
    namespace_scope scope_;
    std::vector<raw_attribute> attributes_;
    std::size_t elements_ = 0;
    scan_error error_;
};

bool scanner::document()
{
    const auto most = std::min<std::size_t>(limits_.octets, std::numeric_limits<std::uint32_t>::max()); // as span holds
    if (at(end_) > most) return over(begin_, "the object has more octets than its limit", most);
    if (take("<?xml") && !declaration()) return false;
    skip_space();
    if (p_ == end_ || *p_ != '<') return fail(p_, "the object is not an XML document");
    if (!markup() || !content()) return false;
    skip_space();
    return p_ == end_ || fail(p_, "something follows the root element");
}

// `<?xml` was taken. The only declaration accepted: version 1.0, UTF-8 when an encoding is named.
bool scanner::declaration()
{
    const auto quoted = [&](std::string_view key, std::string_view value) {
        const char* const before = p_;
        if (skip_space() && take(key) && take("=")) {
            const char quote = p_ != end_ ? *p_ : '\0';
            const std::string want = quote + std::string(value) + quote;
            if ((quote == '"' || quote == '\'') && take(want)) return true;
        }
        p_ = before;
        return false;
    };
    if (!quoted("version", "1.0")) return forbidden(p_, "only XML 1.0 is accepted");
    if (!quoted("encoding", "UTF-8")) quoted("encoding", "utf-8");
    if (!quoted("standalone", "yes")) quoted("standalone", "no");
    skip_space();
    return take("?>") || forbidden(p_, "the XML declaration holds more than version 1.0, UTF-8 and standalone");
}

bool scanner::content()
{
    while (!open_.empty()) {
        if (!text()) return false;
        if (p_ == end_) return fail(p_, "the object ends inside an element");
        if (!markup()) return false;
    }
    return true;
}

// Character data up to the next `<` or the end.
bool scanner::text()
{
    const char* const start = p_;
    while ((p_ = skip_plain(p_, end_)) != end_) {
        switch (*p_) {
        case '<': return true;
        case '&':
            if (!reference()) return false;
            if (is_noted()) noted_->elements[open_.back().noted].has_references = true;
            break;
        case '>':
            if (p_ - start >= 2 && p_[-1] == ']' && p_[-2] == ']') return fail(p_, "\"]]>\" in character data");
            ++p_;
            break;
        case '\r': return forbidden(p_, "a carriage return, which other parsers turn into a line feed");
        default:
            const auto size = character(p_, end_);
            if (size == 0) return fail(p_, "octets that are no UTF-8 or no XML character");
            p_ += size;
        }
    }
    return true;
}

bool scanner::reference()
{
    const char* const start = p_;
    for (const std::string_view known : {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"})
        if (take(known)) return true;
    if (!take("&#")) return forbidden(start, "a reference to anything but a character or one of the five entities");
    const bool hexadecimal = take("x");
    std::uint32_t code = 0;
    std::size_t digits = 0;
    for (; p_ != end_ && digits < 8; ++p_, ++digits) {
        const char c = *p_;
        if (c >= '0' && c <= '9')
            code = code * (hexadecimal ? 16 : 10) + static_cast<std::uint32_t>(c - '0');
        else if (hexadecimal && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            code = code * 16 + static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
        else
            break;
    }
    if (digits == 0 || !take(";") || !is_character(code)) return fail(start, "a reference to no XML character");
    const bool hidden = code < 0x80 && is(static_cast<char>(code), name_part) && code != '-' && code != '.';
    if (hidden) return forbidden(start, "a reference to a letter or digit, which would hide it from plain searches");
    return true;
}

// At `<`.
bool scanner::markup()
{
    const char next = p_ + 1 != end_ ? p_[1] : '\0';
    if (next == '/') return end_tag();
    if (next == '?') return forbidden(p_, "a processing instruction");
    if (next != '!') return start_tag();
    const std::string_view rest(p_, static_cast<std::size_t>(end_ - p_));
    if (rest.starts_with("<!--")) return forbidden(p_, "a comment");
    if (rest.starts_with("<![CDATA[")) return forbidden(p_, "a CDATA section");
    return forbidden(p_, "a document type declaration");
}

bool scanner::name(qualified_name& out)
{
    const char* const start = p_;
    const char* colon = nullptr;
    while (p_ != end_) {
        if (is(*p_, name_part)) {
            ++p_;
        } else if (*p_ == ':' && colon == nullptr) {
            colon = p_++;
        } else {
            break;
        }
    }
    const bool begins = p_ != start && is(*start, name_start);
    const bool continues = colon == nullptr || (colon + 1 != p_ && is(colon[1], name_start));
    if (!begins || !continues)
        return forbidden(start, "a name that is not of letters, digits and . - _ with one colon");
    out.whole = {start, static_cast<std::size_t>(p_ - start)};
    out.prefix =
        colon == nullptr ? std::string_view() : std::string_view(start, static_cast<std::size_t>(colon - start));
    if (out.whole.size() > limits_.name) return over(start, "a name is longer than the limit", limits_.name);
    return true;
}

bool scanner::one_attribute(raw_attribute& out)
{
    out.octet = at(p_);
    if (!name(out.name)) return false;
    skip_space();
    if (!take("=")) return fail(p_, "an attribute without a value");
    skip_space();
    const char quote = p_ != end_ ? *p_ : '\0';
    if (quote != '"' && quote != '\'') return fail(p_, "an attribute's value without quotes");
    const char* const start = ++p_;
    const auto skip = [&] { // skip_plain() stops at a ", but not at a '
        const char* const stop = skip_plain(p_, end_);
        return quote == '"' ? stop : std::find(p_, stop, quote);
    };
    while ((p_ = skip()) != end_ && *p_ != quote) {
        switch (*p_) {
        case '<': return fail(p_, "a < in an attribute's value");
        case '\t':
        case '\n':
        case '\r':
            return forbidden(p_, "a tab or line end in an attribute's value, which other parsers turn into a space");
        case '&':
            if (!reference()) return false;
            out.has_references = true;
            break;
        default:
            const auto size = character(p_, end_);
            if (size == 0) return fail(p_, "octets that are no UTF-8 or no XML character");
            p_ += size;
        }
    }
    if (p_ == end_) return fail(p_, "the object ends inside a tag");
    out.value = {start, static_cast<std::size_t>(p_ - start)};
    ++p_;
    return true;
}

bool scanner::attributes()
{
    attributes_.clear();
    while (skip_space() && p_ != end_ && *p_ != '>' && *p_ != '/') {
        if (attributes_.size() == limits_.attributes)
            return over(p_, "more attributes of one element than the limit", limits_.attributes);
        raw_attribute next;
        if (!one_attribute(next)) return false;
        for (const auto& earlier : attributes_)
            if (earlier.name.whole == next.name.whole)
                return fail(begin_ + next.octet, "an attribute that stands twice");
        attributes_.push_back(next);
    }
    return true;
}

bool scanner::start_tag()
{
    const char* const start = p_++;
    qualified_name element;
    if (!name(element)) return false;
    if (++elements_ > limits_.elements) return over(start, "more elements than the limit", limits_.elements);
    if (open_.size() == limits_.depth) return over(start, "elements nested deeper than the limit", limits_.depth);
    open_.push_back({element.whole, 0});
    if (!attributes()) return false;
    const bool empty = take("/");
    if (!take(">")) return fail(p_, p_ == end_ ? "the object ends inside a tag" : "a tag that does not end");
    if (const auto problem = scope_.open(open_.size(), at(start), element, attributes_))
        return fail(begin_ + problem->octet, std::string(problem->what));
    if (scope_.size() > limits_.namespaces)
        return over(start, "more namespaces in one place than the limit", limits_.namespaces);
    if (open_.size() == 1 && (element.whole != root_ || !scope_.is_own()))
        return fail(start, "the root element is not " + std::string(root_) + " in the namespace " + std::string(uri_));
    if (is_noted()) note(start, element);
    if (empty) close(p_);
    return true;
}

// A start tag that began at `start` and ends here.
void scanner::note(const char* start, const qualified_name& element)
{
    open_.back().noted = noted_->elements.size();
    span fresh;
    fresh.name = element.whole;
    fresh.depth = static_cast<std::uint32_t>(open_.size());
    fresh.begin = place(start);
    fresh.content = fresh.content_end = fresh.end = place(p_);
    fresh.uri = scope_.uri(element.prefix);
    fresh.own = element.prefix.empty() && fresh.uri == uri_;
    fresh.attributes = static_cast<std::uint32_t>(noted_->attributes.size());
    for (const auto& a : attributes_)
        if (!a.is_declaration()) note_attribute(a);
    fresh.attribute_count = static_cast<std::uint16_t>(noted_->attributes.size() - fresh.attributes);
    noted_->elements.push_back(fresh);
}

void scanner::note_attribute(const raw_attribute& a)
{
    auto value = a.value;
    if (a.has_references) {
        noted_->resolved.emplace_front();
        append_resolved(noted_->resolved.front(), value);
        value = noted_->resolved.front();
    }
    noted_->attributes.push_back({a.name.whole, value});
}

bool scanner::end_tag()
{
    const char* const start = p_;
    p_ += 2;
    const bool closes = !open_.empty() && take(open_.back().name) && p_ != end_ && !is(*p_, name_part) && *p_ != ':';
    if (!closes) {
        p_ = start + 2;
        qualified_name other;
        return name(other) && fail(start, "an end tag without its start tag");
    }
    skip_space();
    if (!take(">")) return fail(p_, "a tag that does not end");
    close(start);
    return true;
}

void scanner::close(const char* content_end)
{
    if (is_noted()) {
        auto& closed = noted_->elements[open_.back().noted];
        closed.content_end = place(content_end);
        closed.end = place(p_);
        closed.after = static_cast<std::uint32_t>(noted_->elements.size());
    }
    scope_.close(open_.size());
    open_.pop_back();
}

} // namespace

std::optional<scan_error> scan(std::string_view xml, std::string_view root, std::string_view uri,
                               const scan_limits& limits, std::size_t depth, outline* noted)
{
    return scanner(xml, root, uri, limits, depth, noted).run();
}

} // namespace xproto::xml
