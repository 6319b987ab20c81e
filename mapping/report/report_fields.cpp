// Line by line; nothing here knows what the fields mean.
#include "mapping/report/report_fields.hpp"

#include "mapping/text.hpp"

#include <algorithm>

namespace mapping {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_type = 64;
constexpr std::size_t longest_word = 900; // a line may have 998 octets
constexpr std::size_t preferred_line = 78;

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_atom(std::string_view text)
{
    return !text.empty() && text.size() <= longest_type && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7F' && std::string_view("()<>@,;:\\\".[]").find(c) == std::string_view::npos;
    });
}

bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= longest_name &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F' && c != ';'; });
}

class block_reader {
  public:
    explicit block_reader(const error_report_limits& limits) : limits_(limits) {}

    void line(std::string_view text)
    {
        const auto content = trimmed(text);
        if (content.empty()) return end_block();
        if (is_blank(text.front())) return more(content);
        const auto colon = text.find(':');
        const auto name = trimmed(text.substr(0, colon));
        open_ = colon != std::string_view::npos && is_name(name);
        if (!open_) return flaw("a line that is no field");
        if (block_.size() == most_fields()) {
            open_ = false;
            return flaw("more fields than report.fields in one block");
        }
        block_.push_back({std::string(name), {}});
        more(trimmed(text.substr(colon + 1)));
    }
    report_blocks take()
    {
        end_block();
        return std::move(out_);
    }

  private:
    // Room for the fields that have a place of their own, too.
    std::size_t most_fields() const { return limits_.fields + 32; }

    void more(std::string_view text)
    {
        if (!open_) return;
        auto& to = block_.back().text;
        if (!to.empty() && !text.empty()) to += ' ';
        const auto room = limits_.text - std::min(limits_.text, to.size());
        if (text.size() > room) flaw("a field longer than report.text");
        for (const auto c : text.substr(0, room)) to += c == '\t' ? ' ' : c;
    }
    void end_block()
    {
        open_ = false;
        if (block_.empty()) return;
        if (out_.blocks.size() > limits_.recipients) {
            flaw("more recipients than report.recipients");
            block_.clear();
            return;
        }
        out_.blocks.push_back(std::exchange(block_, {}));
    }
    void flaw(std::string_view what)
    {
        if (out_.flaws.size() == limits_.flaws) return;
        if (std::find(out_.flaws.begin(), out_.flaws.end(), what) == out_.flaws.end()) out_.flaws.emplace_back(what);
    }

    const error_report_limits& limits_;
    report_blocks out_;
    report_block block_;
    bool open_ = false; // may the next line continue the last field?
};

// How much of the text may stand in one line, cut between characters; `space`: octets before the word.
std::size_t word_size(std::string_view text, std::size_t space)
{
    auto size = longest_word + space;
    if (size >= text.size()) return text.size();
    while ((static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    return size;
}

} // namespace

report_blocks read_report_blocks(std::string_view octets, const error_report_limits& limits)
{
    block_reader reader(limits);
    while (!octets.empty()) {
        const auto end = octets.find('\n');
        reader.line(octets.substr(0, end));
        octets.remove_prefix(end == std::string_view::npos ? octets.size() : end + 1);
    }
    return reader.take();
}

std::string report_line(std::string_view name, std::string_view text, bool utf8, std::size_t most)
{
    const auto safe = printable(text, utf8, most);
    std::string out(name);
    out += ": ";
    auto width = out.size();
    auto rest = std::string_view(safe);
    bool first = true;
    // Only a single space can become a fold and come back: the words are what stands between those.
    while (!rest.empty()) {
        auto end = rest.find(' ', 1);
        while (end != std::string_view::npos && (rest[end - 1] == ' ' || rest.substr(end + 1, 1) == " "))
            end = rest.find(' ', end + 1);
        const bool begins_with_space = rest.starts_with(' ');
        const auto word = rest.substr(0, std::min(end, word_size(rest, begins_with_space ? 1 : 0)));
        if (!first && width + word.size() > preferred_line) {
            out += begins_with_space ? "\r\n" : "\r\n ";
            width = begins_with_space ? 0 : 1;
        }
        out += word;
        width += word.size();
        rest.remove_prefix(word.size());
        first = false;
    }
    while (out.ends_with(' ')) out.pop_back();
    return out + "\r\n";
}

typed_text read_typed(std::string_view text)
{
    const auto semicolon = text.find(';');
    const auto type = trimmed(text.substr(0, semicolon));
    if (semicolon == std::string_view::npos || (!type.empty() && !is_atom(type))) return {{}, std::string(text)};
    return {std::string(type), std::string(trimmed(text.substr(semicolon + 1)))};
}

std::string to_text(const typed_text& value)
{
    if (!value.type.empty()) return value.type + "; " + value.text;
    return value.text.find(';') == std::string::npos ? value.text : "; " + value.text;
}

} // namespace mapping
