// isthmus map verify: does mail of one's own survive the way to xproto and back, or to SMTP and back? (laws L1 and L2,
// docs/mapping.md)
#include "gateway/cli/common.hpp"
#include "gateway/cli/map.hpp"
#include "gateway/cli/message_files.hpp"
#include "gateway/cli/text.hpp"
#include "mapping/carrier/verify.hpp"
#include "mapping/verify.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace gateway::cli {
namespace {

constexpr std::uint64_t max_message_octets = std::uint64_t{4} << 30;

struct options {
    std::vector<std::filesystem::path> paths;
    std::size_t jobs = 0;
    bool json = false;
};

// Of headers objects to what they were made of.
struct ratios {
    std::vector<double> to_fields; // to the fields that are in them
    std::vector<double> to_header; // to the whole header, with the trace fields that are in the envelope

    void add(const mapping::header_sizes& sizes)
    {
        const auto object = static_cast<double>(sizes.object);
        if (sizes.fields != 0) to_fields.push_back(object / static_cast<double>(sizes.fields));
        if (sizes.header != 0) to_header.push_back(object / static_cast<double>(sizes.header));
    }
};

struct totals {
    std::uint64_t messages = 0, octets = 0, failures = 0;
    ratios ordinary, all;
};

// Takes its own copy of the ratios, because it puts them in order.
double median(std::vector<double> ratios)
{
    if (ratios.empty()) return 0;
    const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
    std::nth_element(ratios.begin(), middle, ratios.end());
    return *middle;
}

std::string ratio_text(double ratio)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", ratio);
    return text;
}

std::vector<std::string> row(const std::string& name, const ratios& r)
{
    return {name + " (" + std::to_string(r.to_header.size()) + ')', ratio_text(median(r.to_fields)),
            ratio_text(median(r.to_header))};
}

std::string ratio_table(const totals& t)
{
    return columns({{"median size of headers objects", "to their fields", "to whole headers"},
                    row("mail with From, Date and Received", t.ordinary),
                    row("all messages", t.all)});
}

boost::json::object ratio_object(const ratios& r)
{
    return {{"headers", r.to_header.size()}, {"to_fields", median(r.to_fields)}, {"to_header", median(r.to_header)}};
}

// Files are found by one thread and put to the test by several. However many there are, only a few paths wait.
class examination {
  public:
    explicit examination(const options& o) : options_(o), progress_(!o.json && is_terminal(STDERR_FILENO)) {}

    totals run()
    {
        std::vector<std::thread> workers;
        const auto jobs = options_.jobs != 0 ? options_.jobs : std::max(1u, std::thread::hardware_concurrency());
        for (std::size_t i = 0; i < jobs; ++i) workers.emplace_back([this] { work(); });
        for (const auto& path : options_.paths) walk(path);
        close();
        for (auto& w : workers) w.join();
        if (progress_) std::cerr << "\r\x1b[K";
        return totals_;
    }

    const boost::json::array& failures() const { return failures_; }

  private:
    static constexpr std::size_t waiting = 256;

    void walk(const std::filesystem::path& path)
    {
        std::error_code error;
        if (!std::filesystem::is_directory(path, error)) return put(path);
        using iterator = std::filesystem::recursive_directory_iterator;
        if (is_message(path)) return put(path);
        iterator at(path, std::filesystem::directory_options::skip_permission_denied, error);
        for (; !error && at != iterator(); at.increment(error)) {
            std::error_code ignored;
            if (at->is_regular_file(ignored)) put(at->path());
            if (!at->is_directory(ignored) || !is_message(at->path())) continue;
            at.disable_recursion_pending();
            put(at->path());
        }
        if (error) report(path, "cannot be read: " + error.message(), 0);
    }

    // Is this folder one message, as three objects?
    static bool is_message(const std::filesystem::path& folder)
    {
        std::error_code ignored;
        return std::filesystem::is_regular_file(folder / envelope_name, ignored);
    }

    void put(const std::filesystem::path& path)
    {
        std::unique_lock<std::mutex> lock(mutex_);
        room_.wait(lock, [&] { return paths_.size() < waiting; });
        paths_.push_back(path);
        work_.notify_one();
    }

    void close()
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        closed_ = true;
        work_.notify_all();
    }

    void work()
    {
        for (;;) {
            std::unique_lock<std::mutex> lock(mutex_);
            work_.wait(lock, [&] { return closed_ || !paths_.empty(); });
            if (paths_.empty()) return;
            const auto path = std::move(paths_.front());
            paths_.pop_front();
            room_.notify_one();
            lock.unlock();
            examine(path);
        }
    }

    void examine_objects(const std::filesystem::path& folder)
    {
        const auto envelope = read_file(folder / envelope_name, max_message_octets);
        if (!envelope) return report(folder, envelope.error().what, 0);
        std::error_code ignored;
        std::string headers, body;
        for (auto [name, octets] : {std::pair(headers_name, &headers), std::pair(body_name, &body)}) {
            if (!std::filesystem::exists(folder / name, ignored)) continue;
            auto read = read_file(folder / name, max_message_octets);
            if (!read) return report(folder, read.error().what, 0);
            *octets = std::move(*read);
        }
        std::optional<std::string> wrong;
        try {
            wrong = mapping::carrier::verify_round_trip(*envelope, headers, body);
        } catch (const std::exception& e) {
            wrong = std::string("failed: ") + e.what();
        }
        report(folder, wrong, envelope->size() + headers.size() + body.size());
    }

    void examine(const std::filesystem::path& path)
    {
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored)) return examine_objects(path);
        const auto message = read_file(path, max_message_octets);
        if (!message) return report(path, message.error().what, 0);
        std::optional<std::string> wrong;
        try {
            wrong = mapping::verify_round_trip(*message);
            count_sizes(mapping::sizes_of_header(*message));
        } catch (const std::exception& e) {
            wrong = std::string("failed: ") + e.what(); // most likely too little memory
        }
        report(path, wrong, message->size());
    }

    void count_sizes(const mapping::header_sizes& sizes)
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        totals_.all.add(sizes);
        if (sizes.is_ordinary) totals_.ordinary.add(sizes);
    }

    void report(const std::filesystem::path& path, const std::optional<std::string>& wrong, std::uint64_t octets)
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        ++totals_.messages;
        totals_.octets += octets;
        if (wrong) {
            ++totals_.failures;
            if (progress_) std::cerr << "\r\x1b[K";
            if (options_.json)
                failures_.push_back({{"path", printable(path.string())}, {"what", printable(*wrong)}});
            else
                std::cout << printable(path.string()) << ": " << printable(*wrong) << std::endl;
        }
        if (progress_ && totals_.messages % 256 == 0)
            std::cerr << '\r' << totals_.messages << " messages" << std::flush;
    }

    const options& options_;
    const bool progress_;
    std::mutex mutex_;
    std::condition_variable work_, room_;
    std::deque<std::filesystem::path> paths_;
    bool closed_ = false;
    totals totals_;
    boost::json::array failures_;
};

int verify(const options& o)
{
    examination all(o);
    const auto t = all.run();
    if (o.json)
        std::cout << boost::json::serialize(boost::json::object{
                         {"messages", t.messages},
                         {"octets", t.octets},
                         {"headers_objects",
                          boost::json::object{{"ordinary", ratio_object(t.ordinary)}, {"all", ratio_object(t.all)}}},
                         {"failures", all.failures()}})
                  << '\n';
    else
        std::cout << ratio_table(t) << count_text(t.messages, "message", "messages") << " (" << size_text(t.octets)
                  << "), " << count_text(t.failures, "failure", "failures") << '\n';
    return t.failures == 0 ? done : negative;
}

} // namespace

void add_map_verify(CLI::App& map, int& result)
{
    auto* command = map.add_subcommand("verify", "Show that messages come back octet for octet, and their objects too");
    const auto o = std::make_shared<options>();
    command
        ->add_option("PATH", o->paths,
                     "Files, and folders with all below them; every file is taken for a message, every folder with an "
                     "envelope.xml for one of xproto")
        ->required();
    command->add_option("-j,--jobs", o->jobs, "So many at a time (else one for each processor)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    command->add_flag("--json", o->json, "Print totals and failures as JSON");
    command->footer(
        "Each file is mapped to xproto objects, these are written, read and mapped back: message and objects must be "
        "the same\n"
        "in the end. The objects in a folder go out as mail that carries them, and must come back the same. Any octets "
        "are a message.\nOne line for each failure, then how large the objects were, then a total; exit 1 when there "
        "was any failure.\n\n"
        "Example:\n  isthmus map verify ~/Maildir");
    command->callback([o, &result] { result = verify(*o); });
}

} // namespace gateway::cli
