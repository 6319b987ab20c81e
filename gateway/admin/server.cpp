// The sockets of the administration API. One coroutine for each connection; everything runs on the executor it was
// given. What the octets mean is http_message.cpp's business, what requests mean is api.cpp's.
#include "gateway/admin/server.hpp"

#include "gateway/admin/http_message.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <set>
#include <sys/stat.h>

namespace gateway::admin {

namespace asio = boost::asio;
namespace errc = boost::system::errc;
using boost::system::error_code;
using socket_type = asio::generic::stream_protocol::socket;
using acceptor_type = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

namespace {

constexpr std::size_t piece_octets = 64 * 1024; // of an object, read and sent at a time

error_code from_errno()
{
    return {errno, boost::system::system_category()};
}

// The file that a socket was bound to, so that only that one is removed.
struct file_identity {
    dev_t device = 0;
    ino_t inode = 0;

    static file_identity of(const std::filesystem::path& path)
    {
        struct stat facts {};
        if (lstat(path.c_str(), &facts) != 0) return {};
        return {facts.st_dev, facts.st_ino};
    }
    bool operator==(const file_identity&) const = default;
};

// Makes room for a socket at `path`: nothing is there, or a socket that nobody serves any more.
error_code make_room(asio::any_io_executor executor, const std::filesystem::path& path)
{
    struct stat facts {};
    if (lstat(path.c_str(), &facts) != 0) return errno == ENOENT ? error_code{} : from_errno();
    if (!S_ISSOCK(facts.st_mode)) return errc::make_error_code(errc::file_exists);
    asio::local::stream_protocol::socket probe(executor);
    error_code error;
    probe.connect(asio::local::stream_protocol::endpoint(path.string()), error);
    if (error != errc::connection_refused) return error ? error : errc::make_error_code(errc::address_in_use);
    return ::unlink(path.c_str()) == 0 ? error_code{} : from_errno();
}

} // namespace

// One client: its socket, and the time by which what it is doing must be done.
struct connection {
    explicit connection(socket_type s, http_limits limits)
        : socket(std::move(s)), timer(socket.get_executor()), requests(limits)
    {
    }

    // Closes the socket when the time is over, unless called again before. Whoever waits for the socket then gets an
    // error.
    void expires_after(const std::shared_ptr<connection>& self, std::chrono::seconds time)
    {
        timer.expires_after(time);
        timer.async_wait([weak = std::weak_ptr<connection>(self)](error_code cancelled) {
            const auto alive = weak.lock();
            if (!cancelled && alive != nullptr) alive->close();
        });
    }
    void close()
    {
        error_code ignored;
        timer.cancel();
        socket.close(ignored);
    }

    socket_type socket;
    asio::steady_timer timer;
    request_reader requests;
};
using connection_ptr = std::shared_ptr<connection>;

// Shared by the server and the coroutines of its connections, which may outlive it by a turn of the event loop.
struct server::state : std::enable_shared_from_this<server::state> {
    state(asio::any_io_executor e, control& c, server_limits l) : executor(std::move(e)), daemon(c), limits(l) {}

    struct listener;

    asio::any_io_executor executor;
    control& daemon; // not to be touched once stopped
    server_limits limits;
    bool stopped = false;
    std::vector<std::shared_ptr<listener>> listeners;
    std::set<connection_ptr> clients;
    std::filesystem::path socket_path;
    file_identity socket_file;

    template <class Acceptor> void serve_on(Acceptor bound, int family, access allowed);
    asio::awaitable<void> serve(connection_ptr client, access allowed, std::shared_ptr<listener> by);
    asio::awaitable<bool> read_request(connection_ptr client);
    asio::awaitable<bool> send(connection_ptr client, answer a, bool keep_alive, bool head_only);
    asio::awaitable<bool> send_object(connection_ptr client, object_stream what);
    asio::awaitable<bool> write(connection_ptr client, std::string_view octets);
    void stop();
};

struct server::state::listener : std::enable_shared_from_this<listener> {
    listener(std::shared_ptr<state> s, acceptor_type a, access allow)
        : owner(std::move(s)), acceptor(std::move(a)), pause(acceptor.get_executor()), allowed(allow)
    {
    }

    // Unless there are as many connections as may be; then the next accept() comes when one of them ends.
    void accept()
    {
        if (accepting || !acceptor.is_open() || connections >= owner->limits.connections) return;
        accepting = true;
        acceptor.async_accept([self = shared_from_this()](error_code error, socket_type socket) {
            self->accepting = false;
            if (error) return self->wait(error);
            self->begin(std::move(socket));
            self->accept();
        });
    }

    void begin(socket_type socket)
    {
        const http_limits limits{owner->limits.header_octets, owner->limits.body_octets};
        auto client = std::make_shared<connection>(std::move(socket), limits);
        ++connections;
        asio::co_spawn(owner->executor, owner->serve(std::move(client), allowed, shared_from_this()), asio::detached);
    }

    // Out of descriptors, most likely: a moment later there may be some.
    void wait(error_code error)
    {
        if (error == asio::error::operation_aborted) return;
        pause.expires_after(std::chrono::milliseconds(100));
        pause.async_wait([self = shared_from_this()](error_code cancelled) {
            if (!cancelled) self->accept();
        });
    }

    void close()
    {
        error_code ignored;
        acceptor.close(ignored);
        pause.cancel();
    }

    std::shared_ptr<state> owner;
    acceptor_type acceptor;
    asio::steady_timer pause;
    access allowed;
    std::size_t connections = 0;
    bool accepting = false;
};

// Serves on a listening socket of any protocol.
template <class Acceptor> void server::state::serve_on(Acceptor bound, int family, access allowed)
{
    acceptor_type acceptor(executor, asio::generic::stream_protocol(family, 0), bound.release());
    auto made = std::make_shared<listener>(shared_from_this(), std::move(acceptor), allowed);
    listeners.push_back(made);
    made->accept();
}

void server::state::stop()
{
    if (stopped) return;
    stopped = true;
    for (const auto& l : listeners) l->close();
    listeners.clear();
    for (const auto& c : clients) c->close();
    clients.clear();
    if (!socket_path.empty() && file_identity::of(socket_path) == socket_file) ::unlink(socket_path.c_str());
}

asio::awaitable<void> server::state::serve(connection_ptr client, access allowed, std::shared_ptr<listener> by)
{
    const auto self = shared_from_this();
    clients.insert(client);
    try {
        for (std::size_t n = 1; !stopped; ++n) {
            const bool whole = co_await read_request(client);
            if (stopped || (!whole && client->requests.error().status == 200)) break;
            const auto& request = client->requests;
            auto a = whole ? respond(daemon, request.method(), request.target(), allowed) : request.error();
            const bool keep_alive = whole && request.keep_alive() && n < limits.requests_per_connection;
            const bool sent = co_await send(client, std::move(a), keep_alive, whole && request.method() == "HEAD");
            if (!sent || !keep_alive || !client->requests.next()) break;
        }
    } catch (const std::exception&) {
        // Out of memory, or a request that the daemon could not answer: this connection ends, the others go on.
    }
    clients.erase(client);
    client->close();
    --by->connections;
    if (!stopped) by->accept();
}

// False: the client is gone, too slow, or said what is no request; the reader has the error, if there is one to be
// told.
asio::awaitable<bool> server::state::read_request(connection_ptr client)
{
    std::array<char, 4096> octets;
    client->expires_after(client, limits.patience);
    while (!client->requests.complete()) {
        error_code error;
        const auto size = co_await client->socket.async_read_some(asio::buffer(octets),
                                                                  asio::redirect_error(asio::use_awaitable, error));
        if (error || !client->requests.put({octets.data(), size})) co_return false;
    }
    co_return true;
}

asio::awaitable<bool> server::state::send(connection_ptr client, answer a, bool keep_alive, bool head_only)
{
    auto text = response_head(a, client->requests.version(), keep_alive);
    if (!head_only && !a.stream) text += a.body;
    const bool sent = co_await write(client, text);
    if (!sent || head_only || !a.stream) co_return sent;
    auto object = std::move(*a.stream);
    const bool whole = co_await send_object(client, std::move(object));
    co_return whole;
}

// The head has promised a length; when the object cannot be read to its end, the connection breaks, so that the client
// knows.
asio::awaitable<bool> server::state::send_object(connection_ptr client, object_stream what)
{
    for (std::uint64_t at = 0; at < what.octets;) {
        if (stopped) co_return false;
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece_octets, what.octets - at));
        const auto piece = daemon.queue_read(what.id, what.which, at, wanted);
        if (!piece || piece->empty() || piece->size() > what.octets - at) co_return false;
        const bool sent = co_await write(client, *piece);
        if (!sent) co_return false;
        at += piece->size();
    }
    co_return true;
}

asio::awaitable<bool> server::state::write(connection_ptr client, std::string_view octets)
{
    client->expires_after(client, limits.patience);
    error_code error;
    co_await asio::async_write(client->socket, asio::buffer(octets.data(), octets.size()),
                               asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
}

server::server(asio::any_io_executor executor, control& served, server_limits limits)
    : state_(std::make_shared<state>(std::move(executor), served, limits))
{
}

server::~server()
{
    stop();
}

void server::stop()
{
    state_->stop();
}

boost::system::result<void> server::listen_unix(const std::filesystem::path& path)
{
    if (const auto error = make_room(state_->executor, path)) return error;
    using protocol = asio::local::stream_protocol;
    protocol::acceptor acceptor(state_->executor);
    error_code error;
    acceptor.open(protocol(), error);
    if (error) return error;
    // On Linux the socket's own mode becomes that of its file: there is no moment at which others could connect.
    if (::fchmod(acceptor.native_handle(), S_IRUSR | S_IWUSR) != 0) return from_errno();
    acceptor.bind(protocol::endpoint(path.string()), error);
    if (error) return error;
    state_->socket_path = path;
    state_->socket_file = file_identity::of(path);
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return error;
    state_->serve_on(std::move(acceptor), AF_UNIX, access::full);
    return {};
}

boost::system::result<std::string> server::listen_tcp(const std::string& address, std::uint16_t port)
{
    using protocol = asio::ip::tcp;
    error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) return error;
    const protocol::endpoint where(ip, port);
    protocol::acceptor acceptor(state_->executor);
    acceptor.open(where.protocol(), error);
    if (error) return error;
    acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && ip.is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) acceptor.bind(where, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return error;
    const auto bound = acceptor.local_endpoint(error);
    if (error) return error;
    state_->serve_on(std::move(acceptor), where.protocol().family(), access::read_only);
    const auto host = bound.address().to_string();
    return (ip.is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(bound.port());
}

} // namespace gateway::admin
