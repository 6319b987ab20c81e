#include "gateway/tools/xproto_load.hpp"

#include "gateway/cli/text.hpp"

#include <boost/asio/co_spawn.hpp>

namespace gateway::tools {

namespace asio = boost::asio;
using session = xproto::client_session;

xproto_load::xproto_load(workbench& bench, const client_setup& setup, std::vector<xproto_client::parcel_ptr> parcels)
    : bench_(bench), setup_(setup), parcels_(std::move(parcels))
{
}

void xproto_load::start(std::uint32_t sessions)
{
    result_.begin();
    running_ = sessions;
    for (std::uint32_t i = 0; i < sessions; ++i) {
        const auto client = std::make_shared<xproto_client>(
            bench_, setup_, [this] { return next(); },
            [this](const parcel& sent, const session::result& outcome) { take(sent, outcome); });
        asio::co_spawn(bench_.context(), client->run(),
                       [this, client](const std::exception_ptr& bug, const session_report& report) {
                           if (bug) std::rethrow_exception(bug);
                           ended(report);
                       });
    }
}

xproto_client::parcel_ptr xproto_load::next()
{
    if (parcels_.empty()) return nullptr;
    auto one = std::move(parcels_.back());
    parcels_.pop_back();
    under_way_[one->id] = load_result::clock::now();
    return one;
}

void xproto_load::take(const parcel& sent, const session::result& outcome)
{
    const auto begun = under_way_.extract(sent.id);
    const auto why = outcome.code.text() + " " + cli::printable(outcome.text);
    switch (outcome.outcome) {
    case session::outcome::accepted: return result_.accepted(begun.mapped());
    case session::outcome::refused: return result_.refused(why);
    case session::outcome::lost: return result_.lost(why);
    }
}

void xproto_load::ended(const session_report& report)
{
    reached_ |= report.ready;
    if (!report.orderly) result_.problem("session: " + report.what);
    if (--running_ > 0) return;
    result_.end();
    bench_.finish();
}

} // namespace gateway::tools
