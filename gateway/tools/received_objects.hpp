// The objects of one xproto message on their way into a test receiver: kept, digested, verified, described.
#pragma once

#include "gateway/tools/receipts.hpp"
#include "xproto/digest.hpp"
#include "xproto/session.hpp"
#include "xproto/trace.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::tools {

class received_objects {
  public:
    // `content` may be null.
    received_objects(std::string id, std::unique_ptr<message_folder::entry> content);

    void append(xproto::object_type type, std::string_view octets);
    // The envelope is complete: reads it and verifies its trace.
    void finish_envelope(const xproto::trace_expectations& expected);
    void finish_headers();
    void finish_body();

    const std::string& id() const { return id_; }
    // Nothing if it could not be read.
    const std::optional<xproto::envelope>& envelope() const { return envelope_; }
    // Is the envelope the whole message?
    bool envelope_only() const { return envelope_ && envelope_->objects.empty(); }

    // What the answers say about single recipients.
    std::vector<xproto::recipient_answer> refused;

    // What there is to say about it, when it is complete, and its octets. Once.
    receipt describe() const;
    std::unique_ptr<message_folder::entry> take_content() { return std::move(content_); }

  private:
    void compare(std::string_view type, std::uint64_t octets, const xproto::digest& found);
    void blame(const std::string& what);

    std::string id_;
    std::unique_ptr<message_folder::entry> content_;
    std::string envelope_xml_, headers_xml_;
    std::optional<xproto::envelope> envelope_;
    xproto::sha256_stream body_digest_;
    std::uint64_t body_octets_ = 0;
    std::string trace_, objects_ = "sound";
};

} // namespace gateway::tools
