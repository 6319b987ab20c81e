// One TCP connection, in clear or under TLS.
#include "gateway/net/stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <vector>

namespace gateway::net {

namespace {

// Octets that the kernel takes before it can send them. What waits there cannot be overtaken: a small message would be
// as late as all that was written before it.
constexpr int most_unsent_octets = 128 * 1024;

// Longest record OpenSSL is asked to make: full TLS records, and no more than that held back by one write.
constexpr std::size_t tls_write_octets = 16384;

// Buffers that a thread keeps for its next reads. More connections at once allocate theirs.
constexpr std::size_t stocked_buffers = 64;
thread_local std::vector<std::unique_ptr<char[]>> stock;

// How long, and for how many reads, a peer may go on talking after our last word.
constexpr std::chrono::seconds linger_time{2};
constexpr std::size_t linger_rounds = 256;

error_code system_failure(int number)
{
    return {number, boost::system::system_category()};
}

error_code tls_failure()
{
    return {static_cast<int>(ECONNABORTED), boost::system::system_category()};
}

// While it lives, the kernel sends full packets only: the records of one write travel together.
class corked {
  public:
    corked(asio::ip::tcp::socket& socket, bool wanted) : socket_(socket), on_(wanted)
    {
        if (on_) set(1);
    }
    ~corked()
    {
        if (on_) set(0);
    }
    corked(const corked&) = delete;
    corked& operator=(const corked&) = delete;

  private:
    void set(int value) { ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_CORK, &value, sizeof value); }

    asio::ip::tcp::socket& socket_;
    bool on_;
};

std::string channel_binding(SSL* tls)
{
    // RFC 9266: label EXPORTER-Channel-Binding, empty context, 32 octets.
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    std::string binding(32, '\0');
    auto* out = reinterpret_cast<unsigned char*>(binding.data());
    if (SSL_export_keying_material(tls, out, binding.size(), label.data(), label.size(), nullptr, 0, 1) != 1) return {};
    return binding;
}

} // namespace

std::string to_text(const asio::ip::tcp::endpoint& endpoint)
{
    const auto address = endpoint.address().to_string();
    const auto port = std::to_string(endpoint.port());
    return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

char* read_buffer::borrow()
{
    if (memory_) return memory_.get();
    if (stock.empty()) {
        memory_.reset(new char[octets]);
    } else {
        memory_ = std::move(stock.back());
        stock.pop_back();
    }
    return memory_.get();
}

void read_buffer::give_back()
{
    if (memory_ && stock.size() < stocked_buffers) stock.push_back(std::move(memory_));
    memory_.reset();
}

void stream::tls_free::operator()(ssl_st* tls) const
{
    SSL_free(tls);
}

stream::stream(asio::ip::tcp::socket socket, watchdog& dog) : watched(dog), socket_(std::move(socket))
{
    error_code ec;
    socket_.non_blocking(true, ec);
    socket_.set_option(asio::ip::tcp::no_delay(true), ec);
    using unsent = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;
    socket_.set_option(unsent(most_unsent_octets), ec);
    const auto peer = socket_.remote_endpoint(ec);
    if (ec) return;
    auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    peer_address_ = address.to_string();
}

stream::~stream() = default;

std::string stream::peer_endpoint() const
{
    error_code ec;
    const auto peer = socket_.remote_endpoint(ec);
    return ec ? peer_address_ : to_text(peer);
}

void stream::on_expired()
{
    timed_out_ = true;
    error_code ec;
    socket_.cancel(ec);
}

error_code stream::failure(error_code ec) const
{
    return timed_out_ ? error_code(asio::error::timed_out) : ec;
}

asio::awaitable<error_code> stream::wait(asio::ip::tcp::socket::wait_type what)
{
    if (timed_out_) co_return error_code(asio::error::timed_out);
    if (!socket_.is_open()) co_return error_code(asio::error::bad_descriptor);
    error_code ec;
    co_await socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, ec));
    co_return failure(ec);
}

// Waits for what OpenSSL asked for; an error when it asked for nothing, success with EOF told by SSL_get_shutdown.
asio::awaitable<error_code> stream::wait_for_tls(int result)
{
    const int saved = errno;
    switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ: co_return co_await wait(asio::ip::tcp::socket::wait_read);
    case SSL_ERROR_WANT_WRITE: co_return co_await wait(asio::ip::tcp::socket::wait_write);
    case SSL_ERROR_ZERO_RETURN: co_return error_code(asio::error::eof);
    case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        co_return saved != 0 ? system_failure(saved) : error_code(asio::error::eof);
    default: break;
    }
    // OpenSSL 3 reports a connection cut without close_notify as an error of its own.
    const auto code = ERR_peek_error();
    ERR_clear_error();
    if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) co_return error_code(asio::error::eof);
    co_return tls_failure();
}

asio::awaitable<read_result> stream::read_some()
{
    read_result result;
    while (socket_.is_open()) {
        if (tls_) {
            ERR_clear_error();
            errno = 0;
            const int got = SSL_read(tls_.get(), input_.borrow(), static_cast<int>(read_buffer::octets));
            if (got > 0) {
                result.octets = {input_.borrow(), static_cast<std::size_t>(got)};
                co_return result;
            }
            const int why = errno; // wait_for_tls() looks at it
            input_.give_back();
            errno = why;
            result.error = co_await wait_for_tls(got);
        } else {
            result.at_mark = keeps_urgent_ && at_mark();
            const auto got = ::recv(socket_.native_handle(), input_.borrow(), read_buffer::octets, 0);
            if (got >= 0) {
                result.octets = {input_.borrow(), static_cast<std::size_t>(got)};
                co_return result;
            }
            if (errno == EINTR) continue;
            const int why = errno;
            input_.give_back();
            if (why == EAGAIN || why == EWOULDBLOCK)
                result.error = co_await wait(asio::ip::tcp::socket::wait_read);
            else
                result.error = system_failure(why);
        }
        if (result.error == asio::error::eof)
            result.error = {}; // told by having no octets
        else if (!result.error)
            continue;
        co_return result;
    }
    result.error = failure(asio::error::bad_descriptor);
    co_return result;
}

asio::awaitable<error_code> stream::write(std::string_view octets)
{
    const corked together(socket_, tls_ && octets.size() > tls_write_octets);
    while (!octets.empty()) {
        if (!socket_.is_open()) co_return failure(asio::error::bad_descriptor);
        if (timed_out_) co_return error_code(asio::error::timed_out);
        error_code ec;
        if (tls_) {
            ERR_clear_error();
            errno = 0;
            const auto size = std::min(octets.size(), tls_write_octets);
            const int put = SSL_write(tls_.get(), octets.data(), static_cast<int>(size));
            if (put > 0) {
                octets.remove_prefix(static_cast<std::size_t>(put));
                continue;
            }
            ec = co_await wait_for_tls(put);
        } else {
            const auto put = ::send(socket_.native_handle(), octets.data(), octets.size(), MSG_NOSIGNAL);
            if (put >= 0) {
                octets.remove_prefix(static_cast<std::size_t>(put));
                continue;
            }
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                ec = co_await wait(asio::ip::tcp::socket::wait_write);
            else
                ec = system_failure(errno);
        }
        if (ec && ec != asio::error::operation_aborted) co_return ec;
    }
    co_return error_code{};
}

void stream::keep_urgent()
{
    constexpr int on = 1;
    keeps_urgent_ = ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_OOBINLINE, &on, sizeof on) == 0;
}

// The kernel never reads beyond a mark, so what is read next begins there if it stands there now.
bool stream::at_mark()
{
    return ::sockatmark(socket_.native_handle()) == 1;
}

asio::awaitable<error_code> stream::write_urgent(std::string_view octets)
{
    while (socket_.is_open() && !tls_) {
        if (timed_out_) co_return error_code(asio::error::timed_out);
        if (::send(socket_.native_handle(), octets.data(), 1, MSG_NOSIGNAL | MSG_OOB) == 1) {
            const auto error = co_await write(octets.substr(1));
            co_return error;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) co_return system_failure(errno);
        const auto ec = co_await wait(asio::ip::tcp::socket::wait_write);
        if (ec && ec != asio::error::operation_aborted) co_return ec;
    }
    co_return failure(asio::error::bad_descriptor);
}

asio::awaitable<error_code> stream::accept_tls(tls_context context)
{
    return handshake(std::move(context), true, {});
}

asio::awaitable<error_code> stream::connect_tls(tls_context context, std::string host)
{
    return handshake(std::move(context), false, std::move(host));
}

asio::awaitable<error_code> stream::handshake(tls_context context, bool server, std::string host)
{
    tls_.reset(SSL_new(context.native()));
    if (!tls_ || SSL_set_fd(tls_.get(), socket_.native_handle()) != 1) co_return tls_failure();
    if (server) {
        SSL_set_accept_state(tls_.get());
    } else {
        SSL_set_connect_state(tls_.get());
        // SSL_set_tlsext_host_name without its C cast.
        SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data());
        if (context.verifies_peer()) {
            SSL_set_hostflags(tls_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
            if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), host.c_str()) != 1)
                SSL_set1_host(tls_.get(), host.c_str());
        }
    }
    for (;;) {
        ERR_clear_error();
        errno = 0;
        const int done = SSL_do_handshake(tls_.get());
        if (done == 1) break;
        const int kind = SSL_get_error(tls_.get(), done);
        if (kind == SSL_ERROR_SSL) {
            const long verified = SSL_get_verify_result(tls_.get());
            facts_.verify_text =
                verified == X509_V_OK ? last_tls_error() : std::string(X509_verify_cert_error_string(verified));
            co_return tls_failure();
        }
        const auto ec = co_await wait_for_tls(done);
        if (ec) {
            facts_.verify_text = "the peer ended the connection during the TLS handshake";
            co_return ec;
        }
    }
    facts_.version = SSL_get_version(tls_.get());
    facts_.cipher = SSL_get_cipher_name(tls_.get());
    const unsigned char* alpn = nullptr;
    unsigned int alpn_size = 0;
    SSL_get0_alpn_selected(tls_.get(), &alpn, &alpn_size);
    facts_.alpn.assign(reinterpret_cast<const char*>(alpn), alpn_size);
    facts_.exporter = channel_binding(tls_.get());
    facts_.peer_verified = context.verifies_peer() && SSL_get_verify_result(tls_.get()) == X509_V_OK;
    co_return error_code{};
}

void stream::interrupt()
{
    error_code ec;
    socket_.cancel(ec);
}

void stream::close()
{
    error_code ec;
    socket_.close(ec);
}

asio::awaitable<void> stream::linger()
{
    if (!socket_.is_open() || timed_out_) co_return close();
    if (tls_ && SSL_is_init_finished(tls_.get())) {
        ERR_clear_error();
        SSL_shutdown(tls_.get()); // one try at close_notify; the peer need not answer
        ERR_clear_error();
    }
    error_code ec;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
    expires_after(linger_time);
    std::array<char, 4096> scrap;
    for (std::size_t rounds = 0; rounds < linger_rounds && socket_.is_open(); ++rounds) {
        const auto got = ::recv(socket_.native_handle(), scrap.data(), scrap.size(), 0);
        if (got > 0) continue;
        if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) break;
        ec = co_await wait(asio::ip::tcp::socket::wait_read);
        if (ec) break;
    }
    close();
}

} // namespace gateway::net
