// Reads a message's objects from the segments and gives out no octet before its checksum has been verified: a small
// message by one read, a large one piece by piece.
#pragma once

#include "gateway/spool/record.hpp"
#include "gateway/spool/segment_files.hpp"
#include "gateway/spool/spool.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gateway::spool {

class disk_reader : public reader {
  public:
    // Opens the files that hold the message. `damage` is told what is wrong with them, for the operator.
    static result<std::unique_ptr<reader>> open(const placement& place, segment_files& files,
                                                std::function<void(const std::string&)> damage);

    result<std::string> envelope() override;
    result<std::string> headers() override;
    result<std::string_view> body(std::uint64_t offset) override;

  private:
    // An extent, and where it stands in the row of all of them.
    struct run {
        extent where;
        std::uint64_t start = 0;
        std::shared_ptr<const file> from;
    };

    disk_reader(const placement& place, file_operations& files, std::function<void(const std::string&)> damage)
        : place_(place), files_(files), damage_(std::move(damage))
    {
    }
    boost::system::error_code add_run(const extent& where, segment_files& files);
    boost::system::error_code load(std::uint64_t start, std::uint64_t octets);
    boost::system::error_code need(std::uint64_t start, std::uint64_t octets);
    boost::system::error_code damaged(const run& at, const std::string& how);
    result<std::string_view> checked(std::uint64_t start, std::uint64_t octets, std::uint32_t check);

    placement place_;
    file_operations& files_;
    std::function<void(const std::string&)> damage_;
    std::vector<run> runs_;
    std::string loaded_; // octets of the row from here on
    std::uint64_t loaded_start_ = 0;
};

} // namespace gateway::spool
