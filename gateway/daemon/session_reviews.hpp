// Has every live session reviewed when what peers were believed and welcomed for was read again: a few at a time, since
// many take long and others want their turn.
#pragma once

#include "gateway/sessions/registry.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace gateway::daemon {

class session_reviews {
  public:
    // Both must outlive this, and this the work of the context.
    session_reviews(boost::asio::io_context& context, sessions::registry& sessions)
        : context_(context), sessions_(sessions)
    {
    }

    void begin()
    {
        if (sessions_.begin_reviews()) go_on();
    }

  private:
    void go_on()
    {
        if (sessions_.review_some()) boost::asio::post(context_, [this] { go_on(); });
    }

    boost::asio::io_context& context_;
    sessions::registry& sessions_;
};

} // namespace gateway::daemon
