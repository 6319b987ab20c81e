// What the spool's tests share: an event loop that the test turns by hand, a folder that goes with the test, messages
// whose octets follow from a number, and a disk that can be told to fail.
#pragma once

#include "gateway/spool/disk.hpp"
#include "gateway/spool/file_operations.hpp"
#include "gateway/spool/spool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace gateway::spool::test {

// Functions that other threads posted, run by the test's thread.
class event_loop {
  public:
    poster post();
    // Until the condition holds; a test that waits for 20 seconds has failed.
    template <class Condition> bool run_until(Condition done)
    {
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!done()) {
            if (!run_one(patience)) return false;
        }
        return true;
    }
    void run_ready();

  private:
    bool run_one(std::chrono::steady_clock::time_point patience);

    std::mutex mutex_;
    std::condition_variable arrival_;
    std::deque<std::function<void()>> functions_;
};

// A fresh folder, removed with all that is in it.
class temporary_folder {
  public:
    temporary_folder();
    ~temporary_folder();
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    const std::filesystem::path path;
};

// Octets that follow from a number: the same number, the same octets; no two stretches are alike.
std::string octets_of(std::uint64_t number, std::size_t size);

struct message {
    record facts;
    std::string envelope, headers, body;
};

// A message with one recipient; its objects follow from `number`.
message make_message(std::uint64_t number, std::size_t body_octets);

// Commits and waits for the outcome. The body is appended in pieces of this size.
result<record> commit(spool& into, event_loop& loop, const message& what, std::size_t piece = 100'000);

// The message as it is read back; fails the test when it cannot be read.
message read_back(spool& from, const record& facts);
void expect_intact(spool& from, const record& facts, const message& want);

std::vector<record> all_records(spool& from);
std::vector<std::string> segment_names(const std::filesystem::path& spool_folder);

// Files that fail when told to. Everything else is real.
class failing_files : public file_operations {
  public:
    enum class fault { none, create, write, half_write, sync, sync_folder, read, punch, free };

    // From now on, until told otherwise; `value` is the system's error number.
    void fail(fault what, int value);
    void work() { fault_ = fault::none; }
    std::atomic<std::uint64_t> free{std::uint64_t{1} << 40}; // what free_octets() says
    std::atomic<int> syncs{0};

    result<file> create(const path& name) override;
    error_code write(const file& to, std::uint64_t offset, std::span<const std::string_view> octets) override;
    error_code sync(const file& what) override;
    error_code sync_folder(const path& folder) override;
    result<std::size_t> read(const file& from, std::uint64_t offset, std::span<char> into) override;
    error_code punch_holes(const path& name, std::span<const octet_range> ranges) override;
    result<std::uint64_t> free_octets(const path& folder) override;

  private:
    error_code error() const { return {value_, boost::system::system_category()}; }

    std::atomic<fault> fault_{fault::none};
    std::atomic<int> value_{0};
};

// A spool on disk with everything a test may want to alter.
struct bench {
    event_loop loop;
    temporary_folder folder;
    failing_files files;
    std::vector<std::string> notices;
    std::atomic<std::int64_t> clock{1'700'000'000'000'000}; // microseconds; stands still
    disk_settings settings;
    std::unique_ptr<spool> store;

    bench();
    ~bench();
    // Opens, or closes and opens again. Fails the test when it cannot.
    void open();
    void close();
    std::filesystem::path path() const { return folder.path / "spool"; }
    bool noticed(const std::string& part) const;
};

} // namespace gateway::spool::test
