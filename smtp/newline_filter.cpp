#include "smtp/newline_filter.hpp"

#include "smtp/octet_scan.hpp"

namespace smtp {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr char nothing = 0; // stands before the first octet and decides nothing

std::string_view take_front(std::string_view& input, std::size_t size)
{
    const auto front = input.substr(0, size);
    input.remove_prefix(front.size());
    return front;
}

} // namespace

std::string_view newline_filter::take(std::string_view& input)
{
    if (input.empty()) return {};
    if (refused_) return input = {};
    if (policy_ == newline_policy::carry) return take_front(input, input.size());

    if (after_cr_) {
        after_cr_ = false;
        if (input.front() != '\n') return replace_bare({});
        input.remove_prefix(1);
        return crlf;
    }
    const auto at = find_octet<unpaired_newline>(input, nothing);
    if (at == std::string_view::npos) {
        auto piece = take_front(input, input.size());
        after_cr_ = piece.back() == '\r';
        if (after_cr_) piece.remove_suffix(1);
        return piece;
    }
    const bool after_cr = at > 0 && input[at - 1] == '\r'; // then that CR is bare, else the LF at `at`
    const auto piece = take_front(input, after_cr ? at - 1 : at);
    if (!piece.empty() && policy_ == newline_policy::normalize) return piece; // the bare octet is next
    input.remove_prefix(1);
    return replace_bare(piece);
}

std::string_view newline_filter::finish()
{
    if (!after_cr_) return {};
    after_cr_ = false;
    return replace_bare({});
}

// A bare CR or LF has been taken. The piece before it under `reject`, CRLF in its place under `normalize`.
std::string_view newline_filter::replace_bare(std::string_view piece)
{
    if (policy_ == newline_policy::normalize) return crlf;
    refused_ = true;
    return piece;
}

} // namespace smtp
