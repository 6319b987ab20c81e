// Carrier fields are read, and their objects held against one another.
#include "mapping/carrier/opened.hpp"

#include "xproto/digest.hpp"

#include <algorithm>
#include <utility>

namespace mapping::carrier {

const xproto::object_reference* opened::object(std::string_view type) const
{
    const auto& objects = envelope.objects;
    const auto found = std::find_if(objects.begin(), objects.end(), [&](const auto& o) { return o.type == type; });
    return found == objects.end() ? nullptr : &*found;
}

opening open(const header_section& header, const limits& bounds, const xproto::envelope_limits& envelope,
             const xproto::headers_limits& headers)
{
    opening out;
    auto read = find_fields(header, bounds);
    out.any = read.any;
    out.reason = std::move(read.reason);
    if (!read.what) return out;
    const auto fail = [&](std::string why) {
        out.reason = std::move(why);
        return out;
    };
    auto made = xproto::read_envelope(read.what->envelope, envelope);
    if (!made) return fail("its envelope cannot be read: " + made.error().what);
    opened all{std::move(*read.what), std::move(*made), {}, std::move(read.where)};
    if (!all.is_control()) {
        const auto* named = all.object("message/headers");
        if (named == nullptr || all.body() == nullptr || all.envelope.objects.size() != 2)
            return fail("its envelope does not name headers and body");
        if (named->octets != all.what.headers.size() || named->sha256 != xproto::sha256(all.what.headers))
            return fail("its headers are not those that its envelope names");
        auto fields = xproto::read_headers(all.what.headers, headers);
        if (!fields) return fail("its headers cannot be read: " + fields.error().what);
        all.headers = std::move(*fields);
    } else if (!all.what.headers.empty()) {
        return fail("it has headers that its envelope does not name");
    }
    out.what = std::move(all);
    return out;
}

} // namespace mapping::carrier
