// One header field of a legacy message as xproto objects carry it (docs/xproto.md, "Objects").
//
// Two forms. The plain form holds the name, the text after the colon with each line end of a fold taken out, and the
// offsets where they stood: it is what people and filters read. The raw form holds the whole field, line end included,
// as octets; it is used for whatever the plain form could not give back octet for octet (a bare CR, a NUL,
// characters that XML cannot hold, white space before the colon, a line that is no field at all).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

struct field {
    std::string name; // as it stood in the message, letter case kept; empty in the raw form if there is none
    std::string text; // plain form: UTF-8 text of XML characters, no CR or LF
    std::vector<std::uint32_t> folds; // plain form: octet offsets into text where a line end stood, ascending
    bool bare_lf = false;             // plain form: its line ends were LF, not CRLF
    bool raw = false;
    std::string octets; // raw form: the complete field with its name, colon and line ends
    // What the field says, beside what it is: the elements of urn:xproto:view:1 inside its element, in the one form
    // that element::foreign() (document.hpp) gives them. Nothing here knows what they mean. Empty: no view.
    std::string view;

    bool operator==(const field&) const = default;
};

// What writers must keep and readers demand, so that no field can forge another one or end the header when it is
// written into a message. Plain form: a name of RFC 5322's characters (33 to 126, no colon); text that is_plain_text();
// folds ascending, each before a space or tab; no octets. Raw form: octets, in which a line feed stands only at the end
// and before a space or tab; the name that they begin with (up to the colon and the white space before it), empty when
// they begin with none; no text, no folds, no bare_lf.
bool is_valid(const field& f);

// Can these octets be the text of a plain field: UTF-8 (RFC 3629) of characters that XML 1.0 may hold,
// without CR and LF? What cannot goes into the raw form.
bool is_plain_text(std::string_view octets);

} // namespace xproto
