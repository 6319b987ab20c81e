// Reads dialogues, and expands the preludes that nearly all of them begin with.
#include "tests/unit/xproto/session_script.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <stdexcept>

namespace session_script {
namespace {

int hex_value(char c)
{
    const auto at = std::string("0123456789abcdef").find(c);
    return at == std::string::npos ? -1 : static_cast<int>(at);
}

// \r \n \0 \\ \xHH, \{text*count}; a backslash at the end leaves out the CRLF.
std::string unescape(const std::string& line, bool crlf)
{
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] != '\\') {
            out += line[i];
            continue;
        }
        if (++i == line.size()) return out;
        switch (line[i]) {
        case 'r': out += '\r'; break;
        case 'n': out += '\n'; break;
        case '0': out += '\0'; break;
        case '\\': out += '\\'; break;
        case 'x': {
            const int high = i + 2 < line.size() ? hex_value(line[i + 1]) : -1;
            const int low = i + 2 < line.size() ? hex_value(line[i + 2]) : -1;
            if (high < 0 || low < 0) throw std::runtime_error("bad \\x: " + line);
            out += static_cast<char>(high * 16 + low);
            i += 2;
            break;
        }
        case '{': {
            const auto star = line.find('*', i);
            const auto end = line.find('}', i);
            if (star == line.npos || end == line.npos || star > end) throw std::runtime_error("bad \\{: " + line);
            const auto text = line.substr(i + 1, star - i - 1);
            for (auto n = std::stoul(line.substr(star + 1, end - star - 1)); n > 0; --n) out += text;
            i = end;
            break;
        }
        default: throw std::runtime_error("unknown escape: " + line);
        }
    }
    return crlf ? out + "\r\n" : out;
}

bool take_mark(std::string& line, const std::string& mark)
{
    if (line == mark) {
        line.clear();
        return true;
    }
    if (!line.starts_with(mark + " ")) return false;
    line.erase(0, mark.size() + 1);
    return true;
}

std::string small(std::string_view word)
{
    std::string text(word);
    for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

// `pipelined`, or the words of further options: `now`, `now+zstd`
xproto::option_set options_named(const std::string& names)
{
    xproto::option_set options;
    for (const auto& row : every_extension().transfer())
        if (("+" + names + "+").find("+" + small(row.word) + "+") != std::string::npos) options.set(row.id, true);
    if (!options.empty() || names == "pipelined" || names == "trusted") options.set(xproto::option::pipe, true);
    return options;
}

// What `@ prelude NAME` stands for: the lines up to where the story begins.
std::vector<std::string> prelude(const std::string& side, const std::string& name)
{
    const std::string greeting = "S: [* TMP 99.0.3.1 (VER=1.0) (HOST=mx.test) (NONCE=30313233343536373839616263646566) "
                                 "(LIMITS CHUNK=65536 ENVELOPE=1048576 HEADERS=4194304 BODY=52428800 RCPTMAX=1000) "
                                 "Hi there.]";
    const auto options = options_named(name);
    const bool pipelined = !options.empty() && name != "trusted";
    std::string offered, asked, answered;
    for (const auto& row : every_extension().transfer()) {
        const auto word = std::string(row.word);
        if (!options.has(row.id)) continue;
        offered += "(" + word + ") ";
        asked += " (" + word + "=ON)";
        answered += " (" + word + " OK " + row.switched.text() + ")";
    }
    const bool duplex = options.has(xproto::option::duplex);
    const bool now = options.has(xproto::option::now);
    if (duplex)
        asked += " (LIMITS CHUNK=65536 ENVELOPE=1048576 HEADERS=4194304 BODY=52428800 RCPTMAX=1000" +
                 std::string(now ? " NOW=1048576" : "") + ") (WINDOW=64;16777216)";
    const std::string limits = now ? "(LIMITS NOW=1048576) " : "";
    const std::string welcome = "S: [1 OK 99.0.2.1 " + limits + offered + "(WINDOW=64;16777216) Greetings friend.]";
    const std::vector<std::string> opt{"C: [2 OPT" + asked + "]", "S: [2 OK 99.0.2.2" + answered + " Go ahead.]"};
    const std::vector<std::string> helo{
        "C: [1 HELO client.test {5} (VER=1.0) (NONCE=66656463626139383736353433323130)]",
        "S: [1 TMP 99.0.3.2 Friend or foe?]", "C: proof\\"};
    const std::vector<std::string> server_helo{"S: [1 HELO mx.test {5}]", "C: [1 TMP 99.0.3.2 Friend or foe?]",
                                               "S: proof\\"};
    const std::string accepted = "C: [1 OK 99.0.2.1 Greetings friend.]";
    std::vector<std::string> lines{greeting};
    const auto add_lines = [&lines](const std::vector<std::string>& more) {
        lines.insert(lines.end(), more.begin(), more.end());
    };
    if (side == "server") {
        const bool unknown = name == "unknown";
        add_lines(helo);
        add_lines({"? check_identity 1 client.test proof",
                   unknown ? "= identity unknown client.test" : "= identity trusted client.test"});
        if (duplex) {
            add_lines({"? make_proof", "= proof proof"});
            add_lines(server_helo);
            add_lines({accepted});
        }
        add_lines({unknown ? "S: [1 OK 99.0.2.1 Greetings friend.]" : welcome});
    } else {
        add_lines({"? make_proof", "= proof proof"});
        add_lines(helo);
        if (duplex) {
            add_lines(server_helo);
            add_lines({"? check_identity 1 mx.test proof", "= identity known mx.test", accepted});
        }
        add_lines({pipelined ? welcome : "S: [1 OK 99.0.2.1 Greetings friend.]"});
    }
    if (side == "server" && duplex) // the question comes before the answer is written
        add_lines({opt[0], "? ready", opt[1]});
    else if (pipelined)
        add_lines(opt);
    if (side == "client") lines.push_back("? ready");
    if (!pipelined && name != "trusted" && name != "unknown") throw std::runtime_error("prelude " + name);
    return lines;
}

void read_line(script& s, std::string line)
{
    if (line.empty() || line.starts_with('#')) return;
    if (take_mark(line, "@")) {
        const auto space = line.find(' ');
        const auto name = line.substr(0, space);
        const auto value = space == line.npos ? "" : line.substr(space + 1);
        if (name == "server" || name == "client") {
            s.side = name;
        } else if (name == "prelude") {
            for (const auto& one : prelude(s.side, value)) read_line(s, one);
        } else {
            s.settings[name] = value;
        }
    } else if (take_mark(line, "C:")) {
        add(s.lines, kind::client, unescape(line, true));
    } else if (take_mark(line, "S:")) {
        add(s.lines, kind::server, unescape(line, true));
    } else if (take_mark(line, "?")) {
        add(s.lines, kind::question, unescape(line, false));
    } else if (take_mark(line, "=")) {
        add(s.lines, kind::answer, unescape(line, false));
    } else if (take_mark(line, "!")) {
        add(s.lines, kind::event, unescape(line, false));
    } else {
        throw std::runtime_error("cannot understand: " + line);
    }
}

} // namespace

void PrintTo(const entry& e, std::ostream* out)
{
    static const char* const marks[] = {"C: ", "S: ", "? ", "= ", "! "};
    *out << "\n    " << marks[static_cast<int>(e.what)];
    for (const char c : e.text) {
        if (c == '\n')
            *out << "\\n";
        else if (c == '\r')
            *out << "\\r";
        else
            *out << c;
    }
}

void add(dialogue& to, kind what, const std::string& text)
{
    const bool octets = what == kind::client || what == kind::server;
    if (octets && !to.empty() && to.back().what == what) {
        to.back().text += text;
        return;
    }
    if (what == kind::question && text.starts_with("append ") && !to.empty() && to.back().what == what) {
        const auto head = text.substr(0, text.find(' ', 7) + 1);
        if (to.back().text.starts_with(head)) {
            to.back().text += text.substr(head.size());
            return;
        }
    }
    to.push_back({what, text});
}

script read(const std::filesystem::path& file)
{
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    script s;
    std::string line;
    try {
        while (std::getline(in, line)) read_line(s, line);
    } catch (const std::exception& e) {
        throw std::runtime_error(file.string() + ": " + e.what());
    }
    if (s.side.empty()) throw std::runtime_error(file.string() + ": neither @ server nor @ client");
    return s;
}

const xproto::extension_table& every_extension()
{
    static const auto table = [] {
        xproto::extension_table every;
        for (const auto* row : xproto::known_transfer_extensions()) every.install(*row);
        return every;
    }();
    return table;
}

bool is_option(const std::string& setting)
{
    const auto rows = every_extension().transfer();
    return std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return small(row.word) == setting; });
}

xproto::option_set options_of(const script& s)
{
    xproto::option_set options{xproto::option::pipe};
    for (const auto& row : every_extension().transfer())
        if (s.has(small(row.word))) options.set(row.id, true);
    return options;
}

std::string outcome::octets(kind what) const
{
    std::string all;
    for (const auto& e : lines)
        if (e.what == what) all += e.text;
    return all;
}

dialogue outcome::questions() const
{
    dialogue some;
    for (const auto& e : lines)
        if (e.what == kind::question) add(some, e.what, e.text);
    return some;
}

std::vector<std::string> words(const std::string& text, std::size_t most, std::string& rest)
{
    std::vector<std::string> all;
    std::size_t at = 0;
    while (at < text.size() && all.size() < most) {
        const auto space = std::min(text.find(' ', at), text.size());
        all.push_back(text.substr(at, space - at));
        at = space + 1;
    }
    rest = at < text.size() ? text.substr(at) : "";
    return all;
}

} // namespace session_script
