// What both ways in have in common: the record's facts and what is said about a commit.
#pragma once

#include "gateway/runtime/runtime.hpp"
#include "mapping/to_xproto.hpp"
#include "mapping/verdict.hpp"
#include "xproto/envelope.hpp"
#include "xproto/session.hpp"

#include <boost/asio/awaitable.hpp>

namespace gateway::intake {

// A random xproto message id of this site: 26 characters of base 32 (130 random bits) and the host.
std::string make_message_id(const std::string& host);

// The record's facts that are the same on both ways in.
spool::record make_record(const runtime& gateway, const xproto::envelope& envelope);

// Which views the configuration wants.
mapping::mapping_options mapping_options(const config::settings& settings);

// Waits until a writer is no longer congested.
boost::asio::awaitable<void> drained(spool::writer& writer);

// What the peer is told about one recipient of its envelope.
xproto::recipient_answer answer_for(const xproto::recipient& to, const mapping::verdict& v);

// The verdict about a commit that failed.
mapping::verdict commit_failure(const boost::system::error_code& why);

} // namespace gateway::intake
