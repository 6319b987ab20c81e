// A binary heap of numbers that stand for things kept elsewhere. Each thing knows its place in the heap, so that any
// one can be moved or taken out, not only the first. Four octets a member.
#pragma once

#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

namespace gateway::queue {

// A thing's place when it is not in the heap.
inline constexpr std::uint32_t no_place = 0xffffffff;

// `Order` tells what the numbers mean:
//     bool before(std::uint32_t a, std::uint32_t b) const;   a strict order
//     std::uint32_t& place(std::uint32_t a) const;           where the thing keeps its place; no_place at first
// It is given to each call rather than kept, which would cost a pointer in each of very many small heaps.
template <class Order> class indexed_heap {
  public:
    bool empty() const { return members_.empty(); }
    std::size_t size() const { return members_.size(); }
    std::uint32_t first() const { return members_.front(); }
    const std::vector<std::uint32_t>& members() const { return members_; } // [i] is before [2i+1] and [2i+2], or equal

    static bool contains(std::uint32_t member, const Order& order) { return order.place(member) != no_place; }

    void insert(std::uint32_t member, const Order& order)
    {
        assert(!contains(member, order));
        members_.push_back(member);
        order.place(member) = static_cast<std::uint32_t>(members_.size() - 1);
        rise(order.place(member), order);
    }

    void erase(std::uint32_t member, const Order& order)
    {
        const auto hole = order.place(member);
        assert(hole < members_.size() && members_[hole] == member);
        const auto last = members_.back();
        members_.pop_back();
        order.place(member) = no_place;
        if (last == member) return;
        members_[hole] = last;
        order.place(last) = hole;
        settle(hole, order);
    }

    // After the member's rank has changed.
    void moved(std::uint32_t member, const Order& order) { settle(order.place(member), order); }

  private:
    void settle(std::uint32_t at, const Order& order)
    {
        if (at > 0 && order.before(members_[at], members_[(at - 1) / 2]))
            rise(at, order);
        else
            sink(at, order);
    }

    void rise(std::uint32_t at, const Order& order)
    {
        while (at > 0) {
            const auto parent = (at - 1) / 2;
            if (!order.before(members_[at], members_[parent])) return;
            exchange(at, parent, order);
            at = parent;
        }
    }

    void sink(std::uint32_t at, const Order& order)
    {
        for (;;) {
            const auto left = 2 * at + 1;
            if (left >= members_.size()) return;
            const auto right = left + 1;
            const auto child = right < members_.size() && order.before(members_[right], members_[left]) ? right : left;
            if (!order.before(members_[child], members_[at])) return;
            exchange(at, child, order);
            at = child;
        }
    }

    void exchange(std::uint32_t a, std::uint32_t b, const Order& order)
    {
        std::swap(members_[a], members_[b]);
        order.place(members_[a]) = a;
        order.place(members_[b]) = b;
    }

    std::vector<std::uint32_t> members_;
};

} // namespace gateway::queue
