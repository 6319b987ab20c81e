// Signatures that are wanted in the same turn of the event loop, made as one (docs/xproto.md, "Batches").
#pragma once

#include "xproto/trace_batch.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gateway {

// Belongs to the thread of the event loop. Must outlive whoever waits for a signature.
class batch_signer {
  public:
    batch_signer(boost::asio::io_context& context, xproto::private_key key);

    const xproto::private_key& key() const { return key_; }
    // Signs `octets`, when all that is ready to run now has had its turn.
    boost::asio::awaitable<xproto::signature> sign(std::string octets);

  private:
    using receiver = std::function<void(xproto::signature)>;

    void add(const std::string& octets, receiver waiting);
    void finish();

    boost::asio::io_context& context_;
    xproto::private_key key_;
    xproto::signature_batch batch_;
    std::vector<receiver> waiting_;
};

} // namespace gateway
