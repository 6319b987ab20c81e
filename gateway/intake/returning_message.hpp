// A message that was born in xproto and comes by SMTP, with its objects in carrier fields (docs/mapping.md, laws L2 and
// L3). Only a carrier whose signatures hold, by hosts that this site knows, is believed; without one the message is
// the legacy message that it is.
#pragma once

#include "gateway/intake/facts.hpp"
#include "gateway/runtime/runtime.hpp"
#include "mapping/carrier/restore.hpp"
#include "mapping/header_section.hpp"
#include "smtp/content_scan.hpp"
#include "smtp/transaction.hpp"
#include "xproto/digest.hpp"
#include "xproto/envelope.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::intake {

// Under this name the duplicate memory keeps the ids of restored messages. No host has it.
inline constexpr std::string_view restored_peer = "smtp:";

class returning_message {
  public:
    ~returning_message();
    returning_message(const returning_message&) = delete;
    returning_message& operator=(const returning_message&) = delete;

    // Looks for a carrier when the header is here. Null: there is none, or none to believe, which the log tells.
    static std::unique_ptr<returning_message> find(runtime& gateway, const client_facts& client,
                                                   const mapping::header_section& header);

    // The body's octets as they come. They are kept until it is clear that nothing has to be undone in them, or that
    // there are too many; what is to be stored is appended to `store`.
    void append(std::string_view octets, std::string& store);

    struct objects {
        xproto::envelope envelope;
        std::string envelope_xml, headers_xml;
        std::string undone; // in words
    };
    // All is here. Appends the rest of the body to `store`. Nothing: the message is a legacy one after all. To be kept
    // until the outcome is committed: no other message with this id is restored as long as this lives.
    std::optional<objects> finish(const smtp::transaction& transaction, const mapping::header_section& header,
                                  const xproto::digest& body_digest, std::string& store);

  private:
    returning_message(runtime& gateway, const client_facts& client, mapping::carrier::opened carried);

    std::optional<objects> finish_control(const smtp::transaction& transaction, const mapping::header_section& header);
    std::optional<objects> finish_message(const smtp::transaction& transaction, const mapping::header_section& header,
                                          const xproto::digest& body_digest);
    std::optional<objects> make(const smtp::transaction& transaction, const mapping::header_section& header,
                                const mapping::carrier::arrived_body& body);
    std::optional<objects> seal(mapping::carrier::restored made);
    bool is_known(const xproto::envelope& envelope) const;
    void ignored(std::string_view why) const;

    runtime& gateway_;
    const client_facts& client_;
    mapping::carrier::opened carried_;
    std::string held_; // of the body
    bool holding_ = true;
    bool has_id_ = false;                // does runtime::restoring hold our id?
    std::uint64_t octets_ = 0;           // of the body
    xproto::sha256_stream first_octets_; // of it: as many as the body that was sent has
};

} // namespace gateway::intake
