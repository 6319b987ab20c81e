// Reads transcripts.
#include "tests/unit/smtp/transcript.hpp"

#include <fstream>
#include <stdexcept>

namespace transcript {
namespace {

int hex_value(char c)
{
    const std::string digits = "0123456789abcdef";
    const auto at = digits.find(c);
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
            if (i + 2 >= line.size()) throw std::runtime_error("bad \\x: " + line);
            const int high = hex_value(line[i + 1]);
            const int low = hex_value(line[i + 2]);
            if (high < 0 || low < 0) throw std::runtime_error("bad \\x: " + line);
            out += static_cast<char>(high * 16 + low);
            i += 2;
            break;
        }
        case '{': {
            const auto star = line.find('*', i);
            const auto end = line.find('}', i);
            if (star == std::string::npos || end == std::string::npos || star > end)
                throw std::runtime_error("bad \\{: " + line);
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

bool is_octets(kind what)
{
    return what == kind::client || what == kind::server || what == kind::content;
}

// "C: text" to its kind and text; an empty rest may lack the space.
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

} // namespace

void PrintTo(const entry& e, std::ostream* out)
{
    static const char* const marks[] = {"C: ", "S: ", "? ", "= ", "> ", "! "};
    *out << "\n    " << marks[static_cast<int>(e.what)];
    for (const char c : e.text) {
        if (c == '\r') {
            *out << "\\r";
        } else if (c == '\n') {
            *out << "\\n";
        } else if (c == '\0') {
            *out << "\\0";
        } else {
            *out << c;
        }
    }
}

void add(dialogue& to, kind what, const std::string& text)
{
    if (is_octets(what) && !to.empty() && to.back().what == what) {
        to.back().text += text;
        return;
    }
    to.push_back({what, text});
}

script read(const std::filesystem::path& file)
{
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    script s;
    std::string line;
    while (std::getline(in, line)) {
        if (line.empty() || line.starts_with('#')) continue;
        if (take_mark(line, "@")) {
            const auto space = line.find(' ');
            const auto name = line.substr(0, space);
            if (name == "server" || name == "client") {
                s.side = name;
            } else {
                s.settings[name] = space == std::string::npos ? "" : line.substr(space + 1);
            }
        } else if (take_mark(line, "C:")) {
            add(s.lines, kind::client, unescape(line, true));
        } else if (take_mark(line, "S:")) {
            add(s.lines, kind::server, unescape(line, true));
        } else if (take_mark(line, ">")) {
            add(s.lines, kind::content, unescape(line, true));
        } else if (take_mark(line, "?")) {
            add(s.lines, kind::question, unescape(line, false));
        } else if (take_mark(line, "=")) {
            add(s.lines, kind::answer, unescape(line, false));
        } else if (take_mark(line, "!")) {
            add(s.lines, kind::event, unescape(line, false));
        } else {
            throw std::runtime_error(file.string() + ": cannot understand: " + line);
        }
    }
    if (s.side.empty()) throw std::runtime_error(file.string() + ": neither @ server nor @ client");
    return s;
}

std::string outcome::octets(kind what) const
{
    std::string all;
    for (const auto& e : lines) {
        if (e.what == what) all += e.text;
    }
    return all;
}

dialogue outcome::only(kind a, kind b) const
{
    dialogue some;
    for (const auto& e : lines) {
        if (e.what == a || e.what == b) add(some, e.what, e.text);
    }
    return some;
}

feed::feed(const dialogue& all, std::vector<kind> kinds)
{
    for (const auto& e : all) {
        for (const auto k : kinds) {
            if (e.what == k) entries_.push_back(e);
        }
    }
}

std::string feed::take(std::size_t most)
{
    const auto& text = front().text;
    const auto size = most == 0 ? text.size() - offset_ : std::min(most, text.size() - offset_);
    auto piece = text.substr(offset_, size);
    offset_ += size;
    if (offset_ == text.size()) {
        pop();
        offset_ = 0;
    }
    return piece;
}

} // namespace transcript
