// How many messages and octets a pair of xproto sessions can carry on one core, in memory: both ends, all lines, every
// octet copied once into the sender's output and looked at once by the receiver.
#include "xproto/client_session.hpp"
#include "xproto/line.hpp"
#include "xproto/server_session.hpp"

#include <benchmark/benchmark.h>

#include <malloc.h>

#include <string>
#include <variant>
#include <vector>

namespace {

using namespace xproto;

// The cheapest drivers there can be: everything is permitted, accepted and forgotten at once.
class pair {
  public:
    pair(bool pipelined, std::uint64_t octets)
        : client_(client_side(pipelined)), server_(server_side()), body_(octets, 'x'), small_(400, 'y')
    {
        while (!ready_) turn();
    }

    // One message more, both ends' work included.
    void send()
    {
        while (!client_.can_send()) turn();
        outgoing message;
        message.handle = ++sent_;
        message.message_id = "0123456789abcdefghij" + std::to_string(sent_) + "@mx.example.com";
        message.envelope_octets = message.headers_octets = small_.size();
        message.body_octets = body_.size();
        client_.send(std::move(message));
    }
    void finish()
    {
        while (results_ < sent_) turn();
    }

  private:
    static client_config client_side(bool pipelined)
    {
        client_config c;
        c.host = "client.example";
        c.server_host = "mx.example";
        c.nonce = "0123456789abcdef";
        if (!pipelined) c.want = {};
        return c;
    }
    static server_config server_side()
    {
        server_config c;
        c.host = "mx.example";
        c.nonce = "0123456789abcdef";
        return c;
    }

    // Each end goes on until it wants to read, then the other.
    void turn()
    {
        for (bool reading = false; !reading;) {
            auto action = client_.next();
            reading = std::holds_alternative<client_session::read_more>(action);
            std::visit([this](auto& a) { on(a); }, action);
        }
        server_.on_bytes(to_server_);
        for (bool reading = false; !reading;) {
            auto action = server_.next();
            reading = std::holds_alternative<server_session::read_more>(action);
            std::visit([this](auto& a) { on(a); }, action);
        }
        to_server_.clear();
        to_client_.swap(read_by_client_);
        client_.on_bytes(read_by_client_);
        to_client_.clear();
    }

    void on(client_session::write& a) { to_server_ += a.octets; }
    void on(client_session::ready&) { ready_ = true; }
    void on(client_session::make_proof&) { client_.on_proof("proof"); }
    void on(client_session::want_content& a)
    {
        const std::string& from = a.type == object_type::body ? body_ : small_;
        client_.on_content(a.handle, a.type, std::string_view(from).substr(a.offset, a.max));
    }
    void on(client_session::result& a)
    {
        ++results_;
        if (a.outcome != client_session::outcome::accepted) std::abort();
    }
    void on(client_session::close&) { std::abort(); }

    void on(server_session::write& a) { to_client_ += a.octets; }
    void on(server_session::check_identity& a)
    {
        server_.on_identity(identity_answer::accept(standing::trusted, a.host));
    }
    void on(server_session::check_object& a) { server_.on_object(a.tag, object_answer::permit()); }
    void on(server_session::append& a) { benchmark::DoNotOptimize(a.octets.data()); }
    void on(server_session::finish_object& a) { server_.on_finished(a.tag, finish_answer::accept()); }
    void on(server_session::close&) { std::abort(); }

    template <class Other> void on(Other&) {} // nothing to be done, or not asked for here

    client_session client_;
    server_session server_;
    std::string body_, small_;
    std::string to_server_, to_client_, read_by_client_;
    bool ready_ = false;
    std::uint64_t sent_ = 0, results_ = 0;
};

void messages(benchmark::State& state, bool pipelined)
{
    const auto octets = static_cast<std::uint64_t>(state.range(0));
    pair sessions(pipelined, octets);
    for (auto _ : state) sessions.send();
    sessions.finish();
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(octets + 800));
}

void pipelined_messages(benchmark::State& state)
{
    messages(state, true);
}
BENCHMARK(pipelined_messages)->Arg(0)->Arg(1000)->Arg(10'000)->Arg(100'000)->Arg(10'000'000);

void synchronous_messages(benchmark::State& state)
{
    messages(state, false);
}
BENCHMARK(synchronous_messages)->Arg(1000)->Arg(100'000);

// What one server session holds: after HELO and idle, and with everything a peer can make it hold (an unfinished line,
// a window full of messages with the longest names, answers that were never written).
void memory_of_a_session(benchmark::State& state, bool hostile)
{
    constexpr std::size_t count = 1000;
    std::string attack = "[2 OPT (PIPE=ON)]\r\n";
    for (int i = 0; i < 64; ++i) {
        const auto id = std::string(250, 'x') + std::to_string(i);
        attack += '[' + std::to_string(3 + i) + " XFER " + id + " message/envelope {1000000} {0}]\r\n";
    }
    for (int i = 0; i < 3000; ++i) attack += '[' + std::to_string(100 + i) + " NOOP]\r\n";
    attack += '[' + std::string(8190, 'x');

    double octets = 0;
    for (auto _ : state) {
        const auto before = mallinfo2().uordblks;
        std::vector<server_session> sessions;
        std::vector<server_session::action> unwritten;
        for (std::size_t i = 0; i < count; ++i) {
            server_config config;
            config.host = "mx.example";
            config.nonce = "0123456789abcdef";
            auto& session = sessions.emplace_back(std::move(config));
            const auto pump = [&] {
                for (bool on = true; on;) {
                    auto action = session.next();
                    if (std::holds_alternative<server_session::check_identity>(action))
                        session.on_identity(identity_answer::accept(standing::trusted, "client.example"));
                    on = !std::holds_alternative<server_session::read_more>(action);
                    const bool stuck = session.pipelined() && std::holds_alternative<server_session::write>(action);
                    if (stuck) unwritten.push_back(std::move(action));
                    on = on && !stuck;
                }
            };
            pump();
            session.on_bytes("[1 HELO client.example {5}]\r\nproof");
            pump();
            if (hostile) session.on_bytes(attack);
            if (hostile) pump();
        }
        octets = static_cast<double>(mallinfo2().uordblks - before) / count;
    }
    state.counters["octets_per_session"] = octets;
}

void memory_of_an_idle_session(benchmark::State& state)
{
    memory_of_a_session(state, false);
}
BENCHMARK(memory_of_an_idle_session)->Iterations(1);

void memory_of_a_hostile_session(benchmark::State& state)
{
    memory_of_a_session(state, true);
}
BENCHMARK(memory_of_a_hostile_session)->Iterations(1);

void reading_a_line(benchmark::State& state)
{
    const std::string lines[] = {
        "[12345 XFER 0123456789abcdefghij1@mx.example.com message/body {59203} {0} (TYPE=multipart/mixed)]",
        "[12345 TMP 99.0.3.8 Go ahead with message body.]", "[12345 DATA {59203}]"};
    for (auto _ : state)
        for (const auto& line : lines) benchmark::DoNotOptimize(parse_line(line));
    state.SetItemsProcessed(state.iterations() * 3);
}
BENCHMARK(reading_a_line);

} // namespace
