// The writer of the durable spool: gathers a body's octets and hands them to the commit thread.
#pragma once

#include "gateway/spool/inbox.hpp"
#include "gateway/spool/traffic.hpp"

namespace gateway::spool {

class disk_writer : public writer {
  public:
    disk_writer(entry_id id, const disk_limits& limits, std::shared_ptr<inbox> to, std::shared_ptr<traffic> all,
                poster post);
    ~disk_writer() override;
    disk_writer(const disk_writer&) = delete;
    disk_writer& operator=(const disk_writer&) = delete;

    entry_id id() const override { return id_; }
    void append(std::string_view octets) override;
    bool congested() const override { return all_->congested(*flow_); }
    void on_drained(std::function<void()> handler) override;
    void commit(record facts, std::string envelope, std::string headers, commit_handler handler) override;

  private:
    void hand_over();

    entry_id id_;
    disk_limits limits_;
    std::shared_ptr<inbox> to_;
    std::shared_ptr<traffic> all_;
    poster post_;
    std::shared_ptr<intake> intake_;
    std::shared_ptr<writer_flow> flow_ = std::make_shared<writer_flow>();
    std::string buffer_;
    bool streams_ = false; // has the commit thread octets of this body?
};

} // namespace gateway::spool
