#include "gateway/tools/smtp_load.hpp"

#include "gateway/net/dial.hpp"
#include "smtp/extensions.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace gateway::tools {

namespace asio = boost::asio;

namespace {

// Sessions in a row that come to nothing before a generator gives up.
constexpr std::uint32_t most_failures = 10;

std::string shown(const smtp::reply& reply)
{
    auto text = smtp::format(reply);
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
}

} // namespace

smtp_load::smtp_load(workbench& bench, const smtp_load_setup& setup)
    : bench_(bench), setup_(setup), left_(setup.messages)
{
    begin_ = "MAIL FROM:<" + setup.from + ">\r\n";
    for (const auto& to : setup.recipients) begin_ += "RCPT TO:<" + to + ">\r\n";
    data_ = begin_ + "DATA\r\n";
    if (setup.chunking) {
        chunk_ = begin_ + "BDAT " + std::to_string(setup.content.size()) + " LAST\r\n" + setup.content;
        return;
    }
    last_ = setup.content + ".\r\n";
    next_ = last_ + data_;
}

void smtp_load::start()
{
    result_.begin();
    running_ = setup_.sessions;
    for (std::uint32_t i = 0; i < setup_.sessions; ++i) asio::co_spawn(bench_.context(), run(), asio::detached);
}

asio::awaitable<void> smtp_load::run()
{
    std::uint32_t failures = 0;
    while (left_ > 0 && failures < most_failures) {
        const auto on = std::make_unique<session>();
        const auto before = result_.accepted_messages();
        const bool opened = co_await open(*on);
        if (opened) co_await send_messages(*on);
        failures = result_.accepted_messages() == before ? failures + 1 : 0;
        if (!opened) {
            result_.problem(on->problem);
            break;
        }
    }
    if (--running_ > 0) co_return;
    result_.end();
    bench_.finish();
}

asio::awaitable<bool> smtp_load::open(session& on)
{
    auto dialled = co_await net::dial(bench_.dog(), setup_.to.host, setup_.to.port, setup_.patience);
    if (!dialled.connection) {
        fail(on, dialled.what);
        co_return false;
    }
    on.connection = std::move(dialled.connection);
    const auto greeting = co_await read(on);
    if (!greeting.positive()) {
        fail(on, "the greeting is " + shown(greeting));
        co_return false;
    }
    const auto hello = "EHLO " + setup_.host + "\r\n";
    co_await write(on, hello);
    const auto answer = co_await read(on);
    if (!answer.positive()) {
        fail(on, "the answer to EHLO is " + shown(answer));
        co_return false;
    }
    const auto offered = smtp::parse_ehlo(answer);
    if (!offered.pipelining || (setup_.chunking && !offered.chunking)) {
        fail(on, offered.pipelining ? "the server does not offer CHUNKING" : "the server does not offer PIPELINING");
        co_return false;
    }
    reached_ = true;
    co_return true;
}

asio::awaitable<void> smtp_load::send_messages(session& on)
{
    if (setup_.chunking)
        co_await send_by_chunks(on);
    else
        co_await send_by_data(on);
    if (on.problem.empty()) {
        co_await write(on, "QUIT\r\n");
        co_await read(on);
    }
    on.connection->close();
}

// One write for each message: the content, and all commands of the next message.
asio::awaitable<void> smtp_load::send_by_data(session& on)
{
    if (!take_one()) co_return;
    auto begun = load_result::clock::now();
    co_await write(on, data_);
    for (std::uint64_t count = 1;; ++count) {
        const auto refusal = co_await read_envelope_replies(on);
        const auto go_on = co_await read(on);
        if (!on.problem.empty()) co_return result_.lost(on.problem);
        if (!go_on.intermediate()) co_return result_.refused(refusal.empty() ? shown(go_on) : refusal);
        const bool more = count != setup_.per_session && take_one();
        const auto sent = begun;
        begun = load_result::clock::now();
        co_await write(on, more ? next_ : last_);
        const auto answer = co_await read(on);
        if (!on.problem.empty()) {
            result_.lost(on.problem);
            if (more) result_.lost(on.problem);
            co_return;
        }
        if (answer.positive())
            result_.accepted(sent);
        else
            result_.refused(shown(answer));
        if (!more) co_return;
    }
}

asio::awaitable<void> smtp_load::send_by_chunks(session& on)
{
    for (std::uint64_t count = 0; setup_.per_session == 0 || count < setup_.per_session; ++count) {
        if (!take_one()) co_return;
        const auto begun = load_result::clock::now();
        co_await write(on, chunk_);
        const auto refusal = co_await read_envelope_replies(on);
        const auto answer = co_await read(on);
        if (!on.problem.empty()) co_return result_.lost(on.problem);
        if (!answer.positive()) co_return result_.refused(refusal.empty() ? shown(answer) : refusal);
        result_.accepted(begun);
    }
}

// Reads the replies to MAIL and each RCPT; the first refusal as text, or nothing.
asio::awaitable<std::string> smtp_load::read_envelope_replies(session& on)
{
    std::string refusal;
    for (std::size_t i = 0; i < 1 + setup_.recipients.size(); ++i) {
        const auto answer = co_await read(on);
        if (!answer.positive() && refusal.empty()) refusal = shown(answer);
    }
    co_return refusal;
}

asio::awaitable<smtp::reply> smtp_load::read(session& on)
{
    while (on.problem.empty()) {
        auto taken = on.replies.read(on.input);
        if (!taken) {
            fail(on, "the server's reply is malformed");
            break;
        }
        if (*taken) co_return std::move(**taken);
        on.connection->expires_after(setup_.patience);
        const auto got = co_await on.connection->read_some();
        if (got.error)
            fail(on, got.error == asio::error::timed_out ? "no answer in time" : got.error.message());
        else if (got.eof())
            fail(on, "the server closed the connection");
        on.input = got.octets;
    }
    co_return smtp::reply();
}

asio::awaitable<void> smtp_load::write(session& on, std::string_view octets)
{
    if (!on.problem.empty()) co_return;
    on.connection->expires_after(setup_.patience);
    const auto failed = co_await on.connection->write(octets);
    if (failed) fail(on, failed.message());
}

bool smtp_load::take_one()
{
    if (left_ == 0) return false;
    --left_;
    return true;
}

void smtp_load::fail(session& on, const std::string& what)
{
    if (on.problem.empty()) on.problem = what;
}

} // namespace gateway::tools
