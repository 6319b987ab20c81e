// Opens the spool: locks the folder, reads what is there, and clears away what a crash left over.
#include "gateway/spool/disk.hpp"

#include "gateway/spool/disk_spool.hpp"
#include "gateway/spool/record_codec.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

namespace gateway::spool {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t records_a_time = 1024;
constexpr std::size_t damages_told = 20; // one by one; the others as a number

std::string system_text()
{
    return boost::system::error_code(errno, boost::system::system_category()).message();
}

// Makes a folder for our eyes only. Returns what is wrong.
std::string make_folder(const fs::path& folder, file_operations& files)
{
    if (::mkdir(folder.c_str(), 0700) == 0) {
        if (const auto error = files.sync_folder(folder.parent_path()))
            return "cannot sync the folder above " + folder.native() + ": " + error.message();
        return {};
    }
    if (errno != EEXIST) return "cannot make the folder " + folder.native() + ": " + system_text();
    std::error_code error;
    if (!fs::is_directory(folder, error)) return folder.native() + " is not a folder";
    return {};
}

// The lock is the kernel's, and goes with the process; the pid in the file is for people.
std::string lock_folder(const fs::path& folder, file& lock)
{
    const auto name = folder / "lock";
    lock = file(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock.is_open()) return "cannot write to the spool folder " + folder.native() + ": " + system_text();
    if (::flock(lock.descriptor(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return "cannot lock " + name.native() + ": " + system_text();
        char pid[20];
        const auto size = ::pread(lock.descriptor(), pid, sizeof pid, 0);
        const std::string holder(pid, size > 0 ? static_cast<std::size_t>(size) : 0);
        const auto digits = holder.substr(0, holder.find('\n'));
        return "the spool " + folder.native() + " is in use by another isthmus" +
               (digits.empty() ? "" : " (process " + digits + ")");
    }
    const auto text = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.descriptor(), 0) != 0 ||
        ::pwrite(lock.descriptor(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        return "cannot write to " + name.native() + ": " + system_text();
    return {};
}

// What the walk through all records found.
struct census {
    std::uint64_t messages = 0;
    std::uint64_t unreadable = 0; // records
    std::uint64_t damaged = 0;    // messages with octets missing
};

// Tells the log which extents are held. Returns what is wrong with the catalogue.
std::string take_census(const catalogue& records, segment_log& log, const condition& state, census& found)
{
    for (entry_id after;;) {
        const auto some = records.records(after, records_a_time);
        if (!some) return "the spool's records cannot be read: " + some.error().message();
        for (const auto& [id, octets] : *some) {
            after = id;
            const auto message = decode(octets);
            if (!message || message->id != id) {
                const auto why = message ? "it is another message's" : message.error().message();
                if (++found.unreadable <= damages_told)
                    state.tell("id=" + id.text() + ": its record cannot be read: " + why);
                continue;
            }
            ++found.messages;
            if (!log.adopt_extents(message->place.extents) && ++found.damaged <= damages_told)
                state.tell("id=" + id.text() + ": some of its octets are missing from the disk");
        }
        if (some->size() < records_a_time) return {};
    }
}

// Keeps segments that no record names, because the records that named them may have been lost.
std::string set_aside(segment_log& log, const fs::path& orphans, file_operations& files)
{
    if (log.reclaimable().empty()) return {};
    if (auto problem = make_folder(orphans, files); !problem.empty()) return problem;
    if (const auto error = log.set_aside(orphans))
        return "cannot move segments to " + orphans.native() + ": " + error.message();
    return {};
}

std::int64_t system_clock_microseconds()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

opened refused(std::string problem)
{
    return {nullptr, std::move(problem)};
}

} // namespace

opened open_on_disk(disk_settings settings)
{
    static file_operations system_files;
    if (settings.files == nullptr) settings.files = &system_files;
    if (!settings.clock) settings.clock = system_clock_microseconds;
    auto& files = *settings.files;

    const auto folder = fs::absolute(settings.folder);
    const auto segments = folder / "segments";
    file lock;
    if (auto problem = make_folder(folder, files); !problem.empty()) return refused(std::move(problem));
    if (auto problem = lock_folder(folder, lock); !problem.empty()) return refused(std::move(problem));
    if (auto problem = make_folder(segments, files); !problem.empty()) return refused(std::move(problem));
    if (auto problem = make_folder(folder / "catalogue", files); !problem.empty()) return refused(std::move(problem));

    catalogue_settings about;
    about.folder = folder / "catalogue";
    about.environment = settings.environment;
    about.forgotten = [clock = settings.clock](std::string_view value) {
        return forgotten_at(value) <= clock() / 1'000'000;
    };
    auto records = catalogue::open(std::move(about));
    if (!records.store) return refused(std::move(records.problem));

    segment_log log(segments, settings.limits.segment_octets, files);
    if (const auto error = log.adopt()) return refused("cannot read " + segments.native() + ": " + error.message());
    auto state = std::make_shared<condition>(settings.post, settings.notice);
    census found;
    if (auto problem = take_census(*records.store, log, *state, found); !problem.empty())
        return refused(std::move(problem));
    log.adopted();

    if (found.unreadable > 0) {
        log.pin_adopted();
        state->tell(std::to_string(found.unreadable) + " records cannot be read; all segments are kept, since those " +
                    "messages may lie in them");
    }
    if (found.damaged > 0)
        state->tell(std::to_string(found.damaged) + " messages have lost octets and cannot be delivered");
    if (records.store->salvaged()) {
        const auto orphans = folder / ("orphans-" + std::to_string(settings.clock() / 1'000'000));
        state->tell("the catalogue's log is damaged: changes after that point are lost (" +
                    records.store->last_failure() + "); segments that no record names are kept in " + orphans.native());
        if (auto problem = set_aside(log, orphans, files); !problem.empty()) return refused(std::move(problem));
    }
    log.reclaim();

    committer::parts parts;
    parts.in = std::make_shared<inbox>();
    parts.records = std::move(records.store);
    parts.state = std::move(state);
    parts.readers = std::make_shared<segment_files>(segments, settings.limits.open_segments, files);
    parts.all = std::make_shared<traffic>(settings.limits);
    return {std::make_unique<disk_spool>(settings, std::move(lock), std::move(parts), std::move(log), found.messages),
            {}};
}

} // namespace gateway::spool
