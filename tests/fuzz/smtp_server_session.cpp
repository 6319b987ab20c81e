// The server session against any octets: it ends, begun content is finished or discarded exactly once, and the way the
// octets were split makes no difference. The first octet chooses the configuration.
#include "smtp/server_session.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

void require(bool promise)
{
    if (!promise) std::abort();
}

// Answers by a fixed rule, so that two runs are comparable: names with an x are refused.
class driver {
  public:
    explicit driver(smtp::server_config config) : session_(std::move(config)) { run(); }

    void give(std::string_view octets)
    {
        if (closed_) return;
        const auto copy = std::make_unique<std::string>(octets);
        session_.on_bytes(*copy);
        run();
    }

    std::string end()
    {
        if (!closed_) session_.on_eof();
        run();
        require(closed_ && !entry_open_);
        return log_ + "\n" + written_;
    }

  private:
    void run()
    {
        for (reading_ = false; !reading_ && !closed_;) {
            auto action = session_.next();
            require(++actions_ < 1000000);
            std::visit([this](auto& a) { on(a); }, action);
        }
    }

    static smtp::reply rule(std::string_view name, int consent)
    {
        if (name.find('x') != name.npos) return {550, {5, 7, 1}, "no"};
        return {consent, {2, 0, 0}, "yes"};
    }

    void on(smtp::wait&) { require(false); }
    void on(smtp::read_more&) { reading_ = true; }
    void on(smtp::write& w)
    {
        require(!w.octets.empty() && w.octets.ends_with("\r\n"));
        written_ += w.octets;
    }
    void on(smtp::start_tls&) { require(false); }
    void on(smtp::check_sender& q)
    {
        log_ += "from " + q.reverse_path + '\n';
        session_.on_reply(rule(q.reverse_path, 250));
    }
    void on(smtp::check_recipient& q)
    {
        log_ += "to " + q.recipient.address + '\n';
        session_.on_reply(rule(q.recipient.address, 250));
    }
    void on(smtp::begin_data& q)
    {
        require(!entry_open_ && !q.transaction.recipients.empty());
        log_ += "begin\n";
        const auto answer = rule(q.transaction.reverse_path.size() % 7 == 6 ? "x" : "", 354);
        entry_open_ = answer.code == 354;
        session_.on_reply(answer);
    }
    void on(smtp::append& a)
    {
        require(entry_open_ && !a.octets.empty());
        log_ += a.octets;
    }
    void on(smtp::finish&)
    {
        require(entry_open_);
        entry_open_ = false;
        log_ += "finish\n";
        session_.on_reply({250, {2, 0, 0}, "taken"});
    }
    void on(smtp::discard&)
    {
        require(entry_open_);
        entry_open_ = false;
        log_ += "discard\n";
    }
    void on(smtp::close& c)
    {
        log_ += "close " + std::string(to_string(c.why));
        closed_ = true;
    }

    smtp::server_session session_;
    std::string log_;
    std::string written_;
    bool reading_ = false;
    bool closed_ = false;
    bool entry_open_ = false;
    std::size_t actions_ = 0;
};

std::string talk(std::string_view octets, std::size_t split, const smtp::server_config& config)
{
    driver d(config);
    for (std::size_t at = 0; at < octets.size(); at += split) d.give(octets.substr(at, split));
    return d.end();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    smtp::server_config config;
    config.bare_newline = static_cast<smtp::newline_policy>(data[0] % 3);
    config.limits.command_line = data[0] & 4 ? 2048 : 64;
    config.limits.message_octets = data[0] & 8 ? 20 : 0;
    config.limits.recipients = 3;
    config.chunking = (data[0] & 16) == 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = talk(octets, size, config);
    require(talk(octets, 1, config) == whole);
    require(talk(octets, 2 + data[0] / 32, config) == whole);
    return 0;
}
