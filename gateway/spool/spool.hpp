// The spool: where messages live between "we have it" and "they have it". An interface without fields; open_on_disk()
// in disk.hpp makes the durable one, make_memory_spool() in memory.hpp one for tests and tools.
//
// A message is always three xproto objects: envelope, headers, body. The body streams in first, since the other two are
// known only when it has ended. What an acknowledged commit stored survives any crash; what was not acknowledged is
// never delivered after one, or, if the crash came between storing and telling, exactly as it was committed.
//
// All calls are made from one thread, the event loop; all handlers run there too, later, never inside the call. A
// handler must not outlive what it captures: destroying the spool does not cancel handlers that are under way.
#pragma once

#include "gateway/spool/errc.hpp"
#include "gateway/spool/record.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::spool {

template <class T> using result = boost::system::result<T>;

// Runs a function on the event loop, later. Must be callable from any thread.
using poster = std::function<void(std::function<void()>)>;

// The record as stored, or an errc.
using commit_handler = std::function<void(result<record>)>;

// One message on its way in. Destroying a writer before commit() forgets the message.
class writer {
  public:
    virtual ~writer() = default;

    virtual entry_id id() const = 0;

    // The next octets of the body. Small bodies wait in memory for the commit, the octets of larger ones go to disk as
    // they come. A failure on the way is reported by commit().
    virtual void append(std::string_view octets) = 0;

    // Is the disk behind? Then do not read more from the peer until on_drained's handler has run. append() works
    // nevertheless: this is a request, not a limit.
    virtual bool congested() const = 0;
    // Runs once, when the writer is no longer congested; soon, when it is not. Several may wait.
    virtual void on_drained(std::function<void()> handler) = 0;

    // Ends the message. `facts` comes without id and place, which the spool fills in. After commit() the writer may be
    // destroyed at once and must not be used again. When the handler runs with a record, the message is durable.
    //
    // With a peer_identity: recipients that the duplicate memory knows for this message are stored as `repeated`; when
    // it knows all of them, nothing is stored and the outcome is errc::already_have.
    virtual void commit(record facts, std::string envelope, std::string headers, commit_handler handler) = 0;
};

// The objects of one message. Every octet it gives out has been checked against the record's checksums.
class reader {
  public:
    virtual ~reader() = default;

    virtual result<std::string> envelope() = 0;
    virtual result<std::string> headers() = 0;
    // Some octets of the body from `offset` on: at least one, at most placement::check_octets; empty at the end of the
    // body. They are valid until the next call.
    virtual result<std::string_view> body(std::uint64_t offset) = 0;
};

struct health_report {
    enum class condition { ok, short_of_space, failing };

    condition state = condition::ok;
    std::string text; // what is wrong, for the operator; empty when ok
};

struct usage_report {
    std::uint64_t messages = 0;      // in the spool
    std::uint64_t octets = 0;        // of their objects
    std::uint64_t segments = 0;      // files that hold them
    std::uint64_t disk_octets = 0;   // the segments' size
    std::uint64_t free_octets = 0;   // what the disk still has, for us
    std::uint64_t memory_octets = 0; // of bodies: waiting in memory to be written
};

class spool {
  public:
    virtual ~spool() = default;

    // A new message. Ask health() first: a spool in trouble takes octets in but fails the commit.
    virtual std::unique_ptr<writer> begin() = 0;

    // Stores the outcome of an attempt, a hold, a release: all fields but `id` and `place`. Does nothing when the
    // message was settled meanwhile. find() and for_each() see it at once. It is on disk within a second: after a crash
    // before that, the attempt is made once more (towards xproto the peer's duplicate memory recognises it; an SMTP
    // server may get a second copy, as RFC 5321 section 6.1 foresees).
    virtual void update(const record& message) = 0;
    // The message is done with: forget it. As durable as update().
    virtual void settle(entry_id id) = 0;

    // errc::not_found; errc::damaged when a record cannot be read.
    virtual result<record> find(entry_id id) = 0;
    // Visits the records in the order of their ids, those after `after` only, until the visitor returns false. Records
    // that cannot be read are skipped and reported.
    virtual void for_each(const std::function<bool(const record&)>& visit, entry_id after = {}) = 0;
    // Prepares to read the objects of a message; they can be read for as long as it is not settled. Reading takes place
    // in the call that needs the octets, and blocks for as long as the disk takes.
    virtual result<std::unique_ptr<reader>> open(const record& message) = 0;

    // The recipients for which this peer's message was already taken, as they were addressed; usually none. Sees every
    // commit whose handler has run.
    virtual std::vector<std::string> already_have(std::string_view peer_identity, std::string_view message_id) = 0;

    virtual health_report health() const = 0;
    virtual usage_report usage() const = 0;
};

} // namespace gateway::spool
