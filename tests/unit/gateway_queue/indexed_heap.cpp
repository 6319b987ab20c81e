// A heap in which any member can be moved or taken out.
#include "gateway/queue/indexed_heap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace {

using namespace gateway::queue;

struct numbers {
    std::vector<int>* ranks;
    std::vector<std::uint32_t>* places;

    bool before(std::uint32_t a, std::uint32_t b) const { return (*ranks)[a] < (*ranks)[b]; }
    std::uint32_t& place(std::uint32_t a) const { return (*places)[a]; }
};

TEST(IndexedHeap, GivesTheSmallestWhateverIsMovedOrTakenOut)
{
    std::mt19937 random(7);
    std::vector<int> ranks(200);
    std::vector<std::uint32_t> places(200, no_place);
    const numbers order{&ranks, &places};
    indexed_heap<numbers> heap;
    std::set<std::uint32_t> inside;
    for (int step = 0; step < 20000; ++step) {
        const auto member = static_cast<std::uint32_t>(random() % ranks.size());
        ASSERT_EQ(heap.contains(member, order), inside.count(member) == 1);
        if (!inside.count(member)) {
            ranks[member] = static_cast<int>(random() % 50);
            heap.insert(member, order);
            inside.insert(member);
        } else if (random() % 2) {
            ranks[member] = static_cast<int>(random() % 50);
            heap.moved(member, order);
        } else {
            heap.erase(member, order);
            inside.erase(member);
        }
        ASSERT_EQ(heap.size(), inside.size());
        if (inside.empty()) continue;
        const auto smaller = [&ranks](auto a, auto b) { return ranks[a] < ranks[b]; };
        ASSERT_EQ(ranks[heap.first()], ranks[*std::min_element(inside.begin(), inside.end(), smaller)]);
    }
}

} // namespace
