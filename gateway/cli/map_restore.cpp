// Nobody's keys are here, so nothing can be said anew: objects come back whole, or the message is mapped as it is.
#include "gateway/cli/map_restore.hpp"

#include "gateway/cli/text.hpp"
#include "mapping/carrier/restore.hpp"
#include "mapping/carrier/undo_encoding.hpp"
#include "mapping/to_smtp.hpp"
#include "xproto/trace.hpp"

#include <limits>

namespace gateway::cli {
namespace {

using mapping::carrier::arrived_body;
using mapping::carrier::opened;

// Which signatures hold can be told without knowing whose they are.
std::string broken_link(const xproto::envelope& envelope)
{
    xproto::trace_expectations expected;
    expected.now = std::numeric_limits<xproto::unix_seconds>::max() / 4;
    expected.limits.hops = envelope.trace.size() + 1;
    expected.limits.age = std::numeric_limits<xproto::unix_seconds>::max() / 2;
    return xproto::verify_trace(envelope, expected).broken;
}

std::string changes_text(const xproto::forwarding& how)
{
    std::string out;
    for (const auto& c : how.next.changes) out += (out.empty() ? "" : "; ") + c.object + ": " + printable(c.reason);
    return out;
}

restoring not_restored(const std::string& why)
{
    restoring out;
    out.note = "its carrier is not used: " + why;
    return out;
}

} // namespace

restoring restore_message(const mapping::message_splitter& message, const std::optional<std::string>& body,
                          const std::optional<smtp::transaction>& wanted)
{
    auto found = mapping::carrier::open(message.header());
    if (!found.any) return {};
    if (!found.what) return not_restored(printable(found.reason));
    const auto& carried = *found.what;
    if (const auto broken = broken_link(carried.envelope); !broken.empty()) return not_restored(printable(broken));

    restored_message made;
    arrived_body arrived;
    arrived.octets = message.body_octets();
    arrived.sha256 = message.body_digest();
    const auto* sent = carried.body();
    if (sent != nullptr && body && arrived.sha256 != sent->sha256)
        made.body = mapping::carrier::undo_encoding(carried, message.header(), *body);
    if (made.body) {
        arrived.octets = sent->octets;
        arrived.sha256 = sent->sha256;
    }
    const auto transaction = wanted ? *wanted : mapping::transaction_of(carried.envelope);
    auto back = mapping::carrier::restore(carried, transaction, message.header(), arrived);
    if (!back.message) return not_restored(back.reason);
    const auto& how = back.message->envelope;
    if (!how.next.changes.empty())
        return not_restored("the message was changed on the way (" + changes_text(how) +
                            "), which only a gateway can certify");
    if (!how.added.empty() || how.keep.size() != carried.envelope.recipients.size())
        return not_restored("the recipients are not those that were signed");
    restoring out;
    if (made.body) out.note = "undone: body encoded anew";
    if (!how.next.legacy.empty())
        out.note += (out.note.empty() ? "" : "; ") + std::to_string(how.next.legacy.size()) +
                    " trace fields of hosts on the way are not kept";
    made.envelope_xml = carried.what.envelope;
    made.headers_xml = std::move(back.message->headers);
    made.is_control = carried.is_control();
    out.message = std::move(made);
    return out;
}

} // namespace gateway::cli
