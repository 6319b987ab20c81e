// A client and a server session back to back, with a wire that cuts as it likes, drivers that answer when they like,
// and refusals at random: every message arrives exactly once with every octet right, or not at all, and both ends
// agree.
#include "tests/unit/xproto/session_script.hpp"
#include "tests/unit/xproto/session_weather.hpp"
#include "xproto/client_session.hpp"
#include "xproto/extensions.hpp"
#include "xproto/server_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

namespace {

using namespace xproto;
using namespace session_pair;

class run {
  public:
    explicit run(const weather& how) : how_(how), random_(how.seed), client_(client_side()), server_(server_side()) {}

    void play()
    {
        for (int idle = 0; idle < 1000 && !(client_closed_ && server_closed_); ++idle) {
            const bool moved =
                step_client() | step_server() | answer_some() | deliver(to_server_, true) | deliver(to_client_, false);
            if (moved) idle = 0;
        }
        ASSERT_TRUE(client_closed_ && server_closed_) << "stuck";
        check();
    }

    std::size_t stored() const { return stored_.size(); }

  private:
    client_config client_side() const
    {
        client_config c;
        c.host = "client.test";
        c.server_host = "mx.test";
        c.nonce = "fedcba9876543210";
        c.limits.chunk = how_.chunk;
        c.limits.output = how_.output;
        c.extensions = &session_script::every_extension();
        c.want = how_.also;
        for (const auto o : {option::pipe, option::split, option::stat}) c.want.set(o, true);
        if (!how_.pipelined) c.want = {option::split, option::stat};
        c.limits.unasked = how_.unasked;
        return c;
    }
    server_config server_side() const
    {
        server_config c;
        c.host = "mx.test";
        c.nonce = "0123456789abcdef";
        c.limits.chunk = how_.chunk;
        c.limits.output = how_.output;
        c.window = how_.granted;
        c.extensions = &session_script::every_extension();
        c.limits.unasked = how_.unasked;
        c.prove = prove_self::always;
        c.extensions = &session_script::every_extension();
        return c;
    }

    bool chance(unsigned percent) { return random_() % 100 < percent; }
    std::uint64_t size()
    {
        const std::uint64_t edges[] = {0, 1, how_.chunk - 1, how_.chunk, how_.chunk + 1, random_() % how_.largest};
        return edges[random_() % std::size(edges)];
    }
    // Later, or now.
    void answer(std::function<void()> what)
    {
        if (chance(how_.delays))
            later_.push_back(std::move(what));
        else
            what();
    }
    bool answer_some()
    {
        if (later_.empty()) return false;
        const auto which = random_() % later_.size();
        const auto what = std::move(later_[which]);
        later_.erase(later_.begin() + static_cast<std::ptrdiff_t>(which));
        what();
        return true;
    }
    bool deliver(std::string& wire, bool to_server)
    {
        auto& reads = to_server ? server_reads_ : client_reads_;
        if (!reads || wire.empty()) return false;
        const auto octets = std::min(wire.size(), random_() % how_.longest_piece + 1);
        auto& buffer = to_server ? server_buffer_ : client_buffer_;
        buffer = std::make_unique<std::string>(wire.substr(0, octets));
        wire.erase(0, octets);
        reads = false;
        to_server ? server_.on_bytes(*buffer) : client_.on_bytes(*buffer);
        return true;
    }

    // --- the client's driver

    bool step_client()
    {
        if (client_closed_) return false;
        send_more();
        auto action = client_.next();
        if (std::holds_alternative<client_session::wait>(action)) return false;
        if (std::holds_alternative<client_session::read_more>(action)) {
            const bool first = !client_reads_;
            client_buffer_.reset();
            client_reads_ = true;
            return first;
        }
        std::visit([this](auto& a) { on(a); }, action);
        return true;
    }
    void send_more()
    {
        while (sent_.size() < how_.messages && client_.can_send() && !chance(30)) {
            sent one;
            one.what.handle = sent_.size() + 1;
            one.what.message_id = "m" + std::to_string(one.what.handle) + "@client.test";
            one.what.envelope_only = chance(how_.controls);
            one.what.envelope_octets = size();
            one.what.headers_octets = size();
            one.what.body_octets = size();
            one.what.media_type = "text/plain; charset=\"utf-8\"";
            if (chance(how_.splits)) {
                one.what.skeleton_octets = size() + 1;
                for (auto n = random_() % 4; n > 0; --n) one.what.leaves.push_back({size() + 1, some_digest, {}, {}});
            }
            one.what.fragment_octets = how_.fragment;
            one.what.ask_held = chance(how_.broken);
            const auto& known = sent_.emplace(one.what.handle, one).first->second;
            client_.send(known.what);
        }
        if (sent_.size() == how_.messages) client_.quit();
    }
    void on(client_session::read_more&) {}
    void on(client_session::wait&) {}
    void on(client_session::start_tls&) { ADD_FAILURE(); }
    void on(client_session::write_urgent&) { ADD_FAILURE(); }
    void on(client_session::later_hop&) { ADD_FAILURE(); }
    void on(client_session::ready&) { EXPECT_EQ(client_.pipelined(), how_.pipelined); }
    void on(client_session::write& a)
    {
        EXPECT_LE(a.octets.size(), how_.output + how_.chunk + 100 * 400) << "output is bounded";
        to_server_ += a.octets;
    }
    void on(client_session::make_proof& a)
    {
        answer([this, t = a.transcript] { client_.on_proof("signed " + t); });
    }
    void on(client_session::check_identity& a)
    {
        EXPECT_EQ(a.proof, "signed " + a.transcript);
        EXPECT_EQ(a.host, "mx.test");
        answer([this] { client_.on_identity(identity_answer::accept(standing::known, "mx.test")); });
    }
    void on(client_session::want_content& a)
    {
        auto& message = sent_.at(a.handle);
        EXPECT_FALSE(message.has_result);
        ASSERT_GT(a.max, 0U);
        if (how_.pipelined && chance(how_.cancels)) {
            message.cancelled = true;
            return client_.cancel(a.handle);
        }
        const auto octets = chance(50) ? a.max : random_() % a.max + 1;
        answer([this, a, octets, id = message.what.message_id] {
            client_.on_content(a.handle, a.type, content(id, a.type, a.offset, octets, a.leaf));
        });
    }
    void on(client_session::held& a)
    {
        const auto& what = sent_.at(a.handle).what;
        ASSERT_EQ(a.answer.objects, (std::vector<held_object>{{some_digest, 5}}));
        resumption how;
        const auto all = what.leaves.empty() ? what.body_octets : what.leaves.back().octets;
        how.leaf = what.leaves.empty() ? 0 : what.leaves.size() - 1;
        how.from = random_() % (all + 1);
        how.beginning = some_digest;
        answer([this, how, handle = a.handle] { client_.on_held(handle, how); });
    }
    void on(client_session::result& a)
    {
        auto& message = sent_.at(a.handle);
        EXPECT_FALSE(message.has_result) << "a second result for " << message.what.message_id;
        message.has_result = true;
        message.outcome = a.outcome;
        message.answer_lost = a.answer_lost;
        if (a.outcome == client_session::outcome::accepted) {
            EXPECT_EQ(a.recipients, told_.at(message.what.message_id));
        }
    }
    void on(client_session::close& a)
    {
        EXPECT_EQ(a.code, codes::goodbye) << a.text;
        client_closed_ = true;
    }

    // --- the server's driver

    bool step_server()
    {
        if (server_closed_) return false;
        auto action = server_.next();
        if (std::holds_alternative<server_session::wait>(action)) return false;
        if (std::holds_alternative<server_session::read_more>(action)) {
            const bool first = !server_reads_;
            server_buffer_.reset();
            server_reads_ = true;
            return first;
        }
        std::visit([this](auto& a) { on(a); }, action);
        return true;
    }
    void on(server_session::read_more&) {}
    void on(server_session::wait&) {}
    void on(server_session::start_tls&) { ADD_FAILURE(); }
    void on(server_session::write& a) { to_client_ += a.octets; }
    void on(server_session::make_proof& a)
    {
        answer([this, t = a.transcript] { server_.on_proof("signed " + t); });
    }
    void on(server_session::check_identity& a)
    {
        EXPECT_EQ(a.proof, "signed " + a.transcript);
        answer([this, host = a.host] { server_.on_identity(identity_answer::accept(standing::trusted, host)); });
    }
    void on(server_session::check_object& a)
    {
        EXPECT_EQ(a.media_type, a.type == object_type::body ? "text/plain; charset=\"utf-8\"" : "");
        EXPECT_EQ(a.beginning, a.from == 0 ? "" : some_digest);
        const bool refused = chance(how_.refusals);
        if (refused) refused_.insert(a.message_id);
        const auto& what = sent_.at(number(a.message_id)).what;
        const bool leaf = a.type == object_type::leaf;
        const auto index = leaf ? leaves_[a.message_id]++ : 0;
        const bool last = leaf && index + 1 == what.leaves.size();
        const bool here = leaf && !refused && chance(how_.known);
        objects_[a.tag] = {a.message_id, a.type, a.octets, {}, a.from, index};
        if (here)
            objects_[a.tag].arrived = content(a.message_id, a.type, a.from, what.leaves[index].octets - a.from, index);
        answer([this, tag = a.tag, refused, last, here] {
            if (refused) return server_.on_object(tag, object_answer::refuse(codes::busy));
            server_.on_object(tag, here ? object_answer::leaf_here(last) : object_answer::permit_leaf(last));
        });
    }
    void on(server_session::check_held& a) { server_.on_held(a.tag, {false, {{some_digest, 5}}}); }
    void on(server_session::append& a)
    {
        auto& o = objects_.at(a.tag);
        o.arrived += a.octets;
        if (chance(how_.refusals / 2) && o.arrived.size() < o.octets) {
            refused_.insert(o.id);
            server_.on_object(a.tag, object_answer::refuse(codes::storage_failed));
        }
    }
    void on(server_session::finish_object& a)
    {
        const auto& o = objects_.at(a.tag);
        const auto& what = sent_.at(number(o.id)).what;
        const auto octets = octets_of(what, o) - o.from;
        EXPECT_EQ(o.arrived.size(), octets);
        EXPECT_TRUE(o.arrived == content(o.id, o.type, o.from, octets, o.leaf)) << o.id << ' ' << to_text(o.type);
        const bool last_leaf = a.type == object_type::leaf && o.leaf + 1 == what.leaves.size();
        EXPECT_EQ(a.last, a.type == object_type::body || last_leaf);
        const bool all_of_body = a.type == object_type::skeleton && what.leaves.empty();
        const bool control = (a.type == object_type::envelope && what.envelope_only) || all_of_body;
        auto verdict = control ? finish_answer::accept_control() : finish_answer::accept();
        for (auto n = random_() % 30; n > 20; --n) {
            recipient_answer r;
            r.number = static_cast<std::uint32_t>(n + (static_cast<unsigned>(a.type) + o.leaf) * 100);
            r.code = codes::recipient_refused;
            r.text = "(no) \\ ]";
            r.smtp_code = n % 2 ? 550 : 0;
            verdict.recipients.push_back(r);
        }
        if (chance(how_.refusals)) {
            refused_.insert(o.id);
            verdict = finish_answer::refuse(codes::policy);
        }
        answer([this, verdict, tag = a.tag, id = o.id, last = a.last || control] {
            if (refused_.contains(id) && verdict.ok) return; // refused meanwhile
            auto& told = told_[id];
            told.insert(told.end(), verdict.recipients.begin(), verdict.recipients.end());
            if (verdict.ok && last && !aborted_.contains(id)) ++stored_[id];
            if (chance(20)) server_.on_progress(tag);
            server_.on_finished(tag, verdict);
        });
    }
    void on(server_session::abort& a)
    {
        EXPECT_FALSE(stored_.contains(a.message_id));
        aborted_.insert(a.message_id);
    }
    void on(server_session::close& a)
    {
        EXPECT_EQ(a.code, codes::goodbye) << a.text;
        server_closed_ = true;
    }

    static std::uint64_t octets_of(const outgoing& what, const object& o)
    {
        switch (o.type) {
        case object_type::envelope: return what.envelope_octets;
        case object_type::headers: return what.headers_octets;
        case object_type::skeleton: return what.skeleton_octets;
        case object_type::leaf: return what.leaves[o.leaf].octets;
        case object_type::body: break;
        }
        return what.body_octets;
    }
    static std::uint64_t number(const std::string& id) { return std::stoull(id.substr(1)); }

    void check() const
    {
        EXPECT_EQ(sent_.size(), how_.messages);
        for (const auto& [handle, message] : sent_) {
            const auto& id = message.what.message_id;
            SCOPED_TRACE(id);
            EXPECT_TRUE(message.has_result);
            const auto known = stored_.find(id);
            const auto copies = known == stored_.end() ? 0 : known->second;
            switch (message.outcome) {
            case client_session::outcome::accepted: EXPECT_EQ(copies, 1); break;
            case client_session::outcome::refused:
                EXPECT_EQ(copies, 0);
                EXPECT_TRUE(refused_.contains(id));
                break;
            case client_session::outcome::lost:
                EXPECT_TRUE(message.cancelled);
                EXPECT_FALSE(message.answer_lost);
                EXPECT_EQ(copies, 0);
                break;
            }
        }
    }

    const weather how_;
    std::mt19937 random_;
    client_session client_;
    server_session server_;
    std::string to_server_, to_client_;
    std::unique_ptr<std::string> server_buffer_, client_buffer_; // what the sessions may look at
    bool server_reads_ = false, client_reads_ = false;
    bool server_closed_ = false, client_closed_ = false;
    std::vector<std::function<void()>> later_;
    std::map<std::uint64_t, sent> sent_;
    std::map<std::uint32_t, object> objects_;
    std::map<std::string, int> stored_;
    std::map<std::string, std::size_t> leaves_; // that were asked for
    std::map<std::string, std::vector<recipient_answer>> told_;
    std::set<std::string> refused_, aborted_;
};

TEST(XprotoSessionPair, DeliversEveryMessageExactlyOnceInAnyWeather)
{
    for (unsigned seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        run(wild(seed)).play();
        if (testing::Test::HasFailure()) return; // the first is enough
    }
}

TEST(XprotoSessionPair, DeliversEverythingWhenNobodyRefuses)
{
    for (const bool pipelined : {false, true}) {
        weather calm;
        calm.pipelined = pipelined;
        calm.chunk = 65536;
        calm.largest = 300000;
        calm.longest_piece = 65536;
        calm.splits = 30;
        calm.known = 30;
        calm.broken = 30;
        calm.fragment = 100000;
        run calm_run(calm);
        calm_run.play();
        EXPECT_EQ(calm_run.stored(), calm.messages);
    }
}

} // namespace
