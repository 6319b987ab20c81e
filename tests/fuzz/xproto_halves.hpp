// Drivers of the two halves of an xproto session, for the fuzz targets of both ends: they answer at once, the same
// object always meets the same fate, and every promise about messages is held against a ledger.
#pragma once

#include "xproto/extensions.hpp"
#include "xproto/transfers.hpp"

#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace fuzz {

namespace codes = xproto::codes;
using xproto::extension_table;
using xproto::finish_answer;
using xproto::known_transfer_extensions;
using xproto::object_answer;
using xproto::object_type;
using xproto::option;
using xproto::outgoing;
namespace receiving = xproto::receiving;
using xproto::receiving_half;
using xproto::resumption;
namespace sending = xproto::sending;
using xproto::sending_half;

inline void require(bool promise)
{
    if (!promise) std::abort();
}

inline const extension_table& extensions()
{
    static const auto table = [] {
        extension_table made;
        for (const auto* row : known_transfer_extensions()) made.install(*row);
        return made;
    }();
    return table;
}

// Whatever is appended belongs to an object that was permitted and has room for it, and every message ends in exactly
// one way. The limits: 200 octets of an object, 20 of a skeleton's table, three messages at once.
class taker {
  public:
    taker(receiving_half& session, unsigned how) : session_(session), how_(how) {}

    std::map<std::uint32_t, std::string> arrived;

    void on(receiving::check_object& a)
    {
        const bool skeleton = a.type == object_type::skeleton;
        const bool leaf = a.type == object_type::leaf;
        require(a.octets + a.from <= (skeleton ? 220U : 200U));
        require(a.from == 0 || leaf || a.type == object_type::body);
        require(open_.contains(a.message_id) == (a.type != object_type::envelope));
        const bool here = leaf && fate(a.tag, 5);
        require(objects_.emplace(a.tag, object{a.message_id, a.octets, a.pending != 0 || here, false}).second);
        open_.insert(a.message_id);
        require(open_.size() <= 3);
        if (here) return session_.on_object(a.tag, object_answer::leaf_here(fate(a.tag, 4)));
        if (!fate(a.tag, 1)) return session_.on_object(a.tag, object_answer::permit_leaf(leaf && fate(a.tag, 4)));
        open_.erase(a.message_id);
        session_.on_object(a.tag, object_answer::refuse(codes::busy, "no\r\n[1 OK"));
    }
    void on(receiving::append& a)
    {
        require(!a.octets.empty());
        const auto& o = objects_.at(a.tag);
        require(open_.contains(o.id) && !o.finishing);
        arrived[a.tag] += a.octets;
        require(arrived[a.tag].size() <= (o.fragments ? 220 : o.octets));
    }
    void on(receiving::finish_object& a)
    {
        auto& o = objects_.at(a.tag);
        require(open_.contains(o.id) && o.id == a.message_id && !std::exchange(o.finishing, true));
        require(o.fragments || arrived[a.tag].size() == o.octets);
        auto answer = fate(a.tag, 2) ? finish_answer::refuse(codes::policy) : finish_answer::accept();
        if ((a.type == object_type::envelope || a.type == object_type::skeleton) && fate(a.tag, 3))
            answer = finish_answer::accept_control();
        if (a.last || !answer.ok || answer.complete) open_.erase(o.id);
        session_.on_finished(a.tag, answer);
    }
    void on(receiving::check_held& a)
    {
        require(a.message_id.size() <= 255);
        session_.on_held(a.tag, {fate(a.tag, 6), {{"sha-256:aa", a.tag}}});
    }
    void on(receiving::abort& a) { require(open_.erase(a.message_id) == 1); }
    void closed() const { require(open_.empty()); }

  private:
    struct object {
        std::string id;
        std::uint64_t octets = 0;
        bool fragments = false;
        bool finishing = false;
    };

    // The same object always meets the same fate.
    bool fate(std::uint32_t tag, unsigned salt) const
    {
        return (how_ & 4) && (tag * 2654435761U + salt * 40503U) % 5 == 0;
    }

    receiving_half& session_;
    unsigned how_;
    std::map<std::uint32_t, object> objects_;
    std::set<std::string> open_;
};

// Every message has exactly one result, and none is called accepted without a verdict on its last octet. Chunks have
// ten octets.
class giver {
  public:
    giver(sending_half& session, unsigned how) : session_(session), how_(how) {}

    std::string told; // to the driver
    bool all_sent() const { return messages_.size() == 8; }

    void send()
    {
        while (messages_.size() < 8 && session_.can_send()) {
            outgoing m;
            m.handle = messages_.size() + 1;
            m.message_id = "m" + std::to_string(m.handle);
            m.envelope_only = m.handle % 4 == 0;
            m.envelope_octets = size_of(object_type::envelope);
            m.headers_octets = size_of(object_type::headers);
            m.body_octets = size_of(object_type::body);
            const auto on = session_.active();
            if (m.handle == 5 && on.has(option::split)) {
                m.skeleton_octets = size_of(object_type::skeleton);
                const auto octets = size_of(object_type::leaf);
                m.leaves = {{octets, "sha-256:aa", "image/png", "a b"}, {octets, {}, {}, {}}};
            }
            if (m.handle % 2 == 1) m.fragment_octets = 10;
            m.ask_held = m.handle >= 6 && on.has(option::stat);
            messages_[m.handle].control = m.envelope_only;
            messages_[m.handle].split = !m.leaves.empty();
            session_.send(m);
        }
    }
    void on(sending::want_content& a)
    {
        auto& m = messages_.at(a.handle);
        auto& sent = m.sent[{a.type, a.leaf}];
        require(!m.has_result && a.offset == sent && a.max >= 1 && a.max <= 10);
        require(sent + a.max <= size_of(a.type));
        if ((how_ & 8) && a.handle == 3) return session_.cancel(a.handle);
        sent += a.max;
        session_.on_content(a.handle, a.type, std::string(a.max, 'x'));
    }
    void on(sending::held& a)
    {
        require(a.answer.objects.size() <= 64);
        told += "held " + std::to_string(a.handle);
        resumption how;
        for (const auto& one : a.answer.objects) told += one.digest + std::to_string(one.octets);
        if (!a.answer.objects.empty()) how = {4, "sha-256:bb", 0};
        if (how.from != 0) messages_.at(a.handle).sent[{object_type::body, 0}] = how.from;
        session_.resume(a.handle, how);
    }
    void on(sending::result& a)
    {
        auto& m = messages_.at(a.handle);
        require(!std::exchange(m.has_result, true));
        require(a.recipients.size() <= 3);
        const auto last = m.control ? object_type::envelope : object_type::body;
        // The server may have had the last leaf.
        const bool whole = m.split || m.sent[{last, 0}] == size_of(last);
        if (a.outcome == sending::outcome::accepted) require(a.already_had || whole);
        if (a.answer_lost) require(whole && a.outcome == sending::outcome::lost);
        told += "result " + std::to_string(a.handle) + a.code.text() + a.text;
        for (const auto& r : a.recipients) told += std::to_string(r.number) + r.code.text() + r.text;
        send();
    }
    void closed() const
    {
        for (const auto& [handle, m] : messages_) require(m.has_result);
        require(!session_.can_send());
    }

  private:
    struct message {
        std::map<std::pair<object_type, std::size_t>, std::uint64_t> sent; // by type and leaf
        bool control = false;
        bool split = false;
        bool has_result = false;
    };

    static std::uint64_t size_of(object_type type) { return 5 + 10 * static_cast<std::uint64_t>(type); }

    sending_half& session_;
    unsigned how_;
    std::map<std::uint64_t, message> messages_;
};

} // namespace fuzz
