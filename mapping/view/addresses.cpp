// Address lists (RFC 5322 3.4, obsolete forms 4.4, RFC 6532), read generously: routes are dropped, a comment behind a
// bare address is its name, a last semicolon or superfluous commas do no harm. Written strictly.
#include "mapping/view/lexer.hpp"
#include "mapping/view/phrase.hpp"
#include "mapping/view/syntaxes.hpp"

#include <algorithm>

namespace mapping::view {

namespace {

// The local part, with quotation marks only where it needs them.
bool read_local_part(lexer& in, std::string& out)
{
    std::string meant;
    bool any = false, after_word = false;
    for (;; after_word = true) {
        if (!in.skip()) return false;
        while (in.take('.')) {
            meant += '.';
            after_word = false;
            if (!in.skip()) return false;
        }
        if (after_word || in.at_end() || in.peek() == '@' || in.peek() == '>') break;
        const auto before = meant.size();
        if (in.peek() == '"') {
            if (!in.quoted_string(meant)) return false;
        } else {
            meant += in.atom();
            if (meant.size() == before) return false;
        }
        any = true;
    }
    out += is_dot_atom(meant) ? meant : quoted(meant);
    return any;
}

// Afterwards in.comment() is the one behind the address, if there is one.
bool read_domain(lexer& in, std::string& out)
{
    if (!in.skip()) return false;
    in.forget_comment();
    if (in.peek() == '[') return in.domain_literal(out);
    std::string name;
    for (;;) {
        name += in.atom();
        in.forget_comment();
        if (!in.skip()) return false;
        if (!in.take('.')) break;
        name += '.';
        if (!in.skip()) return false;
    }
    out += name;
    return is_dot_atom(name);
}

bool read_addr_spec(lexer& in, std::string& out)
{
    if (!read_local_part(in, out) || !in.take('@')) return false;
    out += '@';
    return read_domain(in, out) && in.skip();
}

// `@a,@b:` in front of an address says which hosts it should pass. Nobody obeys it (RFC 5321 appendix C).
bool pass_route(lexer& in)
{
    std::string ignored;
    for (;;) {
        if (!in.skip()) return false;
        if (in.take(',')) continue;
        if (in.take(':')) return true;
        if (!in.take('@') || !read_domain(in, ignored)) return false;
    }
}

class address_reader {
  public:
    address_reader(std::string_view text, items& out) : in_(text), out_(out) {}

    bool run()
    {
        for (;;) {
            if (!in_.skip()) return false;
            if (in_.at_end()) return !out_.empty();
            if (in_.take(',')) continue;
            if (in_group_ && in_.take(';')) {
                in_group_ = false;
                if (!ends()) return false;
                continue;
            }
            if (out_.size() == most_items || !read_one()) return false;
        }
    }

  private:
    // What ends the words here: `<` after a name, `:` after a group's, else there is no name; '\0' at the end of all.
    // Afterwards `in_` stands where it stood. False when something in them has no end.
    bool find_end_of_words(char& end)
    {
        auto ahead = in_;
        constexpr std::string_view ends = "<:,;";
        while (!ahead.at_end() && ends.find(ahead.peek()) == std::string_view::npos)
            if (!ahead.pass()) return false;
        words_ = in_.rest().substr(0, ahead.position() - in_.position());
        end = ahead.peek();
        return true;
    }

    bool read_one()
    {
        char end = 0;
        if (!find_end_of_words(end)) return false;
        if (end == ':') return !in_group_ && read_group();
        item box;
        box.what = kind::mailbox;
        box.member = in_group_;
        if (end == '<' ? !read_named(box) : !read_bare(box)) return false;
        out_.push_back(std::move(box));
        return ends();
    }

    bool read_bare(item& box)
    {
        if (is_only_word()) {
            box.value = trimmed(words_);
            in_.advance(words_.size());
            return true;
        }
        return read_addr_spec(in_, box.value) && name_by_comment(box);
    }

    // `postmaster` and nothing else in the whole field.
    bool is_only_word() const
    {
        return out_.empty() && words_.size() == in_.rest().size() && is_dot_atom(trimmed(words_));
    }

    bool read_group()
    {
        auto name = read_phrase(words_);
        if (!name || name->empty()) return false;
        item group;
        group.what = kind::group;
        group.name = *std::move(name);
        out_.push_back(std::move(group));
        in_.advance(words_.size() + 1);
        in_group_ = true;
        return true;
    }

    // name <address>
    bool read_named(item& box)
    {
        auto name = read_phrase(words_);
        if (!name) return false;
        box.name = *std::move(name);
        in_.advance(words_.size() + 1);
        if (!in_.skip() || (in_.peek() == '@' && !pass_route(in_))) return false;
        return read_addr_spec(in_, box.value) && in_.take('>') && in_.skip();
    }

    // alice@a.example (Alice)
    bool name_by_comment(item& box) const
    {
        if (in_.comment().empty()) return true;
        auto name = read_phrase(quoted(unquoted(trimmed(in_.comment()))));
        if (!name) return false;
        box.name = *std::move(name);
        return true;
    }

    // After an address or a group: a comma, the end of the group, or the end.
    bool ends()
    {
        if (!in_.skip()) return false;
        return in_.at_end() || in_.peek() == ',' || (in_group_ && in_.peek() == ';');
    }

    lexer in_;
    items& out_;
    std::string_view words_;
    bool in_group_ = false;
};

// Is this one address in the form that a reader would give it?
bool is_address(const std::string& address)
{
    lexer in(address);
    std::string again;
    if (!read_addr_spec(in, again)) return is_dot_atom(address);
    return in.at_end() && again == address;
}

// An address that a header in ASCII cannot hold is shown to people in the name of an empty group (RFC 6857).
void write_shown(field_writer& out, const item& box)
{
    const auto address = "<" + box.value + ">";
    write_phrase(out, box.name.empty() ? address : box.name + ' ' + address);
    out.attach(":;");
}

void write_mailbox(field_writer& out, const item& box)
{
    if (!out.can_hold(box.value)) return write_shown(out, box);
    if (box.name.empty()) return out.word(box.value);
    write_phrase(out, box.name);
    out.word("<" + box.value + ">");
}

// A group with such an address in it becomes an empty one whose name shows all its members.
std::string shown(items::const_iterator at, items::const_iterator end)
{
    auto out = at->name + ":";
    for (auto member = std::next(at); member != end; ++member) {
        if (member != std::next(at)) out += ',';
        out += ' ' + (member->name.empty() ? member->value : member->name + " <" + member->value + ">");
    }
    return out;
}

void write_group(field_writer& out, items::const_iterator at, items::const_iterator end)
{
    const auto is_shown = std::any_of(at, end, [&](const item& i) { return !out.can_hold(i.value); });
    write_phrase(out, is_shown ? shown(at, end) : at->name);
    out.attach(":");
    for (auto member = std::next(at); member != end && !is_shown; ++member) {
        write_mailbox(out, *member);
        if (std::next(member) != end) out.attach(",");
    }
    out.attach(";");
}

bool are_mailboxes_and_groups(const items& what)
{
    auto in_group = false;
    for (const auto& i : what) {
        if (i.what != kind::mailbox && i.what != kind::group) return false;
        if (i.what == kind::group ? i.name.empty() || !i.value.empty() : !is_address(i.value)) return false;
        in_group = i.what == kind::group || (in_group && i.member);
        if (i.member != (in_group && i.what == kind::mailbox)) return false;
    }
    return !what.empty();
}

} // namespace

bool read_addresses(std::string_view text, items& out)
{
    return address_reader(text, out).run();
}

bool write_addresses(field_writer& out, const items& what)
{
    if (!are_mailboxes_and_groups(what)) return false;
    for (auto at = what.begin(); at != what.end();) {
        const auto end = std::find_if(std::next(at), what.end(), [](const item& i) { return !i.member; });
        if (at->what == kind::group)
            write_group(out, at, end);
        else
            write_mailbox(out, *at);
        at = end;
        if (at != what.end()) out.attach(",");
    }
    return true;
}

bool are_plain_addresses(std::string_view text)
{
    static constexpr octet_set telling("\"(\\[:;=@.");
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!telling.has(text[i])) continue;
        const auto before = i == 0 ? ' ' : text[i - 1];
        const auto after = i + 1 == text.size() ? ' ' : text[i + 1];
        const auto is_after_space = before == ' ' || before == '\t';
        switch (text[i]) {
        case '"':
            if (!pass_plain_name(text, i)) return false;
            break;
        case '=':
            if (after == '?') return false; // an encoded word
            break;
        case '@':
            if (is_after_space || after == ' ' || after == '\t') return false;
            break;
        case '.':
            if (is_after_space) return false;
            break;
        default: return false;
        }
    }
    return true;
}

} // namespace mapping::view
