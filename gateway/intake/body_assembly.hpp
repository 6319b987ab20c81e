// The body of a message on its way in over xproto: whole, or as a skeleton and leaves (docs/xproto.md, "Split bodies").
// Its octets come from the peer, from what is here of it since a transfer that broke off, and from leaves that the same
// peer has sent before. They go to the spool in the body's order as soon as their turn has come, and are believed only
// when all digests are right. Nothing here holds more in memory than a skeleton's first 64 KiB and one piece.
#pragma once

#include "gateway/runtime/runtime.hpp"
#include "gateway/spool/held_objects.hpp"
#include "mapping/parts/split.hpp"
#include "smtp/content_scan.hpp"
#include "xproto/envelope.hpp"
#include "xproto/server_session.hpp"
#include "xproto/skeleton.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::intake {

// Octets that wait for their turn: the first ones in memory, all when they become many in a file without a name.
class waiting_octets {
  public:
    explicit waiting_octets(spool::held_objects& disk) : disk_(disk) {}

    void append(std::string_view octets);
    // The next ones; valid until the next call. An error, or the end.
    boost::system::result<std::string_view> next(std::uint64_t most);
    std::uint64_t octets() const { return octets_; }

  private:
    spool::held_objects& disk_;
    std::string memory_;
    spool::file file_;
    std::uint64_t octets_ = 0;
    std::uint64_t taken_ = 0;
    bool failed_ = false;
};

class body_assembly {
  public:
    using question = xproto::server_session::check_object;

    struct refusal {
        xproto::result_code code;
        std::string why;
    };
    // Why not; nothing: all is well.
    using verdict = std::optional<refusal>;
    using verdict_handler = std::function<void(verdict)>;

    // `alive` ends work that is under way when it expires. `peer` is proved; `resumes`: may it ask what is here?
    body_assembly(runtime& gateway, std::weak_ptr<void> alive, std::string peer, std::string message_id, bool resumes,
                  xproto::object_reference body);

    // --- a whole body
    // May it come? Later, when octets of it are here already.
    void begin_body(const question& asked, verdict_handler handler);
    verdict finish_body();

    // --- a split one
    verdict begin_skeleton(const question& asked);
    verdict finish_skeleton();
    // May the next leaf come? When it need not, leaf_is_here() is true.
    void begin_leaf(const question& asked, verdict_handler handler);
    bool leaf_is_here() const { return leaf_is_here_; }
    bool leaf_is_last() const { return leaf_is_last_; }
    std::uint64_t leaf_octets() const { return table_->leaves[next_leaf_].octets; }
    verdict finish_leaf();
    // Has every leaf been here?
    bool has_all_leaves() const { return table_ && next_leaf_ == table_->leaves.size(); }
    // Adds what is left, and tells whether the body is the one that the envelope names.
    void complete(verdict_handler handler);

    // Octets of what was permitted last.
    void append(xproto::object_type type, std::string_view octets);

    // The body is in the spool: nothing needs to be held for another attempt.
    void forget_beginning();

    spool::writer& writer() { return *writer_; }
    smtp::content_facts facts() const { return scan_.facts(); }

  private:
    void push(std::string_view octets);
    void push_skeleton(std::string_view octets);
    void begin_right_leaf(const question& asked, const xproto::leaf& leaf, verdict_handler handler);
    verdict begin_arrival(const question& asked, const xproto::digest& sha256, std::uint64_t octets);
    verdict end_leaf();
    void go_on(verdict_handler handler);
    void work();
    verdict work_some(bool& waits);
    boost::system::result<std::string_view> next_octets(const mapping::parts::body_joiner::source& due);
    verdict end_of_beginning();
    spool::held_name name_of(const xproto::digest& sha256) const;

    runtime& gateway_;
    std::weak_ptr<void> alive_;
    std::string peer_, peer_word_, message_word_;
    bool resumes_;
    xproto::object_reference body_;
    std::unique_ptr<spool::writer> writer_;
    smtp::content_scan scan_;

    std::optional<mapping::parts::body_joiner> joiner_;
    bool matches_ = true;       // are the leaves so far those that the table names?
    bool overlong_ = false;     // has more come than was due?
    bool went_on_ = false;      // was anything put together from two transfers?
    std::uint64_t arrived_ = 0; // octets of the object under way

    // Of a split body.
    xproto::skeleton_reader reader_;
    std::optional<xproto::object_error> broken_;
    std::optional<xproto::sha256_stream> skeleton_digest_;
    std::string skeleton_claim_;
    std::optional<xproto::skeleton_table> table_;
    waiting_octets rest_;
    std::size_t next_leaf_ = 0;
    bool leaf_is_here_ = false;
    bool leaf_is_last_ = false;

    // Of the object under way.
    std::unique_ptr<spool::held_objects::arrival> arrival_; // where it is kept as it comes
    std::unique_ptr<spool::held_objects::leaf> leaf_;       // here since an earlier message
    std::uint64_t read_ = 0, to_read_ = 0;                  // of leaf_, or of the beginning that arrival_ has
    std::string claimed_beginning_;                         // digest of that beginning, as the peer says
    std::optional<xproto::sha256_stream> beginning_;
    std::string piece_;
    verdict_handler handler_;
};

} // namespace gateway::intake
