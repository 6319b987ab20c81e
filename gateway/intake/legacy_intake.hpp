// One legacy message on its way in: its octets are mapped while they stream into the spool, and when all are here the
// three objects are made, signed and committed. Only after that is it ours.
#pragma once

#include "gateway/intake/common.hpp"
#include "gateway/intake/facts.hpp"
#include "gateway/intake/returning_message.hpp"
#include "gateway/runtime/runtime.hpp"
#include "mapping/message_splitter.hpp"
#include "mapping/verdict.hpp"
#include "smtp/content_scan.hpp"
#include "smtp/transaction.hpp"
#include "xproto/envelope.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::intake {

class legacy_intake {
  public:
    legacy_intake(runtime& gateway, client_facts client, smtp::transaction transaction);

    // Octets of the content as they come, header first.
    void append(std::string_view octets);
    bool congested() const { return writer_->congested(); }
    boost::asio::awaitable<void> drained() { return intake::drained(*writer_); }

    // All octets are here: makes the message durable. Delivered means that it is ours now; anything else that it is
    // not.
    boost::asio::awaitable<mapping::verdict> commit();

  private:
    // The three objects; the body is in the spool.
    struct objects {
        xproto::envelope envelope;
        std::string envelope_xml, headers_xml;
    };
    void keep(std::string_view body);
    void take(std::string_view body);
    void finish_body();
    void add_report(xproto::envelope& envelope) const;
    boost::asio::awaitable<objects> make_objects();
    boost::asio::awaitable<std::optional<mapping::verdict>> filter();
    boost::asio::awaitable<mapping::verdict> store(objects made);
    mapping::verdict accepted(spool::record stored);
    mapping::verdict refused(const boost::system::error_code& why);

    runtime& gateway_;
    client_facts client_;
    smtp::transaction transaction_;
    mapping::message_splitter splitter_;
    smtp::content_scan scan_; // of the body
    std::unique_ptr<spool::writer> writer_;
    bool looked_ = false; // for a carrier?
    std::unique_ptr<returning_message> returning_;
    std::optional<returning_message::objects> restored_;
    // The beginning of the body, when the header says that it may be a report; decided at the first octet of the body.
    std::optional<bool> reading_;
    std::string read_;
};

} // namespace gateway::intake
