// The tools of the spool's tests.
#include "tests/unit/gateway_spool/support.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace gateway::spool::test {

poster event_loop::post()
{
    return [this](std::function<void()> what) {
        const std::lock_guard lock(mutex_);
        functions_.push_back(std::move(what));
        arrival_.notify_one(); // under the lock: the loop may be gone the moment it is released
    };
}

bool event_loop::run_one(std::chrono::steady_clock::time_point patience)
{
    std::function<void()> next;
    {
        std::unique_lock lock(mutex_);
        if (!arrival_.wait_until(lock, patience, [this] { return !functions_.empty(); })) return false;
        next = std::move(functions_.front());
        functions_.pop_front();
    }
    next();
    return true;
}

void event_loop::run_ready()
{
    while (run_one(std::chrono::steady_clock::now())) {
    }
}

namespace {

// In memory when there is room: a test syncs hundreds of times, and none can tell the difference.
std::filesystem::path roomy_folder()
{
    const std::filesystem::path memory = "/dev/shm";
    std::error_code error;
    const auto space = std::filesystem::space(memory, error);
    if (!error && space.available > 1u << 30 && ::access(memory.c_str(), W_OK) == 0) return memory;
    return std::filesystem::temp_directory_path();
}

} // namespace

temporary_folder::temporary_folder()
    : path([] {
          auto name = (roomy_folder() / "isthmus-spool-XXXXXX").native();
          if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
          return std::filesystem::path(name);
      }())
{
}

temporary_folder::~temporary_folder()
{
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

std::string octets_of(std::uint64_t number, std::size_t size)
{
    std::string octets(size + 8, '\0');
    auto state = number * 0x9e3779b97f4a7c15 + 1;
    for (std::size_t at = 0; at < size; at += 8) {
        state ^= state << 13; // xorshift64
        state ^= state >> 7;
        state ^= state << 17;
        std::memcpy(octets.data() + at, &state, 8);
    }
    octets.resize(size);
    return octets;
}

message make_message(std::uint64_t number, std::size_t body_octets)
{
    message m;
    m.envelope = "<envelope number=\"" + std::to_string(number) + "\"/>";
    m.headers = "<headers>" + octets_of(number + 1, 100 + number % 50) + "</headers>";
    m.body = octets_of(number, body_octets);
    m.facts.message_id = "m" + std::to_string(number) + "@example.org";
    m.facts.sender = "sender@example.org";
    m.facts.created = 1'700'000'000;
    m.facts.expires = 1'700'432'000;
    recipient r;
    r.number = 1;
    r.address = "user" + std::to_string(number) + "@example.net";
    m.facts.recipients.push_back(r);
    return m;
}

result<record> commit(spool& into, event_loop& loop, const message& what, std::size_t piece)
{
    auto writer = into.begin();
    for (std::size_t at = 0; at < what.body.size(); at += piece)
        writer->append(std::string_view(what.body).substr(at, piece));
    std::optional<result<record>> outcome;
    writer->commit(what.facts, what.envelope, what.headers, [&outcome](result<record> r) { outcome = std::move(r); });
    writer.reset();
    EXPECT_FALSE(outcome) << "a handler never runs inside the call";
    EXPECT_TRUE(loop.run_until([&outcome] { return outcome.has_value(); }));
    if (!outcome) return errc::closed;
    return *outcome;
}

message read_back(spool& from, const record& facts)
{
    message found;
    found.facts = facts;
    auto opened = from.open(facts);
    EXPECT_TRUE(opened) << facts.id.text();
    if (!opened) return found;
    auto& reader = **opened;
    const auto envelope = reader.envelope();
    const auto headers = reader.headers();
    EXPECT_TRUE(envelope && headers) << facts.id.text();
    if (envelope) found.envelope = *envelope;
    if (headers) found.headers = *headers;
    for (;;) {
        const auto part = reader.body(found.body.size());
        EXPECT_TRUE(part) << facts.id.text() << " at octet " << found.body.size();
        if (!part || part->empty()) return found;
        found.body += *part;
    }
}

void expect_intact(spool& from, const record& facts, const message& want)
{
    const auto found = read_back(from, facts);
    EXPECT_EQ(found.envelope, want.envelope);
    EXPECT_TRUE(found.headers == want.headers) << facts.id.text();
    EXPECT_TRUE(found.body == want.body) << facts.id.text() << ": " << found.body.size() << " octets of "
                                         << want.body.size();
}

std::vector<record> all_records(spool& from)
{
    std::vector<record> records;
    from.for_each([&records](const record& r) {
        records.push_back(r);
        return true;
    });
    return records;
}

std::vector<std::string> segment_names(const std::filesystem::path& spool_folder)
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(spool_folder / "segments"))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

// --- files that fail ---

void failing_files::fail(fault what, int value)
{
    value_ = value;
    fault_ = what;
}

file_operations::result<file> failing_files::create(const path& name)
{
    if (fault_ == fault::create) return error();
    return file_operations::create(name);
}

file_operations::error_code failing_files::write(const file& to, std::uint64_t offset,
                                                 std::span<const std::string_view> octets)
{
    if (fault_ == fault::write) return error();
    if (fault_ == fault::half_write) {
        const auto half = octets.front().substr(0, octets.front().size() / 2);
        file_operations::write(to, offset, {&half, 1});
        return error();
    }
    return file_operations::write(to, offset, octets);
}

file_operations::error_code failing_files::sync(const file& what)
{
    ++syncs;
    if (fault_ == fault::sync) return error();
    return file_operations::sync(what);
}

file_operations::error_code failing_files::sync_folder(const path& folder)
{
    if (fault_ == fault::sync_folder) return error();
    return file_operations::sync_folder(folder);
}

file_operations::result<std::size_t> failing_files::read(const file& from, std::uint64_t offset, std::span<char> into)
{
    if (fault_ == fault::read) return error();
    return file_operations::read(from, offset, into);
}

file_operations::error_code failing_files::punch_holes(const path& name, std::span<const octet_range> ranges)
{
    if (fault_ == fault::punch) return error();
    return file_operations::punch_holes(name, ranges);
}

file_operations::result<std::uint64_t> failing_files::free_octets(const path&)
{
    if (fault_ == fault::free) return error();
    return free.load();
}

// --- a spool to work on ---

bench::bench()
{
    settings.folder = path();
    settings.post = loop.post();
    settings.notice = [this](std::string text) { notices.push_back(std::move(text)); };
    settings.clock = [this] { return clock.load(); };
    settings.files = &files;
}

bench::~bench()
{
    close();
}

void bench::open()
{
    close();
    auto opened = open_on_disk(settings);
    ASSERT_TRUE(opened.store) << opened.problem;
    store = std::move(opened.store);
}

void bench::close()
{
    store.reset();
    loop.run_ready();
}

bool bench::noticed(const std::string& part) const
{
    return std::any_of(notices.begin(), notices.end(),
                       [&part](const std::string& text) { return text.find(part) != std::string::npos; });
}

} // namespace gateway::spool::test
