#include "smtp/data_codec.hpp"

#include "smtp/octet_scan.hpp"

namespace smtp {
namespace {

constexpr char nothing = 0; // stands before the first octet and decides nothing

std::string_view take_front(std::string_view& input, std::size_t size)
{
    const auto front = input.substr(0, size);
    input.remove_prefix(front.size());
    return front;
}

} // namespace

std::string_view data_decoder::take(std::string_view& input)
{
    while (!input.empty()) {
        const char next = input.front();
        switch (state_) {
        case state::ended: return {};
        case state::line_start:
            if (next == '.') input.remove_prefix(1);
            state_ = next == '.' ? state::dot : state::text;
            break;
        case state::dot:
            if (next == '\r') input.remove_prefix(1);
            state_ = next == '\r' ? state::dot_cr : state::text;
            break;
        case state::dot_cr:
            state_ = next == '\n' ? state::ended : state::text;
            if (state_ == state::text) return "\r";
            input.remove_prefix(1);
            return {};
        case state::cr:
            state_ = next == '\n' ? state::line_start : state::text;
            if (state_ == state::line_start) return take_front(input, 1);
            break;
        case state::text: return take_text(input);
        }
    }
    return {};
}

// Everything up to a dot at a line's start.
std::string_view data_decoder::take_text(std::string_view& input)
{
    auto dot = find_octet<dot_after_lf>(input, nothing);
    while (dot != std::string_view::npos) {
        if (dot >= 2 && input[dot - 2] == '\r') break;
        dot = find_octet<dot_after_lf>(input, nothing, dot + 1); // that LF was bare and ended no line
    }
    const auto text = take_front(input, dot);
    state_ = text.ends_with("\r\n") ? state::line_start : text.ends_with('\r') ? state::cr : state::text;
    return text;
}

bool data_encoder::encode(std::string_view piece, std::string& out)
{
    while (!piece.empty()) {
        const auto at = find_octet<unpaired_newline_or_dot>(piece, last_);
        if (at == std::string_view::npos) {
            out.append(piece);
            last_ = piece.back();
            return true;
        }
        const char before = at == 0 ? last_ : piece[at - 1];
        if (before != '\n' || piece[at] != '.') return false;
        out.append(piece.substr(0, at)).append("..");
        last_ = '.';
        piece.remove_prefix(at + 1);
    }
    return true;
}

bool data_encoder::finish(std::string& out)
{
    if (last_ == '\r') return false;
    out += last_ == '\n' ? ".\r\n" : "\r\n.\r\n";
    return true;
}

} // namespace smtp
