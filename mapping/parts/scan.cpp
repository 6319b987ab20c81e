// A line at a time. Only a line that begins with two hyphens, or one of a header, is looked at.
#include "mapping/parts/scan.hpp"

#include "mapping/header_section.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace mapping::parts {

namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

std::string_view without_space_at_end(std::string_view line)
{
    const auto last = line.find_last_not_of(" \t\r\n");
    return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

bool holds_message(std::string_view media_type)
{
    return media_type == "message/rfc822" || media_type == "message/global" || media_type == "message/news";
}

// May the content be looked into as it stands (RFC 2045 6.4)?
bool is_plain_encoding(std::string_view encoding)
{
    return encoding.empty() || encoding == "7bit" || encoding == "8bit" || encoding == "binary";
}

} // namespace

scanner::scanner(std::string_view header, const scan_limits& limits) : limits_(limits)
{
    parts_.emplace_back();
    open_.emplace_back();
    header_ = header;
    begin_content(0);
}

void scanner::push(std::string_view octets)
{
    while (!octets.empty() && state_ != state::over) {
        const auto* const newline = static_cast<const char*>(std::memchr(octets.data(), '\n', octets.size()));
        const auto size = newline ? static_cast<std::size_t>(newline - octets.data()) + 1 : octets.size();
        const auto piece = octets.substr(0, size);
        octets.remove_prefix(size);
        if (newline && line_octets_ == 0) {
            take_line(piece, size, size > 1 && piece[size - 2] == '\r' ? 2 : 1);
            continue;
        }
        const char before = size > 1 ? piece[size - 2] : last_;
        keep(piece);
        if (!newline) continue;
        take_line(line_, line_octets_, line_octets_ > 1 && before == '\r' ? 2 : 1);
        line_.clear();
        line_octets_ = 0;
    }
    at_ += octets.size(); // what is over needs only be counted
}

void scanner::finish()
{
    if (line_octets_ != 0) take_line(line_, line_octets_, 0);
    previous_end_ = 0; // the last line end belongs to the content: no delimiter follows
    close_above(0, at_);
    open_.clear();
}

// How much of an unfinished line may be needed.
std::size_t scanner::most_kept() const
{
    return state_ == state::header ? std::max(limits_.header, limits_.delimiter_line) : limits_.delimiter_line;
}

void scanner::keep(std::string_view piece)
{
    line_.append(piece, 0, most_kept() - std::min(line_.size(), most_kept()));
    line_octets_ += piece.size();
    last_ = piece.back();
}

// A whole line of `size` octets, of which `line` holds as many as are of interest.
void scanner::take_line(std::string_view line, std::uint64_t size, std::size_t line_end)
{
    const bool may_delimit = line.starts_with("--") && size <= limits_.delimiter_line;
    if (!may_delimit || !take_delimiter(line)) {
        if (state_ == state::header) take_header_line(line, size);
    }
    at_ += size;
    previous_end_ = line_end;
}

bool scanner::take_delimiter(std::string_view line)
{
    const auto text = without_space_at_end(line).substr(2);
    for (auto level = open_.size(); level-- > 0;) {
        auto& multipart = open_[level];
        if (multipart.boundary.empty() || !text.starts_with(multipart.boundary)) continue;
        const auto rest = text.substr(multipart.boundary.size());
        if (!rest.empty() && rest != "--") continue;
        close_above(level + 1, at_);
        state_ = state::content;
        if (rest.empty()) {
            open(at_ + line.size(), open_[level].makes_messages);
        } else {
            open_[level].boundary.clear();
            end_early();
        }
        return true;
    }
    return false;
}

// The parts from this level on end here, before the line end that precedes a delimiter.
void scanner::close_above(std::size_t level, std::uint64_t end)
{
    while (state_ == state::header && level < open_.size()) begin_content(end); // and of a message inside
    end -= std::min<std::uint64_t>(end, previous_end_);
    while (open_.size() > level) {
        auto& closed = parts_[open_.back().index];
        closed.end = end = std::max(closed.content, end); // an empty part has no line end to give away
        if (!open_.back().boundary.empty()) note(open_.back().index, finding::not_closed);
        open_.pop_back();
    }
}

// Without an open boundary nothing that follows can matter.
void scanner::end_early()
{
    const auto has_boundary = [](const open_part& p) { return !p.boundary.empty(); };
    if (std::none_of(open_.begin(), open_.end(), has_boundary)) state_ = state::over;
}

// A new part inside of the innermost open one, if there may be more.
void scanner::open(std::uint64_t at, bool is_message)
{
    const auto parent = open_.back().index;
    if (parts_.size() == limits_.parts) {
        note(parent, finding::too_many);
        for (auto& p : open_) p.boundary.clear(); // whether they are closed will not be known
        state_ = state::over;
        return;
    }
    part fresh;
    fresh.depth = parts_[parent].depth + 1;
    fresh.parent = parent;
    fresh.begin = fresh.content = fresh.end = at;
    if (is_message) fresh.media_type = "message/rfc822";
    parts_[parent].is_leaf = false;
    open_.push_back({parts_.size(), {}, false});
    parts_.push_back(std::move(fresh));
    header_.clear();
    header_is_long_ = false;
    state_ = state::header;
}

void scanner::take_header_line(std::string_view line, std::uint64_t size)
{
    if (line == "\r\n" || line == "\n") return begin_content(at_ + size);
    if (header_is_long_ || header_.size() + size > limits_.header) {
        header_is_long_ = true; // from here on only an empty line ends it
        return;
    }
    const bool continues = is_blank(line.front()) && !header_.empty();
    if (continues || field_name_size(line) != 0) {
        header_ += line;
        return;
    }
    note(open_.back().index, finding::broken_header);
    begin_content(at_);
    if (state_ == state::header) take_header_line(line, size); // the first line of a message inside
}

// The innermost open part's header is complete.
void scanner::begin_content(std::uint64_t at)
{
    state_ = state::content;
    const auto index = open_.back().index;
    if (header_is_long_) {
        note(index, finding::long_header);
        header_.clear();
    }
    auto fields = read_content_fields(header_, limits_.content);
    if (fields.is_repeated) note(index, finding::repeated_field);
    auto& it = parts_[index];
    it.content = at;
    if (!fields.media_type.empty()) it.media_type = fields.media_type;
    if (it.media_type.empty()) it.media_type = "text/plain";
    it.encoding = fields.encoding;
    it.disposition = std::move(fields.disposition);
    it.filename = std::move(fields.filename);
    it.charset = std::move(fields.charset);
    look_inside(fields);
    if (state_ == state::content) end_early();
}

void scanner::look_inside(const content_fields& fields)
{
    const auto index = open_.back().index;
    const auto& it = parts_[index];
    const bool is_multipart = it.media_type.starts_with("multipart/");
    const bool is_message = holds_message(it.media_type) && is_plain_encoding(it.encoding);
    if (!is_multipart && !is_message) return;
    if (it.depth == limits_.depth) return note(index, finding::too_deep);
    if (is_message) return open(it.content, false);
    if (fields.boundary.empty()) return note(index, finding::no_boundary);
    open_.back().boundary = fields.boundary;
    open_.back().makes_messages = it.media_type == "multipart/digest";
}

void scanner::note(std::size_t index, finding what)
{
    parts_[index].findings |= 1U << static_cast<unsigned>(what);
}

structure scan(std::string_view header, std::string_view body, const scan_limits& limits)
{
    scanner s(header, limits);
    s.push(body);
    s.finish();
    return s.parts();
}

} // namespace mapping::parts
