// A message out of the spool as xproto sends it on: the envelope with this host's signed hop appended, the headers and
// the body as they are.
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/delivery/split_plan.hpp"
#include "gateway/runtime/runtime.hpp"
#include "gateway/site/identity.hpp"
#include "xproto/client_session.hpp"
#include "xproto/session.hpp"
#include "xproto/trace_batch.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::delivery {

class native_content {
  public:
    // For the recipients of `work` only, to be sent to `next`. The hop is still to be signed: with others, by `batch`,
    // whose signature number `signature_number()` goes to seal(). The verdict says why it cannot be made.
    static std::optional<mapping::verdict> open(const runtime& gateway, const site::identity& identity, const job& work,
                                                const std::string& next, xproto::signature_batch& batch,
                                                std::unique_ptr<native_content>& made);
    ~native_content();
    std::size_t signature_number() const;
    // To be called once, before anything else is asked for.
    std::optional<mapping::verdict> seal(const site::identity& identity, xproto::signature made);

    const std::string& message_id() const { return message_id_; }
    // `sha-256:...`, of a body that goes whole, and of each leaf otherwise.
    std::string digest_of(xproto::object_type type, std::size_t leaf) const;
    const std::string& media_type() const { return media_type_; }
    // Is it a control message, whose envelope is all that is sent?
    bool envelope_only() const { return envelope_only_; }
    // Does its sender demand TLS all the way (REQUIRETLS)?
    bool needs_tls() const { return needs_tls_; }
    std::uint64_t octets(xproto::object_type type) const;
    // Finds out how the body can be split, a part of the work with each call. True: done, or there is nothing to split.
    bool plan_split();
    // What is to be sent, split if that was planned.
    xproto::outgoing outgoing(std::uint64_t handle) const;
    // Octets of an object from `offset`, at least 1 and at most `most`; valid until the next call. `leaf` is an index.
    boost::system::result<std::string_view> read(xproto::object_type type, std::uint64_t offset, std::size_t most,
                                                 std::size_t leaf = 0);

  private:
    struct unsigned_part;

    native_content();
    boost::system::result<std::string_view> read_body(std::uint64_t offset, std::uint64_t most);

    std::unique_ptr<unsigned_part> unsigned_; // until seal()
    std::string message_id_, media_type_, body_digest_;
    std::string envelope_, headers_;
    std::uint64_t body_octets_ = 0;
    bool envelope_only_ = false, needs_tls_ = false;
    std::optional<split_plan> plan_;
    std::unique_ptr<spool::reader> reader_;
    std::string_view piece_; // of the body, as the reader gave it last
    std::uint64_t piece_offset_ = 0;
};

} // namespace gateway::delivery
