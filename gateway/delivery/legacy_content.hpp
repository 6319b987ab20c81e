// A message out of the spool in the form that SMTP wants: transaction, trace lines, the carrier of one that was born in
// xproto, header, and the body in pieces.
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/runtime/runtime.hpp"
#include "gateway/site/identity.hpp"
#include "smtp/content_scan.hpp"
#include "smtp/transaction.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::delivery {

class legacy_content {
  public:
    // Prepares the recipients of `work`, or those of them that may share a transaction, to be sent to the host `next`.
    // The verdict says why it cannot be read.
    static std::optional<mapping::verdict> open(const runtime& gateway, const site::identity& identity, const job& work,
                                                const std::string& next, std::unique_ptr<legacy_content>& made);

    // Positions in the job's recipients, ascending, of those whom this transaction is for.
    const std::vector<std::size_t>& covered() const { return covered_; }

    const smtp::transaction& transaction() const { return transaction_; }
    const smtp::content_facts& facts() const { return facts_; }

    struct piece {
        std::string_view octets; // valid until the next call
        bool last = false;
    };
    // What comes next; an error when the spool's octets cannot be read: then the content must not be finished.
    boost::system::result<piece> next();
    // The message's header, without what was put before it.
    std::string_view original_header() const;

  private:
    legacy_content() = default;
    std::optional<mapping::verdict> scan(const spool::content_facts& stored, bool utf8);

    std::vector<std::size_t> covered_;
    smtp::transaction transaction_;
    smtp::content_facts facts_;
    std::string head_; // trace lines, carrier, then the header
    std::size_t trace_octets_ = 0;
    bool head_given_ = false;
    std::unique_ptr<spool::reader> reader_;
    std::uint64_t body_octets_ = 0, offset_ = 0;
};

} // namespace gateway::delivery
