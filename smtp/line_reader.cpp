#include "smtp/line_reader.hpp"

namespace smtp {

line_reader::status line_reader::read(std::string_view& input)
{
    if (spent_) clear();
    if (skipping_ && !skip(input)) return status::more;
    if (input.empty()) return status::more;

    const auto lf = input.find('\n');
    if (lf == std::string_view::npos) {
        const auto size = kept_.size() + input.size() - (input.back() == '\r' ? 1 : 0); // that CR may end the line
        if (size > most_) {
            skipping_ = true;
            skipped_cr_ = input.back() == '\r';
            kept_.clear();
            input = {};
            return status::too_long;
        }
        kept_.append(input);
        input = {};
        return status::more;
    }

    auto line = input.substr(0, lf);
    input.remove_prefix(lf + 1);
    const bool ended = line.empty() ? kept_.ends_with('\r') : line.back() == '\r';
    const auto size = kept_.size() + line.size() - (ended ? 1 : 0);
    if (size > most_ || !ended) {
        kept_.clear();
        skipping_ = !ended;
        skipped_cr_ = false;
        return size > most_ ? status::too_long : status::bare_lf;
    }
    if (!kept_.empty()) {
        kept_.append(line);
        line = kept_;
        spent_ = true;
    }
    line.remove_suffix(1);
    return judge(line);
}

line_reader::status line_reader::judge(std::string_view line)
{
    if (line.find('\0') != std::string_view::npos) return status::nul;
    if (line.find('\r') != std::string_view::npos) return status::bare_cr;
    text_ = line;
    return status::line;
}

// Takes octets up to the CRLF that ends the bad line; was it there?
bool line_reader::skip(std::string_view& input)
{
    while (!input.empty()) {
        const auto lf = input.find('\n');
        if (lf == std::string_view::npos) {
            skipped_cr_ = input.back() == '\r';
            input = {};
            return false;
        }
        const bool ended = lf == 0 ? skipped_cr_ : input[lf - 1] == '\r';
        input.remove_prefix(lf + 1);
        skipped_cr_ = false;
        if (!ended) continue;
        skipping_ = false;
        return true;
    }
    return false;
}

void line_reader::clear()
{
    kept_.clear();
    text_ = {};
    spent_ = false;
    skipping_ = false;
    skipped_cr_ = false;
}

} // namespace smtp
