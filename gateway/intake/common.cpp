// What both ways in have in common.
#include "gateway/intake/common.hpp"

#include "gateway/intake/facts.hpp"
#include "gateway/runtime/random.hpp"

#include <boost/asio/use_awaitable.hpp>

namespace gateway::intake {

std::string make_message_id(const std::string& host)
{
    static constexpr std::size_t characters = 26; // 130 random bits
    return random_text(characters) + "@" + host;
}

spool::record make_record(const runtime& gateway, const xproto::envelope& envelope)
{
    spool::record made;
    made.message_id = envelope.id;
    made.sender = envelope.from.address;
    made.created = gateway.now();
    made.expires = made.created + gateway.settings->queue.expire.count();
    made.reception.time = made.created;
    made.recipients.reserve(envelope.recipients.size());
    for (const auto& from : envelope.recipients) {
        spool::recipient to;
        to.number = from.number;
        to.address = from.address;
        for (const auto& p : from.parameters) to.parameters.push_back(p.value ? p.name + "=" + *p.value : p.name);
        made.recipients.push_back(std::move(to));
    }
    return made;
}

mapping::mapping_options mapping_options(const config::settings& settings)
{
    mapping::mapping_options made;
    switch (settings.mapping.views) {
    case config::views::useful: made.views = mapping::view::wanted::needed; break;
    case config::views::all: made.views = mapping::view::wanted::all; break;
    case config::views::none: made.views = mapping::view::wanted::none; break;
    }
    return made;
}

boost::asio::awaitable<void> drained(spool::writer& writer)
{
    namespace asio = boost::asio;
    auto start = [&writer](auto handler) {
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        writer.on_drained([kept] { std::move (*kept)(); });
    };
    co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(start, asio::use_awaitable);
}

mapping::verdict commit_failure(const boost::system::error_code& why)
{
    if (why == spool::errc::record_too_large)
        return mapping::verdict::rejected({5, 3, 4}, "the message's envelope or header is too large", why.message());
    if (why == spool::errc::short_of_space)
        return mapping::verdict::deferred({4, 3, 1}, "insufficient storage, please try again later", why.message());
    return mapping::verdict::deferred({4, 3, 0}, "the message could not be stored, please try again later",
                                      why.message());
}

peer_facts proved_peer(const net::stream& connection, const std::string& host,
                       std::shared_ptr<const site::known_peer> known)
{
    peer_facts peer;
    peer.host = host;
    peer.address = connection.peer_address();
    peer.tls.version = connection.tls().version;
    peer.tls.cipher = connection.tls().cipher;
    peer.tls.peer = host;
    peer.tls.verified = connection.encrypted();
    peer.known = std::move(known);
    return peer;
}

} // namespace gateway::intake
