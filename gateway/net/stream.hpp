// One TCP connection, in clear or under TLS, for the session drivers. Under TLS OpenSSL works on the socket itself, so
// nothing that was received in clear can be taken for something received after the handshake.
//
// One coroutine may read while another writes. Not for use from several threads.
#pragma once

#include "gateway/net/tls.hpp"
#include "gateway/net/watchdog.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace gateway::net {

using boost::system::error_code;
namespace asio = boost::asio;

struct read_result {
    std::string_view octets; // none and no error: the peer has closed its side
    error_code error;
    bool at_mark = false; // do they begin with an octet that was sent as urgent data? See keep_urgent()

    bool eof() const { return octets.empty() && !error; }
};

// Where a connection's input lies while it is being looked at: borrowed from the thread's stock, so that an idle
// connection needs none.
class read_buffer {
  public:
    static constexpr std::size_t octets = 64 * 1024;

    read_buffer() = default;
    ~read_buffer() { give_back(); }
    read_buffer(const read_buffer&) = delete;
    read_buffer& operator=(const read_buffer&) = delete;

    char* borrow(); // the same one until give_back()
    void give_back();

  private:
    std::unique_ptr<char[]> memory_;
};

class stream : private watched {
  public:
    stream(asio::ip::tcp::socket socket, watchdog& dog);
    ~stream() override;
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    // What arrives next, at least one octet; waits for it. After a deadline: asio::error::timed_out. The octets stay
    // where they are until the next read.
    asio::awaitable<read_result> read_some();
    // All of it, or an error.
    asio::awaitable<error_code> write(std::string_view octets);

    // Leaves urgent data where it stands in the stream (RFC 6093), so that read_some() can tell where. In clear only.
    void keep_urgent();
    // The same, with its first octet as urgent data.
    asio::awaitable<error_code> write_urgent(std::string_view octets);

    asio::awaitable<error_code> accept_tls(tls_context context);
    // `host`: the name the server's certificate must prove when the context verifies its peer (RFC 9525).
    asio::awaitable<error_code> connect_tls(tls_context context, std::string host);

    // Waiting reads and writes end with timed_out after this, unless it is called again before; so do new ones, until
    // it is called again.
    void expires_after(clock::duration wait)
    {
        timed_out_ = false;
        watched::expires_after(wait);
    }
    void expires_never()
    {
        timed_out_ = false;
        watched::expires_never();
    }

    // Ends a waiting read with operation_aborted, so that its coroutine can look at something else; writes are
    // repeated.
    void interrupt();
    // Gives the socket up at once. Waiting reads and writes end with an error.
    void close();
    // Says that no more is sent and gives the peer a moment to read what was sent last before the socket is given up:
    // closing on unread input would make the kernel throw our last words away (RFC 1122 4.2.2.13).
    asio::awaitable<void> linger();

    bool open() const { return socket_.is_open(); }
    bool encrypted() const { return tls_ != nullptr; }
    const tls_facts& tls() const { return facts_; }
    const std::string& peer_address() const { return peer_address_; }
    std::string peer_endpoint() const; // "192.0.2.1:4321", "[2001:db8::1]:4321"

  private:
    void on_expired() override;
    asio::awaitable<error_code> handshake(tls_context context, bool server, std::string host);
    asio::awaitable<error_code> wait(asio::ip::tcp::socket::wait_type what);
    asio::awaitable<error_code> wait_for_tls(int result);
    bool at_mark();
    error_code failure(error_code ec) const;

    struct tls_free {
        void operator()(ssl_st* tls) const;
    };

    asio::ip::tcp::socket socket_;
    std::unique_ptr<ssl_st, tls_free> tls_;
    tls_facts facts_;
    read_buffer input_;
    std::string peer_address_;
    bool timed_out_ = false;
    bool keeps_urgent_ = false;
};

// The text of an endpoint as configuration and logs write it.
std::string to_text(const asio::ip::tcp::endpoint& endpoint);

} // namespace gateway::net
