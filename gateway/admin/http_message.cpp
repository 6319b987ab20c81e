// Beast's parser fed by hand, so that this file knows no sockets.
#include "gateway/admin/http_message.hpp"

#include "gateway/admin/json.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

namespace gateway::admin {

namespace http = boost::beast::http;

struct request_reader::parser : http::request_parser<http::string_body> {};

request_reader::request_reader(http_limits limits) : limits_(limits)
{
    next();
}

request_reader::~request_reader() = default;

bool request_reader::next()
{
    parser_ = std::make_unique<parser>();
    parser_->eager(false); // head first
    parser_->header_limit(limits_.header_octets);
    parser_->body_limit(limits_.body_octets);
    return pending_.empty() || parse();
}

bool request_reader::put(std::string_view octets)
{
    pending_ += octets;
    return complete() || parse();
}

bool request_reader::refuse(unsigned status, const std::string& why)
{
    error_.status = status;
    error_.body = error_json(why);
    return false;
}

bool request_reader::parse()
{
    while (!pending_.empty() && !complete()) {
        boost::system::error_code error;
        const auto used = parser_->put(boost::asio::buffer(pending_), error);
        pending_.erase(0, used);
        if (error == http::error::need_more) return true;
        if (error == http::error::body_limit) return refuse(413, error.message());
        if (error == http::error::header_limit) return refuse(431, error.message());
        if (error) return refuse(400, error.message());
        // Nothing here takes a body worth cutting into chunks; one framing fewer to be misread.
        if (parser_->chunked()) return refuse(411, "Transfer-Encoding is not taken");
        parser_->eager(true);
    }
    return true;
}

bool request_reader::complete() const
{
    return parser_->is_done();
}

bool request_reader::begun() const
{
    return parser_->got_some() || !pending_.empty();
}

std::string_view request_reader::method() const
{
    const auto text = parser_->get().method_string();
    return {text.data(), text.size()};
}

std::string_view request_reader::target() const
{
    const auto text = parser_->get().target();
    return {text.data(), text.size()};
}

bool request_reader::keep_alive() const
{
    return parser_->keep_alive();
}

unsigned request_reader::version() const
{
    return parser_->get().version() == 10 ? 10 : 11;
}

std::string response_head(const answer& a, unsigned version, bool keep_alive)
{
    const auto reason = http::obsolete_reason(static_cast<http::status>(a.status));
    std::string out = version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
    out += std::to_string(a.status) + " ";
    out.append(reason.data(), reason.size());
    out += "\r\nContent-Type: " + a.type;
    out += "\r\nContent-Length: " + std::to_string(a.stream ? a.stream->octets : a.body.size());
    if (!a.allow.empty()) out += "\r\nAllow: " + a.allow;
    out += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: ";
    out += keep_alive ? "keep-alive" : "close";
    return out + "\r\n\r\n";
}

} // namespace gateway::admin
