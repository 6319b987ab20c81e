// The sentences behind xproto::errc. Peers read them in the answer to a malformed line.
#include "xproto/errc.hpp"

#include <string>

namespace xproto {

namespace {

const char* sentence(errc e)
{
    switch (e) {
    case errc::not_a_line: return "a line begins with [";
    case errc::line_too_long: return "the line is too long";
    case errc::bare_newline: return "a line ends in CRLF, not in a bare LF";
    case errc::bare_return: return "a CR without LF";
    case errc::control_character: return "a control character in a line";
    case errc::not_utf8: return "the line is not UTF-8";
    case errc::bad_tag: return "not a tag";
    case errc::bad_verb: return "not a verb";
    case errc::bad_parameter: return "not a parameter";
    case errc::too_many_parameters: return "too many parameters";
    case errc::bad_code: return "not a result code";
    case errc::bad_group: return "not a group";
    case errc::bad_text: return "an octet in the text is wrongly escaped";
    case errc::bad_end: return "the line does not end with its ]";
    }
    return "unknown";
}

// The base's destructor is protected instead of virtual, which the warning does not see.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "xproto"; }
    std::string message(int value) const override { return sentence(static_cast<errc>(value)); }
};
#pragma GCC diagnostic pop

} // namespace

const boost::system::error_category& session_category()
{
    static const category the_one;
    return the_one;
}

} // namespace xproto
