// What can be wrong with the octets of an xproto session below the meaning of its commands: each error names one rule
// of the grammar in docs/xproto.md, "Framing". All of them end the session.
#pragma once

#include <boost/system/error_code.hpp>

#include <type_traits>

namespace xproto {

enum class errc {
    not_a_line = 1,    // a line begins with `[` and nothing else
    line_too_long,     // session_limits::line
    bare_newline,      // a LF without CR before it
    bare_return,       // a CR without LF after it
    control_character, // C0 or DEL inside a line
    not_utf8,
    bad_tag,             // `*`, or 1 to 4294967295 without leading zeros
    bad_verb,            // 1 to 16 letters A to Z, or OK, ERR, TMP
    bad_parameter,       // a token, a quoted string, or a number in braces
    too_many_parameters, // line::max_parameters
    bad_code,            // a result code is dotted decimal
    bad_group,           // `(NAME=value, ...)`, `(NAME text)`, `(NAME=value OK code text)`
    bad_text,            // an octet that needs a backslash before it, or a backslash before one that needs none
    bad_end,             // something other than `]` at the end of the line, or anything after it
};

const boost::system::error_category& session_category();

inline boost::system::error_code make_error_code(errc e)
{
    return {static_cast<int>(e), session_category()};
}

} // namespace xproto

template <> struct boost::system::is_error_code_enum<xproto::errc> : std::true_type {
};
