// One direction of a pair of sessions (session_pair_test.cpp): the messages that one end sends and the other takes,
// with drivers that answer when they like and refuse at random, and the ledger that both are held against.
#pragma once

#include "tests/unit/xproto/session_weather.hpp"

#include "xproto/transfers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace session_pair {

namespace codes = xproto::codes;
using xproto::finish_answer;
using xproto::held_object;
using xproto::object_answer;
using xproto::object_type;
using xproto::outgoing;
namespace receiving = xproto::receiving;
using xproto::receiving_half;
using xproto::recipient_answer;
using xproto::resumption;
namespace sending = xproto::sending;
using xproto::sending_half;
using xproto::to_text;

// What both directions have their chances and their late answers from.
class dice {
  public:
    dice(unsigned seed, unsigned delays) : random_(seed), delays_(delays) {}

    std::mt19937::result_type roll() { return random_(); }
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    // Later, or now.
    void answer(std::function<void()> what)
    {
        if (chance(delays_))
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

  private:
    std::mt19937 random_;
    unsigned delays_;
    std::vector<std::function<void()>> later_;
};

template <class Action>
inline constexpr bool is_sent = std::is_same_v<Action, sending::want_content> ||
                                std::is_same_v<Action, sending::held> || std::is_same_v<Action, sending::result>;
template <class Action>
inline constexpr bool is_taken =
    std::is_same_v<Action, receiving::check_object> || std::is_same_v<Action, receiving::append> ||
    std::is_same_v<Action, receiving::finish_object> || std::is_same_v<Action, receiving::check_held> ||
    std::is_same_v<Action, receiving::abort>;

class traffic {
  public:
    traffic(const weather& how, std::string name, dice& chances, sending_half& from, receiving_half& to)
        : how_(how), name_(std::move(name)), dice_(chances), from_(from), to_(to)
    {
    }

    std::size_t stored() const { return stored_.size(); }
    bool handed_in() const { return sent_.size() == how_.messages; }
    bool over() const
    {
        return std::all_of(sent_.begin(), sent_.end(), [](const auto& one) { return one.second.has_result; });
    }

    void send_more()
    {
        while (sent_.size() < how_.messages && from_.can_send() && !dice_.chance(30)) {
            sent one;
            one.what.handle = sent_.size() + 1;
            one.what.message_id = "m" + std::to_string(one.what.handle) + "@" + name_;
            one.what.envelope_only = dice_.chance(how_.controls);
            one.what.envelope_octets = size();
            one.what.headers_octets = size();
            one.what.body_octets = size();
            one.what.media_type = "text/plain; charset=\"utf-8\"";
            if (dice_.chance(how_.splits)) {
                one.what.skeleton_octets = size() + 1;
                for (auto n = dice_.roll() % 4; n > 0; --n)
                    one.what.leaves.push_back({size() + 1, some_digest, {}, {}});
            }
            one.what.fragment_octets = how_.fragment;
            one.what.ask_held = dice_.chance(how_.broken);
            const auto& known = sent_.emplace(one.what.handle, one).first->second;
            from_.send(known.what);
        }
    }

    // --- the sender's driver
    void on(sending::want_content& a)
    {
        auto& message = sent_.at(a.handle);
        EXPECT_FALSE(message.has_result);
        ASSERT_GT(a.max, 0U);
        if (how_.pipelined && dice_.chance(how_.cancels)) {
            message.cancelled = true;
            return from_.cancel(a.handle);
        }
        const auto octets = dice_.chance(50) ? a.max : dice_.roll() % a.max + 1;
        dice_.answer([this, a, octets, id = message.what.message_id] {
            from_.on_content(a.handle, a.type, content(id, a.type, a.offset, octets, a.leaf));
        });
    }
    void on(sending::held& a)
    {
        const auto& what = sent_.at(a.handle).what;
        ASSERT_EQ(a.answer.objects, (std::vector<held_object>{{some_digest, 5}}));
        resumption how;
        const auto all = what.leaves.empty() ? what.body_octets : what.leaves.back().octets;
        how.leaf = what.leaves.empty() ? 0 : what.leaves.size() - 1;
        how.from = dice_.roll() % (all + 1);
        how.beginning = some_digest;
        dice_.answer([this, how, handle = a.handle] { from_.resume(handle, how); });
    }
    void on(sending::result& a)
    {
        auto& message = sent_.at(a.handle);
        EXPECT_FALSE(message.has_result) << "a second result for " << message.what.message_id;
        message.has_result = true;
        message.outcome = a.outcome;
        message.answer_lost = a.answer_lost;
        message.code = a.code;
        if (a.outcome == sending::outcome::accepted) {
            EXPECT_EQ(a.recipients, told_.at(message.what.message_id));
        }
    }

    // --- the receiver's driver
    void on(receiving::check_object& a)
    {
        EXPECT_EQ(a.media_type, a.type == object_type::body ? "text/plain; charset=\"utf-8\"" : "");
        EXPECT_EQ(a.beginning, a.from == 0 ? "" : some_digest);
        const bool refused = dice_.chance(how_.refusals);
        if (refused) refused_.insert(a.message_id);
        const auto& what = sent_.at(number(a.message_id)).what;
        const bool leaf = a.type == object_type::leaf;
        const auto index = leaf ? leaves_[a.message_id]++ : 0;
        const bool last = leaf && index + 1 == what.leaves.size();
        const bool here = leaf && !refused && dice_.chance(how_.known);
        objects_[a.tag] = {a.message_id, a.type, a.octets, {}, a.from, index};
        if (here)
            objects_[a.tag].arrived = content(a.message_id, a.type, a.from, what.leaves[index].octets - a.from, index);
        dice_.answer([this, tag = a.tag, refused, last, here] {
            if (refused) return to_.on_object(tag, object_answer::refuse(codes::busy));
            to_.on_object(tag, here ? object_answer::leaf_here(last) : object_answer::permit_leaf(last));
        });
    }
    void on(receiving::check_held& a) { to_.on_held(a.tag, {false, {{some_digest, 5}}}); }
    void on(receiving::append& a)
    {
        auto& o = objects_.at(a.tag);
        o.arrived += a.octets;
        if (dice_.chance(how_.refusals / 2) && o.arrived.size() < o.octets) {
            refused_.insert(o.id);
            to_.on_object(a.tag, object_answer::refuse(codes::storage_failed));
        }
    }
    void on(receiving::finish_object& a)
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
        for (auto n = dice_.roll() % 30; n > 20; --n) {
            recipient_answer r;
            r.number = static_cast<std::uint32_t>(n + (static_cast<unsigned>(a.type) + o.leaf) * 100);
            r.code = codes::recipient_refused;
            r.text = "(no) \\ ]";
            r.smtp_code = n % 2 ? 550 : 0;
            verdict.recipients.push_back(r);
        }
        if (dice_.chance(how_.refusals)) {
            refused_.insert(o.id);
            verdict = finish_answer::refuse(codes::policy);
        }
        dice_.answer([this, verdict, tag = a.tag, id = o.id, last = a.last || control] {
            if (refused_.contains(id) && verdict.ok) return; // refused meanwhile
            auto& told = told_[id];
            told.insert(told.end(), verdict.recipients.begin(), verdict.recipients.end());
            if (verdict.ok && last && !aborted_.contains(id)) ++stored_[id];
            if (dice_.chance(20)) to_.on_progress(tag);
            to_.on_finished(tag, verdict);
        });
    }
    void on(receiving::abort& a)
    {
        EXPECT_FALSE(stored_.contains(a.message_id));
        aborted_.insert(a.message_id);
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
            case sending::outcome::accepted: EXPECT_EQ(copies, 1); break;
            case sending::outcome::refused:
                EXPECT_EQ(copies, 0);
                EXPECT_TRUE(refused_.contains(id) || message.code == codes::shutting_down);
                break;
            case sending::outcome::lost:
                EXPECT_TRUE(message.cancelled);
                EXPECT_FALSE(message.answer_lost);
                EXPECT_EQ(copies, 0);
                break;
            }
        }
    }

  private:
    const weather how_;
    std::string name_;
    dice& dice_;
    sending_half& from_;
    receiving_half& to_;
    std::map<std::uint64_t, sent> sent_;
    std::map<std::uint32_t, object> objects_;
    std::map<std::string, int> stored_;
    std::map<std::string, std::size_t> leaves_; // that were asked for
    std::map<std::string, std::vector<recipient_answer>> told_;
    std::set<std::string> refused_, aborted_;
    std::uint64_t size()
    {
        const std::uint64_t edges[] = {0, 1, how_.chunk - 1, how_.chunk, how_.chunk + 1, dice_.roll() % how_.largest};
        return edges[dice_.roll() % std::size(edges)];
    }
};

} // namespace session_pair
