// Control lines: whatever is one can be written again and reads the same; and lines come out of a stream the same
// however it is cut. The first octet chooses the cut.
#include "xproto/line.hpp"
#include "xproto/line_reader.hpp"
#include "xproto/line_writer.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace xproto;

void require(bool promise)
{
    if (!promise) std::abort();
}

// What a line means, without how it was written.
struct meaning {
    std::uint32_t tag = 0;
    word kind{};
    std::string verb;
    std::vector<std::string> parameters;
    result_code code;
    std::vector<std::vector<std::string>> groups;
    std::string text;

    bool operator==(const meaning&) const = default;
};

meaning understand(const line& l)
{
    meaning m{l.tag, l.kind, std::string(l.verb), {}, l.code, {}, unescape(l.text)};
    for (std::size_t i = 0; i < l.parameter_count; ++i) m.parameters.push_back(unquote(l.parameters[i]));
    group_reader reader(l.groups);
    while (const auto item = reader.next()) {
        if (item->first) m.groups.emplace_back();
        require(!m.groups.empty());
        auto& group = m.groups.back();
        group.emplace_back(item->name);
        group.push_back(item->value ? '=' + unquote(*item->value) : "");
        group.push_back(item->answer == word::request ? "" : item->code.text());
        group.push_back(unescape(item->text));
        require(group.size() == 4 || (item->text.empty() && item->answer == word::request));
    }
    return m;
}

std::string rewrite(const line& l)
{
    std::string out;
    auto writer = l.kind == word::request ? line_writer(out, l.tag, l.verb) : line_writer(out, l.tag, l.kind, l.code);
    for (std::size_t i = 0; i < l.parameter_count; ++i) {
        const auto octets = braced_number(l.parameters[i]);
        octets ? writer.octets(*octets) : writer.parameter(unquote(l.parameters[i]));
    }
    group_reader reader(l.groups);
    while (const auto item = reader.next()) {
        const std::string value = item->value ? unquote(*item->value) : "";
        const auto text = unescape(item->text);
        if (item->answer != word::request)
            writer.answer(item->name, item->value ? std::string_view(value) : std::string_view(), item->answer,
                          item->code, text, text.size());
        else if (!text.empty() && !item->value)
            writer.note(item->name, text);
        else if (item->value)
            writer.group(item->name, value);
        else
            writer.group(item->name);
    }
    const auto text = unescape(l.text);
    writer.text(text, text.size()).end();
    return out;
}

// Items of one group become groups of their own; a value beside a text is left out. Both are compared without.
meaning flatten(meaning m)
{
    std::vector<std::vector<std::string>> flat;
    for (const auto& group : m.groups)
        for (std::size_t i = 0; i + 4 <= group.size(); i += 4) {
            const bool odd = !group[i + 3].empty() && !group[i + 1].empty() && group[i + 2].empty();
            flat.push_back({group[i], group[i + 1], group[i + 2], odd ? "" : group[i + 3]});
        }
    m.groups = flat;
    return m;
}

std::vector<std::string> cut(std::string_view input, std::size_t piece)
{
    std::vector<std::string> lines;
    line_reader reader(200);
    while (!input.empty()) {
        const std::string given(input.substr(0, piece));
        input.remove_prefix(given.size());
        reader.give(given);
        while (!reader.empty()) {
            const auto found = reader.take_line();
            if (!found) {
                lines.push_back(found.error().message());
                return lines;
            }
            if (*found) lines.emplace_back(**found);
        }
    }
    return lines;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto lines = cut(input, input.size() + 1);
    require(cut(input, data[0] % 16 + 1) == lines);
    for (const auto& octets : lines) {
        const auto read = parse_line(octets);
        if (!read) continue;
        const auto again = rewrite(*read);
        require(again.ends_with("]\r\n"));
        const auto reread = parse_line(std::string_view(again).substr(0, again.size() - 2));
        require(reread.has_value());
        require(flatten(understand(*read)) == flatten(understand(*reread)));
    }
    return 0;
}
