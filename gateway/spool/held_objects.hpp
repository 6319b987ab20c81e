// Octets that peers have sent and that may be of use again: leaves of split bodies, so that a peer need not send the
// same attachment twice, and the beginnings of objects whose transfer broke off, so that it can go on where it stopped
// (docs/xproto.md, "Split bodies", "Going on").
//
// One file each in one folder. Nothing here is a promise: files are not synced, the oldest go when there are too many,
// and whoever uses the octets compares their digest. So a crash at any instant costs at most a transfer. What one peer
// has sent is never found for another. All calls are made from the event loop; writing and reading go through the
// kernel's cache.
#pragma once

#include "gateway/spool/file_operations.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::spool {

struct held_limits {
    std::uint64_t least_octets = 64 * 1024; // smaller objects are not worth a file

    std::uint64_t leaf_octets = 1ull << 30; // of all leaves; 0: none is kept
    std::int64_t leaf_age = 7 * 86400;      // seconds since a leaf was last of use

    std::uint64_t partial_octets = 2ull << 30; // of all objects that have broken off or are arriving; 0: none is kept
    std::size_t partials = 1000;
    std::int64_t partial_age = 86400; // seconds since the last octet came

    std::uint64_t free_space_floor = 512ull << 20; // with less free space than this nothing is kept
};

// Who sent an object, and which. Each is a word of letters and digits that stands for what it names.
struct held_name {
    std::string peer;
    std::string message; // empty: a leaf, whatever message it came with
    std::string digest;

    std::string text() const;
    static std::optional<held_name> parse(std::string_view text);
    auto operator<=>(const held_name&) const = default;
};

class held_objects {
    struct shelf;

  public:
    // An object on its way in. Destroying it leaves what has come, for another attempt.
    class arrival {
      public:
        ~arrival();
        arrival(const arrival&) = delete;
        arrival& operator=(const arrival&) = delete;

        // Goes on without effect when the disk fails or another session has taken the object over: then it is not kept.
        void append(std::string_view octets);
        std::uint64_t octets() const { return octets_; }
        // Octets of what has come, from `offset` on; fewer than asked for at its end.
        boost::system::result<std::size_t> read(std::uint64_t offset, std::span<char> into);
        // It is here, and nobody needs it any more.
        void drop();
        // It is here, and right: remember it as a leaf.
        void become_leaf();

      private:
        friend class held_objects;
        arrival(std::shared_ptr<shelf> on, held_name name, file handle, std::uint64_t octets);

        bool owned() const;

        std::shared_ptr<shelf> on_;
        held_name name_;
        file file_;
        std::uint64_t octets_ = 0;
        std::uint64_t number_ = 0; // tells this arrival from a later one of the same object
    };

    // A leaf that is here. Can be read even when it is forgotten meanwhile.
    class leaf {
      public:
        leaf(file handle, std::uint64_t octets) : file_(std::move(handle)), octets_(octets) {}
        std::uint64_t octets() const { return octets_; }
        boost::system::result<std::size_t> read(std::uint64_t offset, std::span<char> into) const;

      private:
        file file_;
        std::uint64_t octets_;
    };

    // What is held of an unfinished object.
    struct partial {
        std::string digest;
        std::uint64_t octets = 0;

        bool operator==(const partial&) const = default;
    };

    // Makes the folder when it is not there, and removes what is too old, too much, or of no known name. `clock` gives
    // seconds. When the folder cannot be used, nothing is kept, and problem() says why.
    held_objects(std::filesystem::path folder, const held_limits& limits, std::function<std::int64_t()> clock);
    ~held_objects();

    const std::string& problem() const;

    // A leaf of this peer, if it is here with so many octets.
    std::unique_ptr<leaf> find_leaf(const std::string& peer, const std::string& digest, std::uint64_t octets);
    // It was found to be damaged.
    void forget_leaf(const std::string& peer, const std::string& digest);

    // Keeps an object as it comes, from its first octet. Null: it is too small or too large for that.
    std::unique_ptr<arrival> begin(const held_name& name, std::uint64_t octets);
    // Goes on after the first `from` octets, towards `octets` in all; what is held beyond them is cut off. Null: there
    // are not so many, or no room for the others. Takes the object over from an arrival that is still there.
    std::unique_ptr<arrival> go_on(const held_name& name, std::uint64_t from, std::uint64_t octets);
    // What is held of a message's objects, for this peer.
    std::vector<partial> partials(const std::string& peer, const std::string& message) const;

    // A file for as long as it is open, on the same disk. Not open: there is none to be had.
    file scratch();

    std::uint64_t leaf_octets() const;
    std::uint64_t partial_octets() const;

  private:
    std::shared_ptr<shelf> shelf_;
};

} // namespace gateway::spool
