// A skeleton's table: lines that end in LF, each read in exactly the one form in which it is written.
#include "xproto/skeleton.hpp"

#include "xproto/codes.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>
#include <optional>

namespace xproto {

namespace {

constexpr std::string_view first_line = "xproto-skeleton-v1";

// Takes `expected` off the front of `line`, if it is there.
bool take(std::string_view& line, std::string_view expected)
{
    if (!line.starts_with(expected)) return false;
    line.remove_prefix(expected.size());
    return true;
}

// A number and the space behind it.
std::optional<std::uint64_t> take_number(std::string_view& line)
{
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const auto value = xml::number(line.substr(0, space));
    line.remove_prefix(space + 1);
    return value;
}

std::optional<leaf> read_leaf(std::string_view line)
{
    const auto offset = take_number(line);
    const auto octets = take_number(line);
    const auto sha256 = digest_from_text(line);
    if (!offset || !octets || !sha256) return std::nullopt;
    return leaf{*offset, *octets, *sha256};
}

// Where the last leaf ends.
std::uint64_t end_of(const std::vector<leaf>& leaves)
{
    return leaves.empty() ? 0 : leaves.back().offset + leaves.back().octets;
}

object_error broken(std::size_t octet, std::string what)
{
    return {codes::not_valid, "skeleton at octet " + std::to_string(octet), std::move(what)};
}

object_error over(std::string_view limit, std::size_t value)
{
    return {codes::object_limit, "skeleton",
            "the table is over " + std::string(limit) + " (" + std::to_string(value) + ")"};
}

} // namespace

std::uint64_t skeleton_table::rest() const
{
    auto left = octets;
    for (const auto& l : leaves) left -= l.octets;
    return left;
}

std::string write(const skeleton_table& table)
{
    std::string out(first_line);
    out += "\nbody ";
    xml::append_number(out, table.octets);
    out += ' ' + to_text(table.sha256) + '\n';
    for (const auto& l : table.leaves) {
        out += "leaf ";
        xml::append_number(out, l.offset);
        out += ' ';
        xml::append_number(out, l.octets);
        out += ' ' + to_text(l.sha256) + '\n';
    }
    out += '\n';
    return out;
}

parsed<std::size_t> skeleton_reader::push(std::string_view octets)
{
    std::size_t taken = 0;
    while (!complete_ && taken < octets.size()) {
        const auto newline = octets.find('\n', taken);
        const auto end = newline == std::string_view::npos ? octets.size() : newline + 1;
        if (text_.size() + (end - taken) > limits_.table) return over("skeleton.table", limits_.table);
        text_.append(octets, taken, end - taken);
        taken = end;
        if (newline == std::string_view::npos) break;
        const auto line = std::string_view(text_).substr(line_begin_, text_.size() - line_begin_ - 1);
        if (table_.leaves.size() == limits_.leaves && !line.empty()) return over("skeleton.leaves", limits_.leaves);
        if (!take_line(line)) return broken(line_begin_, "a line that has no place in the table of a skeleton");
        line_begin_ = text_.size();
    }
    return taken;
}

bool skeleton_reader::take_line(std::string_view line)
{
    if (line_begin_ == 0) return line == first_line;
    if (line_begin_ == first_line.size() + 1) {
        if (!take(line, "body ")) return false;
        const auto octets = take_number(line);
        const auto sha256 = digest_from_text(line);
        if (!octets || !sha256) return false;
        table_.octets = *octets;
        table_.sha256 = *sha256;
        return true;
    }
    if (line.empty()) {
        complete_ = true;
        return true;
    }
    if (!take(line, "leaf ")) return false;
    const auto next = read_leaf(line);
    const auto begin = end_of(table_.leaves);
    if (!next || next->octets == 0 || next->offset < begin) return false;
    if (next->offset > table_.octets || next->octets > table_.octets - next->offset) return false;
    table_.leaves.push_back(*next);
    return true;
}

} // namespace xproto
