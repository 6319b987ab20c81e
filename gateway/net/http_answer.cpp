// Boost.Beast's parser, and what of HTTP is wanted here.
#include "gateway/net/http_answer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace gateway::net {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t longest_version = 256;

std::string text_of(boost::beast::string_view value)
{
    return {value.data(), value.size()};
}

// What is shown of a server's words: nothing that could be more than a line's text.
std::string shown(boost::beast::string_view value)
{
    std::string out;
    for (const char c : value.substr(0, 200)) out += c < ' ' || c == '\x7f' ? '?' : c;
    return out;
}

std::string version_of(boost::beast::string_view value)
{
    return value.size() > longest_version ? std::string() : text_of(value);
}

} // namespace

std::string http_get_request(std::string_view host, std::uint16_t port, std::string_view target,
                             const file_version& known)
{
    const bool v6 = host.find(':') != host.npos;
    std::string out = "GET ";
    out.append(target).append(" HTTP/1.1\r\nHost: ");
    out.append(v6 ? "[" : "").append(host).append(v6 ? "]" : "");
    if (port != 443) out += ":" + std::to_string(port);
    out += "\r\nUser-Agent: isthmus\r\nAccept: text/plain, */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n";
    if (!known.etag.empty()) out += "If-None-Match: " + known.etag + "\r\n";
    if (!known.last_modified.empty()) out += "If-Modified-Since: " + known.last_modified + "\r\n";
    return out + "\r\n";
}

struct http_answer_reader::parser {
    http::response_parser<http::string_body> octets;
};

http_answer_reader::http_answer_reader(std::uint64_t most_octets, bool may_be_unchanged)
    : most_octets_(most_octets), may_be_unchanged_(may_be_unchanged), parser_(std::make_unique<parser>())
{
    parser_->octets.header_limit(header_octets);
    parser_->octets.body_limit(most_octets);
    parser_->octets.eager(false); // head first
}

http_answer_reader::~http_answer_reader() = default;

bool http_answer_reader::fail(std::string why)
{
    if (why_.empty()) why_ = std::move(why);
    return true;
}

std::string http_answer_reader::wrong_with_head() const
{
    const auto& head = parser_->octets.get();
    const auto status = head.result_int();
    if (status == 304 && may_be_unchanged_) return {};
    if (status >= 300 && status < 400 && status != 304)
        return "the server answers " + std::to_string(status) + " and points to \"" +
               shown(head[http::field::location]) + "\": redirects are not followed";
    if (status != 200) return "the server answers " + std::to_string(status) + " " + shown(head.reason());
    const auto encoding = head[http::field::content_encoding];
    if (!encoding.empty() && !boost::beast::iequals(encoding, "identity"))
        return "the answer is encoded (" + shown(encoding) + "), which was not asked for";
    if (parser_->octets.need_eof()) return "the answer does not say how long it is";
    return {};
}

bool http_answer_reader::put(std::string_view octets)
{
    if (!why_.empty()) return true;
    auto& parse = parser_->octets;
    pending_.append(octets);
    std::size_t used = 0;
    while (!parse.is_done() && used < pending_.size()) {
        boost::system::error_code ec;
        const auto n = parse.put(boost::asio::buffer(pending_.data() + used, pending_.size() - used), ec);
        used += n;
        if (!head_seen_ && parse.is_header_done()) {
            head_seen_ = true;
            if (auto why = wrong_with_head(); !why.empty()) return fail(std::move(why));
            parse.eager(true);
        }
        if (ec == http::error::need_more) break;
        if (ec == http::error::body_limit)
            return fail("the answer has more than " + std::to_string(most_octets_) + " octets");
        if (ec) return fail("the answer is no HTTP: " + ec.message());
        if (n == 0) break;
    }
    pending_.erase(0, used);
    return parse.is_done();
}

void http_answer_reader::put_end()
{
    if (why_.empty() && !parser_->octets.is_done()) fail("the connection ended before the answer did");
}

http_answer http_answer_reader::take()
{
    if (!why_.empty()) return http_answer::failure(why_);
    if (!parser_->octets.is_done()) return http_answer::failure("there is no whole answer");
    auto head = parser_->octets.release();
    http_answer made;
    if (head.result_int() == 304) {
        made.what = http_answer::outcome::unchanged;
        return made;
    }
    made.what = http_answer::outcome::fetched;
    made.version.etag = version_of(head[http::field::etag]);
    made.version.last_modified = version_of(head[http::field::last_modified]);
    made.body = std::move(head.body());
    return made;
}

} // namespace gateway::net
