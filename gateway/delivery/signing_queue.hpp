// Jobs of an xproto session whose hops are signed: all that wait share one signature (docs/xproto.md, "Batches").
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/delivery/native_content.hpp"
#include "gateway/runtime/runtime.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gateway::delivery {

struct signed_job {
    delivery::job job;
    std::unique_ptr<native_content> content;
};

class signing_queue {
  public:
    // Signed at once at most; they are open for reading until they are sent.
    static constexpr std::size_t largest_batch = 64;

    // `host`: whom they are sent to.
    signing_queue(runtime& gateway, std::shared_ptr<const site::identity> identity, std::string host);

    bool empty() const { return ready_.empty(); }
    // The next one; when there is none, of those that `take` gives. A job that cannot be read is finished.
    std::optional<signed_job> next(const std::function<std::optional<job>()>& take);
    void finish_all(const std::function<void(job&)>& finish);
    void withdraw(spool::entry_id id);

  private:
    void sign(const std::function<std::optional<job>()>& take);
    void unreadable(job& of, const mapping::verdict& why) const;

    runtime& gateway_;
    std::shared_ptr<const site::identity> identity_;
    std::string host_;
    std::deque<signed_job> ready_;
};

} // namespace gateway::delivery
