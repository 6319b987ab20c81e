// Holds control lines against the language-neutral vectors that every implementation is held against.
#include "tests/unit/xproto/conformance_vectors.hpp"
#include "xproto/line.hpp"
#include "xproto/line_reader.hpp"

namespace {

using namespace conformance;

std::string_view name_of(xproto::word kind)
{
    constexpr std::string_view names[] = {"", "OK", "ERR", "TMP"};
    return names[static_cast<std::size_t>(kind)];
}

object said_item(const xproto::group_item& item)
{
    object said{{"name", item.name}};
    if (item.value) said["value"] = xproto::unquote(*item.value);
    if (item.answer != xproto::word::request) {
        said["word"] = name_of(item.answer);
        said["code"] = item.code.text();
    }
    if (!item.text.empty()) said["text"] = xproto::unescape(item.text);
    return said;
}

array said_groups(std::string_view groups)
{
    array said;
    xproto::group_reader reader(groups);
    while (const auto item = reader.next()) {
        if (item->first) said.emplace_back(array());
        said.back().as_array().push_back(said_item(*item));
    }
    return said;
}

value said_parameter(std::string_view parameter)
{
    if (const auto count = xproto::braced_number(parameter)) return object{{"count", std::to_string(*count)}};
    return value(xproto::unquote(parameter));
}

// A line as the vectors say it: {"request": ...} or {"response": ...}.
object said(const xproto::line& line)
{
    object parts{{"tag", line.tag == 0 ? "*" : std::to_string(line.tag)}, {"groups", said_groups(line.groups)}};
    if (line.kind == xproto::word::request) {
        parts["verb"] = line.verb;
        array& parameters = parts["parameters"].emplace_array();
        for (std::size_t i = 0; i < line.parameter_count; ++i) parameters.push_back(said_parameter(line.parameters[i]));
        return {{"request", parts}};
    }
    parts["word"] = name_of(line.kind);
    parts["code"] = line.code.text();
    parts["text"] = xproto::unescape(line.text);
    return {{"response", parts}};
}

// What becomes of these octets when they arrive `piece` at a time; an empty object: they were refused.
object read(const std::string& octets, std::size_t piece)
{
    xproto::line_reader reader(8192);
    for (std::size_t at = 0; at < octets.size(); at += piece) {
        const auto part = octets.substr(at, piece);
        reader.give(part);
        const auto line = reader.take_line();
        if (!line) return {};
        if (!*line) continue;
        const auto parsed = xproto::parse_line(**line);
        return parsed ? said(*parsed) : object();
    }
    ADD_FAILURE() << "neither a line nor refused";
    return {};
}

TEST(ConformanceLines, AreReadAsTheVectorsSay)
{
    for (const auto& vector : load("lines")) {
        const auto line = octets(vector, "octets");
        for (const std::size_t piece : {line.size(), std::size_t(1), std::size_t(7)}) {
            const auto name = text(vector, "name") + ", " + std::to_string(piece) + " octets at a time";
            expect_same(read(line, piece), wanted_of(vector, {"request", "response"}), name);
        }
    }
}

} // namespace
