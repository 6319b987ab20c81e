// The tables behind the schedule: its jobs and destinations in numbered slots, found by id and by name. Knows nothing
// of time; schedule.cpp does.
#pragma once

#include "gateway/queue/indexed_heap.hpp"
#include "gateway/queue/retry_policy.hpp"
#include "gateway/spool/id.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::queue {

using spool::entry_id;
using slot = std::uint32_t;
inline constexpr slot no_slot = 0xffffffff;

// One message towards one destination. There may be millions: 48 octets.
struct entry {
    entry_id id;
    unix_seconds when = 0;
    unix_seconds milestone = 0;
    slot destination = no_slot;
    slot next = no_slot;                      // the next job of the same message
    std::uint32_t waiting_place = no_place;   // in its destination's heap
    std::uint32_t milestone_place = no_place; // in the heap of milestones
    bool active = false;
    bool held = false;
    bool removed = false; // while active: to be forgotten with its answer
};

// The job that has been due longest comes first; of two, the older message.
struct by_when {
    std::vector<entry>* entries;

    bool before(slot a, slot b) const
    {
        const auto &x = (*entries)[a], &y = (*entries)[b];
        return x.when != y.when ? x.when < y.when : x.id < y.id;
    }
    std::uint32_t& place(slot a) const { return (*entries)[a].waiting_place; }
};

struct by_milestone {
    std::vector<entry>* entries;

    bool before(slot a, slot b) const { return (*entries)[a].milestone < (*entries)[b].milestone; }
    std::uint32_t& place(slot a) const { return (*entries)[a].milestone_place; }
};

struct destination {
    std::string name;
    indexed_heap<by_when> waiting;
    std::uint32_t at_once = 1;
    std::uint32_t jobs = 0; // waiting, active and held
    std::uint32_t active = 0;
    std::uint32_t failures = 0;     // in a row, to reach it
    unix_seconds blocked_until = 0; // while failures > 0: no attempt before this
    unix_seconds wake = 0;          // when it next has something to do
    std::uint32_t wake_place = no_place;
    bool in_turn = false; // is it in the ring of those that may have something to do now?
};

struct by_wake {
    std::vector<destination>* destinations;

    bool before(slot a, slot b) const { return (*destinations)[a].wake < (*destinations)[b].wake; }
    std::uint32_t& place(slot a) const { return (*destinations)[a].wake_place; }
};

// Things in numbered slots; free slots are used again.
template <class T> class slots {
  public:
    slot take()
    {
        if (free_.empty()) {
            things.emplace_back();
            return static_cast<slot>(things.size() - 1);
        }
        const auto at = free_.back();
        free_.pop_back();
        return at;
    }
    void give_back(slot at)
    {
        things[at] = T{};
        free_.push_back(at);
    }
    std::size_t used() const { return things.size() - free_.size(); }

    std::vector<T> things;

  private:
    std::vector<slot> free_;
};

// The first job of each message, found by id. Kept as slot numbers: the id itself is in the entry.
struct entry_hash {
    using is_transparent = void;
    const std::vector<entry>* entries;

    std::size_t operator()(entry_id id) const { return std::hash<entry_id>{}(id); }
    std::size_t operator()(slot at) const { return (*this)((*entries)[at].id); }
};
struct entry_equal {
    using is_transparent = void;
    const std::vector<entry>* entries;

    bool operator()(slot a, slot b) const { return (*entries)[a].id == (*entries)[b].id; }
    bool operator()(entry_id id, slot at) const { return (*entries)[at].id == id; }
    bool operator()(slot at, entry_id id) const { return (*entries)[at].id == id; }
};
using entry_index = boost::unordered_flat_set<slot, entry_hash, entry_equal>;

struct destination_hash {
    using is_transparent = void;
    const std::vector<destination>* destinations;

    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
    std::size_t operator()(slot at) const { return (*this)(std::string_view((*destinations)[at].name)); }
};
struct destination_equal {
    using is_transparent = void;
    const std::vector<destination>* destinations;

    bool operator()(slot a, slot b) const { return (*destinations)[a].name == (*destinations)[b].name; }
    bool operator()(std::string_view name, slot at) const { return (*destinations)[at].name == name; }
    bool operator()(slot at, std::string_view name) const { return (*destinations)[at].name == name; }
};
using destination_index = boost::unordered_flat_set<slot, destination_hash, destination_equal>;

} // namespace gateway::queue
