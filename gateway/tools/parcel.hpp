// A message ready to be sent over xproto: three objects, signed. Made from legacy messages, or from objects that a
// folder holds (`isthmus map`, `isthmus sink --dir`).
#pragma once

#include "gateway/cli/common.hpp"
#include "gateway/tools/credentials.hpp"
#include "gateway/tools/split_body.hpp"
#include "mapping/sender_certificate.hpp"
#include "smtp/transaction.hpp"
#include "xproto/client_session.hpp"
#include "xproto/envelope.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::tools {

using shared_octets = std::shared_ptr<const std::string>;

struct parcel {
    std::string id;
    std::string media_type;
    std::string envelope;        // XML
    shared_octets headers, body; // XML; octets, of which the first `body_begin` are not meant
    std::size_t body_begin = 0;
    bool envelope_only = false;                // a control message
    std::vector<xproto::recipient> recipients; // for reports; empty: not known
    std::shared_ptr<const split_body> split;   // of the body, where the session can; null: it goes whole
    std::uint64_t fragment_octets = 0;         // of the body; 0: in one piece

    std::string_view octets(xproto::object_type type, std::size_t leaf = 0) const;
    // `may_split`: does the session split bodies?
    xproto::outgoing outgoing(std::uint64_t handle, bool may_split) const;
};

// Three objects as a folder holds them.
struct objects_on_disk {
    std::string envelope;
    shared_octets headers, body; // null: a control message
};
attempt<objects_on_disk> read_objects(const std::filesystem::path& folder);

// A legacy message as objects, neither named nor signed yet: many parcels can be made of it.
struct draft {
    xproto::envelope envelope;
    shared_octets headers, body;
    std::size_t body_begin = 0;
};
// Adds SMTPUTF8 to the transaction when its addresses or the header need it (RFC 6531).
draft make_draft(shared_octets message, smtp::transaction transaction);

// Makes parcels, and signs them.
class packer {
  public:
    // `next` is the host that they go to. `who` must outlive this. Without a user CA nothing is signed as the
    // originator.
    packer(const credentials& who, std::string next, std::int64_t now);

    // Under a new id.
    attempt<parcel> seal(const draft& message);
    // So many, each under an id of its own, with one signature of the originator and one of the host over every `batch`
    // of them (docs/xproto.md, "Batches").
    attempt<std::vector<parcel>> seal(const draft& message, std::size_t count, std::size_t batch);
    // The envelope gets one more hop; an originator that nobody has signed for yet is signed for.
    attempt<parcel> forward(objects_on_disk objects);

  private:
    // What is wrong with the sender, or nothing.
    std::optional<std::string> certify_originator(xproto::envelope& envelope);
    std::optional<std::string> sign_originator(xproto::envelope& envelope);
    xproto::hop make_hop(const xproto::envelope& envelope) const;
    xproto::hop sign_hop(const xproto::envelope& envelope) const;
    xproto::envelope begin(const draft& message) const;
    parcel finish(const draft& message, xproto::envelope envelope, xproto::hop here) const;

    const credentials& who_;
    std::string next_;
    std::int64_t now_;
    std::optional<mapping::sender_certificates> users_;
};

// Nothing is signed, nothing needs to make sense. `id`: what the message is called if its envelope cannot be read.
attempt<parcel> as_it_is(objects_on_disk objects, const std::string& id);

} // namespace gateway::tools
