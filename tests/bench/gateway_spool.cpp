// How many messages a second the spool makes durable, beside what the disk itself can do in the same run: a bare log
// that appends the same octets and syncs once for as many messages as wait.
//
// Runs in ISTHMUS_BENCH_FOLDER, or in the current folder: a folder in memory would measure nothing.
#include "gateway/spool/catalogue.hpp"
#include "gateway/spool/checksum.hpp"
#include "gateway/spool/disk.hpp"
#include "gateway/spool/file_operations.hpp"
#include "gateway/spool/record_codec.hpp"

#include <benchmark/benchmark.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gateway::spool;
namespace fs = std::filesystem;

class bench_folder {
  public:
    bench_folder()
    {
        const auto* base = std::getenv("ISTHMUS_BENCH_FOLDER");
        auto name = (fs::absolute(base != nullptr ? base : ".") / "spool-bench-XXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path = name;
    }
    ~bench_folder() { fs::remove_all(path); }
    bench_folder(const bench_folder&) = delete;
    bench_folder& operator=(const bench_folder&) = delete;

    fs::path path;
};

// The least event loop that will do.
class event_loop {
  public:
    poster post()
    {
        return [this](std::function<void()> what) {
            const std::lock_guard lock(mutex_);
            posted_.push_back(std::move(what));
            arrival_.notify_one();
        };
    }
    // Waits for something, then runs all there is.
    void run()
    {
        std::vector<std::function<void()>> ready;
        {
            std::unique_lock lock(mutex_);
            arrival_.wait(lock, [this] { return !posted_.empty(); });
            ready.swap(posted_);
        }
        for (const auto& what : ready) what();
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrival_;
    std::vector<std::function<void()>> posted_;
};

// A spool with many messages on their way at once, each settled as soon as it is there.
class gateway_at_work {
  public:
    gateway_at_work(std::size_t waiting, std::size_t octets, bool xproto) : waiting_(waiting), xproto_(xproto)
    {
        body_.assign(octets, 'x');
        disk_settings settings;
        settings.folder = folder_.path / "spool";
        settings.limits.free_space_floor = 0;
        settings.post = loop_.post();
        settings.on_round = [this](const commit_round&) { ++rounds_; };
        auto opened = open_on_disk(settings);
        if (!opened.store) std::abort();
        store_ = std::move(opened.store);
        for (std::size_t i = 0; i < waiting_; ++i) start();
    }
    ~gateway_at_work()
    {
        stopping_ = true;
        while (on_the_way_ > 0) loop_.run();
    }

    void until(std::uint64_t committed)
    {
        while (committed_ < committed) loop_.run();
    }
    std::uint64_t committed() const { return committed_; }
    std::uint64_t rounds() const { return rounds_; }

  private:
    void start()
    {
        ++on_the_way_;
        record facts;
        facts.message_id = "message." + std::to_string(++number_) + "@mx.example.org";
        facts.sender = "sender@example.org";
        if (xproto_) facts.peer_identity = "mx.example.org";
        facts.recipients.resize(1);
        facts.recipients[0].address = "recipient@example.net";
        auto writer = store_->begin();
        writer->append(body_);
        writer->commit(std::move(facts), std::string(900, 'e'), std::string(1200, 'h'), [this](result<record> stored) {
            if (!stored) std::abort();
            --on_the_way_;
            ++committed_;
            store_->settle(stored->id);
            if (!stopping_) start();
        });
    }

    bench_folder folder_;
    event_loop loop_;
    std::string body_;
    std::size_t waiting_;
    bool xproto_;
    bool stopping_ = false;
    std::size_t on_the_way_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t committed_ = 0;
    std::atomic<std::uint64_t> rounds_{0};
    std::unique_ptr<spool> store_;
};

void commit(benchmark::State& state, bool xproto)
{
    const auto waiting = static_cast<std::size_t>(state.range(0));
    gateway_at_work gateway(waiting, static_cast<std::size_t>(state.range(1)), xproto);
    gateway.until(4 * waiting); // warm
    const auto first = gateway.committed();
    const auto rounds = gateway.rounds();
    for ([[maybe_unused]] auto each : state) gateway.until(gateway.committed() + 1);
    const auto done = gateway.committed() - first;
    state.SetItemsProcessed(static_cast<std::int64_t>(done));
    state.SetBytesProcessed(static_cast<std::int64_t>(done) * (state.range(1) + 2100));
    state.counters["a_sync"] = static_cast<double>(done) / static_cast<double>(gateway.rounds() - rounds);
}
void commit_smtp(benchmark::State& state)
{
    commit(state, false);
}
void commit_xproto(benchmark::State& state)
{
    commit(state, true);
}

void bare_log(benchmark::State& state)
{
    const bench_folder folder;
    file_operations files;
    auto log = files.create(folder.path / "log");
    const std::string message(static_cast<std::size_t>(state.range(1)) + 2100, 'x');
    const std::vector<std::string_view> group(static_cast<std::size_t>(state.range(0)), message);
    std::uint64_t at = 0;
    int segment = 0;
    for ([[maybe_unused]] auto each : state) {
        if (files.write(*log, at, group) || files.sync(*log)) std::abort();
        at += message.size() * group.size();
        if (at < 256 << 20) continue;
        log = files.create(folder.path / std::to_string(++segment));
        at = 0;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * group.size() * message.size()));
}

void sizes(benchmark::internal::Benchmark* what)
{
    what->ArgNames({"waiting", "body"})->UseRealTime();
    for (const int octets : {4096, 100'000})
        for (const int waiting : {1, 16, 64, 256}) what->Args({waiting, octets});
}

BENCHMARK(bare_log)->Apply(sizes);
BENCHMARK(commit_smtp)->Apply(sizes);
BENCHMARK(commit_xproto)->Apply(sizes);

// Starting with so many messages in the spool.
void open_with(benchmark::State& state)
{
    const bench_folder folder;
    event_loop loop;
    disk_settings settings;
    settings.folder = folder.path / "spool";
    settings.limits.free_space_floor = 0;
    settings.post = loop.post();
    open_on_disk(settings).store.reset();
    {
        catalogue_settings about;
        about.folder = settings.folder / "catalogue";
        about.forgotten = [](std::string_view) { return false; };
        const auto records = catalogue::open(about);
        record facts;
        facts.sender = "sender@example.org";
        facts.recipients.resize(1);
        facts.recipients[0].address = "recipient@example.net";
        for (std::int64_t done = 0; done < state.range(0);) {
            catalogue_changes changes;
            for (int i = 0; i < 1000; ++i) {
                facts.id = entry_id(1'700'000'000'000'000 + static_cast<std::uint64_t>(++done));
                facts.message_id = facts.id.text() + "@mx.example.org";
                changes.records.emplace_back(facts.id, *encode(facts));
            }
            if (records.store->write(changes, false)) std::abort();
        }
    }
    for ([[maybe_unused]] auto each : state) open_on_disk(settings).store.reset();
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(open_with)->Arg(1000)->Arg(1'000'000)->UseRealTime()->Unit(benchmark::kMillisecond);

void checksum(benchmark::State& state)
{
    const std::string octets(256 * 1024, 'x');
    for ([[maybe_unused]] auto each : state) benchmark::DoNotOptimize(crc32c(octets));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * octets.size()));
}
BENCHMARK(checksum);

} // namespace
