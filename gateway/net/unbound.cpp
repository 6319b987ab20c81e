// libunbound as a resolver.
#include "gateway/net/unbound.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <stdexcept>
#include <unbound.h>
#include <unordered_map>

namespace gateway::net {

namespace {

namespace asio = boost::asio;

constexpr std::size_t longest_name = 255;
constexpr int class_in = 1;
constexpr int servfail = 2, nxdomain = 3;

struct context_free {
    void operator()(ub_ctx* c) const { ub_ctx_delete(c); }
};
struct result_free {
    void operator()(ub_result* r) const { ub_resolve_free(r); }
};
using result_pointer = std::unique_ptr<ub_result, result_free>;

dns_answer read(const ub_result& from)
{
    dns_answer made;
    made.ttl = std::chrono::seconds(from.ttl);
    if (from.bogus != 0) {
        made.dnssec = dns_answer::state::bogus;
        made.why = from.why_bogus != nullptr ? from.why_bogus : "DNSSEC validation failed";
        return made;
    }
    if (from.secure != 0) made.dnssec = dns_answer::state::secure;
    if (from.rcode != 0 && from.rcode != nxdomain) {
        made.why = from.rcode == servfail ? "SERVFAIL" : "RCODE " + std::to_string(from.rcode);
        return made;
    }
    made.what = from.nxdomain != 0   ? dns_answer::outcome::nxdomain
                : from.havedata != 0 ? dns_answer::outcome::found
                                     : dns_answer::outcome::no_data;
    for (std::size_t i = 0; from.havedata != 0 && from.data[i] != nullptr; ++i)
        made.records.emplace_back(from.data[i], static_cast<std::size_t>(from.len[i]));
    return made;
}

class unbound final : public resolver {
  public:
    unbound(asio::io_context& context, const dns_settings& settings)
        : context_(context), settings_(settings), native_(ub_ctx_create()), readable_(context)
    {
    }
    ~unbound() override
    {
        if (readable_.is_open()) readable_.release(); // the descriptor is libunbound's
    }

    // Why it cannot work; empty: it can.
    std::string prepare();
    void look_up(const std::string& name, dns_type type, handler done) override;

  private:
    // What libunbound gives back with an answer. Lives as long as its question.
    struct ticket {
        unbound* owner;
        std::uint64_t number;
    };
    struct question {
        ticket mine;
        handler done;
        std::unique_ptr<asio::steady_timer> limit;
        int id = 0; // libunbound's
    };
    using questions = std::unordered_map<std::uint64_t, question>;

    static void on_answer(void* data, int error, ub_result* result);
    void fail_soon(handler done, std::string why);
    void finish(std::uint64_t number, dns_answer answer);
    void give_up(std::uint64_t number);
    void listen();

    asio::io_context& context_;
    dns_settings settings_;
    questions open_;
    std::unique_ptr<ub_ctx, context_free> native_;
    asio::posix::stream_descriptor readable_;
    std::uint64_t last_ = 0;
    bool listening_ = false;
};

std::string unbound::prepare()
{
    if (!native_) return "out of memory";
    auto* const c = native_.get();
    const auto set = [c](const char* option, const std::string& value) { ub_ctx_set_option(c, option, value.c_str()); };
    set("do-not-query-localhost:", "no"); // a resolver on this host is the usual case
    set("cache-max-ttl:", std::to_string(settings_.longest.count()));
    set("cache-max-negative-ttl:", std::to_string(settings_.longest_negative.count()));
    set("msg-cache-size:", "4m");
    set("rrset-cache-size:", "8m");
    set("key-cache-size:", "1m");
    std::error_code ec;
    if (std::filesystem::is_regular_file(settings_.trust_anchor, ec)) {
        const auto path = settings_.trust_anchor.string();
        if (const int error = ub_ctx_add_ta_file(c, path.c_str())) return path + ": " + ub_strerror(error);
    }
    for (const auto& server : settings_.servers)
        if (const int error = ub_ctx_set_fwd(c, server.c_str())) return server + ": " + ub_strerror(error);
    // Where that file is missing, libunbound asks the DNS itself, from the root.
    if (settings_.servers.empty()) ub_ctx_resolvconf(c, nullptr);
    if (const int error = ub_ctx_async(c, 1)) return ub_strerror(error);
    const int descriptor = ub_fd(c);
    if (descriptor < 0) return "no descriptor to wait on";
    readable_.assign(descriptor);
    return {};
}

void unbound::look_up(const std::string& name, dns_type type, handler done)
{
    if (name.empty() || name.size() > longest_name || name.find('\0') != name.npos)
        return fail_soon(std::move(done), "this is no name that the DNS could have");
    if (open_.size() >= settings_.questions) return fail_soon(std::move(done), "too many questions at once");
    const auto number = ++last_;
    auto& asked = open_[number]; // stays where it is whatever else comes and goes
    asked.mine = {this, number};
    asked.done = std::move(done);
    const int error = ub_resolve_async(native_.get(), name.c_str(), static_cast<int>(type), class_in, &asked.mine,
                                       &on_answer, &asked.id);
    if (error != 0) {
        auto failed = std::move(asked.done);
        open_.erase(number);
        return fail_soon(std::move(failed), ub_strerror(error));
    }
    asked.limit = std::make_unique<asio::steady_timer>(context_, settings_.patience);
    asked.limit->async_wait([this, number](boost::system::error_code cancelled) {
        if (!cancelled) give_up(number);
    });
    listen();
}

void unbound::fail_soon(handler done, std::string why)
{
    asio::post(context_, [done = std::move(done), answer = dns_answer::failure(std::move(why))]() mutable {
        done(std::move(answer));
    });
}

void unbound::on_answer(void* data, int error, ub_result* result)
{
    const result_pointer kept(result);
    const auto mine = *static_cast<ticket*>(data);
    mine.owner->finish(mine.number, error != 0 || !kept ? dns_answer::failure(ub_strerror(error)) : read(*kept));
}

void unbound::give_up(std::uint64_t number)
{
    const auto found = open_.find(number);
    if (found == open_.end()) return;
    ub_cancel(native_.get(), found->second.id);
    finish(number, dns_answer::failure("no answer in time"));
}

// The handler runs when libunbound has been left: it may ask the next question.
void unbound::finish(std::uint64_t number, dns_answer answer)
{
    const auto found = open_.find(number);
    if (found == open_.end()) return;
    asio::post(context_, [done = std::move(found->second.done), answer = std::move(answer)]() mutable {
        done(std::move(answer));
    });
    open_.erase(found);
}

// Waits for answers only while there are questions, so that an idle resolver keeps nothing running.
void unbound::listen()
{
    if (listening_ || open_.empty()) return;
    listening_ = true;
    readable_.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code cancelled) {
        if (cancelled) return;
        listening_ = false;
        ub_process(native_.get());
        listen();
    });
}

} // namespace

void throw_exception_from_error(const dns_error& e, const boost::source_location&)
{
    throw std::logic_error(e.what);
}

boost::system::result<std::unique_ptr<resolver>, dns_error> make_resolver(asio::io_context& context,
                                                                          const dns_settings& settings)
{
    auto made = std::make_unique<unbound>(context, settings);
    if (auto why = made->prepare(); !why.empty()) return dns_error{std::move(why)};
    return {boost::system::in_place_value, std::move(made)};
}

} // namespace gateway::net
