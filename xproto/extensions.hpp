// What this host does beyond the core, under object identifiers (docs/xproto.md, "Extensions"). The table is one value,
// built where the program is put together and handed down. Lists of options, what OPT may switch, the texts of result
// codes and the check of an envelope's extensions all follow from it: installing a row is what makes an option appear.
#pragma once

#include "xproto/codes.hpp"
#include "xproto/envelope.hpp"
#include "xproto/object_error.hpp"
#include "xproto/options.hpp"
#include "xproto/session.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

// To whom an option is offered.
struct audience {
    bool anybody = false; // in the greeting already
    bool unknown = false;
    bool known = false;
    bool trusted = false;

    bool includes(standing peer) const
    {
        return anybody || (peer == standing::unknown && unknown) || (peer == standing::known && known) ||
               (peer == standing::trusted && trusted);
    }
};

// The values of an option that OPT switches. One that has no values is only named: whoever is offered it may use it.
inline constexpr std::array<std::string_view, 2> on_and_off{"ON", "OFF"};

// Works hop by hop, within a session.
struct transfer_extension {
    option id{};
    std::string_view word; // in lists of options and in OPT
    std::string_view oid;  // its own result codes are below, as OID.0.CLASS.N
    audience offered;
    std::optional<option> needs; // without which it cannot be on
    std::span<const std::string_view> values = on_and_off;
    result_code switched = codes::options_set; // what OPT answers when it could be switched
    std::span<const code_entry> codes = {};    // its own
};

// Carried in the envelope, and acted upon by the recipient's domain.
struct delivery_extension {
    std::string_view oid;
    std::string_view name; // for people
    // Why the content of this extension cannot be acted upon, if so.
    std::optional<object_error> (*refuse)(const extension& found) = nullptr;
};

// Carried in the headers object, and left to the recipient: it is listed, and never run.
struct recipient_extension {
    std::string_view oid;
    std::string_view name; // for people
};

class extension_table {
  public:
    // Replaces what has the same object identifier.
    void install(const transfer_extension& row);
    void install(const delivery_extension& row);
    void install(const recipient_extension& row);
    // Takes out whatever has this object identifier.
    void remove(std::string_view oid);

    // In the order in which they were installed.
    std::span<const transfer_extension> transfer() const { return transfer_; }
    std::span<const delivery_extension> delivery() const { return delivery_; }
    std::span<const recipient_extension> recipient() const { return recipient_; }

    const transfer_extension* find(option id) const;
    const transfer_extension* find_option(std::string_view word) const;
    const delivery_extension* find_delivery(std::string_view oid) const;

    // What may be switched on or used by anybody, and by a peer of this standing.
    option_set open_to_anybody() const;
    option_set offered_to(standing peer) const;
    // Those of `wanted` that are installed and have all that they need among them.
    option_set workable(option_set wanted) const;
    // The text of a core code or of an extension's own; empty for one that is neither.
    std::string_view text_of(const result_code& code) const;

    // Why an envelope must be refused: all critical extensions that are not known, or the first whose content cannot be
    // acted upon. What is not critical may say what it likes.
    std::optional<object_error> refuse(const std::vector<extension>& found) const;

  private:
    std::vector<transfer_extension> transfer_;
    std::vector<delivery_extension> delivery_;
    std::vector<recipient_extension> recipient_;
};

// PIPE: octets travel in chunks, many transfers at once. Every implementation of this version has it.
extern const transfer_extension pipe_extension;
// TLS: a session that begins in clear is given up for one under TLS.
extern const transfer_extension tls_extension;
// TRACE: the server tells what becomes of messages later (xproto/trace_notice.hpp).
extern const transfer_extension trace_extension;
// SPLIT: bodies travel as a skeleton and leaves.
extern const transfer_extension split_extension;

// STAT: asks what is here of a message, so that a transfer goes on where it broke off.
extern const transfer_extension stat_extension;
// NOW: the octets of small objects follow their request at once.
extern const transfer_extension now_extension;
// DUPLEX: the server sends messages too.
extern const transfer_extension duplex_extension;
// ZSTD: chunks are compressed.
extern const transfer_extension zstd_extension;

// URG: ABOR in the middle of bare octets, as TCP urgent data. In clear only, and only where it is asked for by name.
extern const transfer_extension urg_extension;

// Result codes of extensions.
namespace codes {

inline constexpr result_code now_set{99, 3, 2, 0, 2, 1};
inline constexpr result_code now_too_large{99, 3, 2, 0, 5, 1};
inline constexpr result_code zstd_set{99, 3, 3, 0, 2, 1};
inline constexpr result_code zstd_broken{99, 3, 3, 0, 5, 1};

} // namespace codes

// All transfer extensions that this implementation can install.
std::span<const transfer_extension* const> known_transfer_extensions();

} // namespace xproto
