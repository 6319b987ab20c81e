// A bounded memory that forgets what was used longest ago.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <utility>

namespace xproto {

template <class Key, class Value> class recently_used {
  public:
    explicit recently_used(std::size_t capacity) : capacity_(capacity) {}

    // nullptr: not known. The pointer is good until the next put().
    Value* find(const Key& key)
    {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        entries_.splice(entries_.begin(), entries_, found->second);
        return &found->second->second;
    }

    void put(const Key& key, Value value)
    {
        if (capacity_ == 0) return;
        if (auto* known = find(key)) {
            *known = std::move(value);
            return;
        }
        if (index_.size() == capacity_) {
            index_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(key, std::move(value));
        index_.emplace(key, entries_.begin());
    }

    std::size_t size() const { return index_.size(); }

  private:
    using list = std::list<std::pair<Key, Value>>;

    std::size_t capacity_;
    list entries_; // most recently used first
    std::map<Key, typename list::iterator> index_;
};

} // namespace xproto
