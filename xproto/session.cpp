// Names of the kinds of objects.
#include "xproto/session.hpp"

namespace xproto {

std::string_view to_text(object_type type)
{
    switch (type) {
    case object_type::envelope: return "message/envelope";
    case object_type::headers: return "message/headers";
    case object_type::skeleton: return "message/skeleton";
    case object_type::leaf: return "message/leaf";
    case object_type::body: break;
    }
    return "message/body";
}

std::optional<object_type> object_type_from_text(std::string_view text)
{
    for (const auto type : object_types)
        if (text == to_text(type)) return type;
    return std::nullopt;
}

} // namespace xproto
