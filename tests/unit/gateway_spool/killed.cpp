// The process is killed at random instants, again and again, while it commits, updates and settles. Afterwards every
// message that was acknowledged is there with its octets intact, and no other is there in part.
//
// The child is this program once more, told by an environment variable to run the one test that never returns.
#include "tests/unit/gateway_spool/support.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

namespace {

using namespace gateway::spool;
using namespace gateway::spool::test;

constexpr const char* folder_variable = "ISTHMUS_TEST_SPOOL_TO_BE_KILLED";
constexpr int report_descriptor = 3;
constexpr int rounds = 60;

// A message's octets follow from its number, and the number stands in its message id: whoever finds it can check it.
message numbered(std::uint64_t number)
{
    static constexpr std::array<std::size_t, 8> sizes{0, 200, 4000, 4000, 30'000, 250'000, 400'000, 1'500'000};
    auto m = make_message(number, sizes.at(number % sizes.size()));
    m.facts.message_id = std::to_string(number);
    if (number % 3 == 0) m.facts.peer_identity = "mx.peer.example";
    return m;
}

std::uint64_t number_of(const record& facts)
{
    return std::stoull(facts.message_id);
}

disk_settings settings_for(const std::filesystem::path& folder, event_loop& loop)
{
    disk_settings settings;
    settings.folder = folder;
    settings.limits.segment_octets = 1 << 20; // many segments are made and removed
    settings.limits.free_space_floor = 0;
    settings.tick = std::chrono::milliseconds(5);
    settings.post = loop.post();
    return settings;
}

// One line to the parent, in one write: it arrives whole or not at all.
void report(char what, const record& facts)
{
    const auto line = std::string(1, what) + " " + facts.id.text() + " " + facts.message_id + "\n";
    if (::write(report_descriptor, line.data(), line.size()) < 0) ::_exit(1);
}

// Sixteen messages are on their way at any time; whatever is acknowledged is reported, then perhaps worked on.
class busy_gateway {
  public:
    explicit busy_gateway(const std::filesystem::path& folder) : random_(std::random_device{}())
    {
        auto opened = open_on_disk(settings_for(folder, loop_));
        if (!opened.store) ::_exit(2);
        store_ = std::move(opened.store);
        next_ = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    }

    [[noreturn]] void run()
    {
        for (int i = 0; i < 16; ++i) start();
        loop_.run_until([] { return false; });
        ::_exit(3); // nobody killed it
    }

  private:
    void start()
    {
        const auto m = numbered(++next_);
        auto writer = store_->begin();
        for (std::size_t at = 0; at < m.body.size(); at += 100'000)
            writer->append(std::string_view(m.body).substr(at, 100'000));
        if (random_() % 10 == 0) { // this one's connection breaks
            writer.reset();
            return start();
        }
        writer->commit(m.facts, m.envelope, m.headers, [this](result<record> stored) {
            if (!stored) ::_exit(4);
            report('A', *stored);
            work_on(std::move(*stored));
            start();
        });
    }

    void work_on(record facts)
    {
        const auto choice = random_() % 4;
        if (choice == 0) return;
        facts.recipients.at(0).attempts = 1;
        if (choice == 1) return store_->update(facts);
        report('S', facts);
        store_->settle(facts.id);
    }

    event_loop loop_;
    std::unique_ptr<spool> store_;
    std::mt19937 random_;
    std::uint64_t next_ = 0;
};

TEST(DISABLED_KilledChild, Runs)
{
    const auto* folder = std::getenv(folder_variable);
    ASSERT_NE(folder, nullptr);
    busy_gateway(folder).run();
}

// Runs the child for so long, kills it, and returns what it reported.
std::string run_and_kill(const std::filesystem::path& folder, std::chrono::milliseconds lifetime)
{
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const auto child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], report_descriptor);
        ::setenv(folder_variable, folder.c_str(), 1);
        ::execl("/proc/self/exe", "killed", "--gtest_filter=DISABLED_KilledChild.Runs",
                "--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr);
        ::_exit(5);
    }
    ::close(ends[1]);

    // Its lifetime begins with its first word: before that it is starting up.
    std::string said;
    std::array<char, 65536> octets{};
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd readable{ends[0], POLLIN, 0};
        if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) == 0) break;
        const auto got = ::read(ends[0], octets.data(), octets.size());
        if (got <= 0) break;
        if (said.empty()) end = std::chrono::steady_clock::now() + lifetime;
        said.append(octets.data(), static_cast<std::size_t>(got));
    }
    ::kill(child, SIGKILL);
    for (ssize_t got = 0; (got = ::read(ends[0], octets.data(), octets.size())) > 0;)
        said.append(octets.data(), static_cast<std::size_t>(got));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself with " << WEXITSTATUS(status);
    return said;
}

struct expectation {
    std::map<entry_id, std::uint64_t> acknowledged; // and not settled: id, number
    std::set<entry_id> settled;                     // perhaps gone, perhaps still there

    void learn(const std::string& said)
    {
        std::size_t at = 0;
        for (std::size_t end = 0; (end = said.find('\n', at)) != std::string::npos; at = end + 1) {
            const auto id = *entry_id::parse(std::string_view(said).substr(at + 2, entry_id::text_size));
            const auto number = std::stoull(said.substr(at + 3 + entry_id::text_size));
            if (said[at] == 'A') acknowledged[id] = number;
            if (said[at] != 'S') continue;
            acknowledged.erase(id);
            settled.insert(id);
        }
        EXPECT_EQ(at, said.size()) << "a report was cut";
    }
};

void check(spool& store, expectation& want)
{
    std::set<std::uint64_t> segments;
    std::set<entry_id> found;
    for (const auto& facts : all_records(store)) {
        found.insert(facts.id);
        expect_intact(store, facts, numbered(number_of(facts)));
        for (const auto& run : facts.place.extents) segments.insert(run.segment);
        if (want.acknowledged.count(facts.id) > 0) {
            EXPECT_EQ(number_of(facts), want.acknowledged[facts.id]);
        }
    }
    for (const auto& [id, number] : want.acknowledged)
        EXPECT_EQ(found.count(id), 1u) << "lost " << id.text() << ", message " << number;
    EXPECT_EQ(store.usage().segments, segments.size()) << "whatever no record names is gone";
}

TEST(Killed, NothingAcknowledgedIsLostAndNothingIsThereInPart)
{
    const temporary_folder folder;
    std::mt19937 random(std::random_device{}());
    expectation want;
    std::size_t acknowledged = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto said = run_and_kill(folder.path / "spool", std::chrono::milliseconds(random() % 30));
        want.learn(said);
        acknowledged += static_cast<std::size_t>(std::count(said.begin(), said.end(), 'A'));
        if (round % 6 != 5) continue; // let crashes pile up on crashes

        event_loop loop;
        std::vector<std::string> notices;
        auto settings = settings_for(folder.path / "spool", loop);
        settings.notice = [&notices](std::string text) { notices.push_back(std::move(text)); };
        auto opened = open_on_disk(settings);
        ASSERT_TRUE(opened.store) << opened.problem;
        loop.run_ready();
        for (const auto& text : notices) ADD_FAILURE() << text;
        check(*opened.store, want);
        if (testing::Test::HasFailure()) return;
        for (const auto& facts : all_records(*opened.store)) opened.store->settle(facts.id);
        want = {};
    }
    EXPECT_GT(acknowledged, 60u) << "it was not even busy";
    RecordProperty("acknowledged", static_cast<int>(acknowledged));
    std::printf("%zu messages acknowledged in %d lives\n", acknowledged, rounds);
}

} // namespace
