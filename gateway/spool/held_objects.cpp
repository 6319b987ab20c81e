// Files of held objects, and the index of them that is in memory.
#include "gateway/spool/held_objects.hpp"

#include "gateway/spool/plain_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

namespace gateway::spool {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view leaf_mark = "leaf-";
constexpr std::string_view partial_mark = "part-";
constexpr std::size_t longest_word = 64;

bool is_word(std::string_view text)
{
    const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !text.empty() && text.size() <= longest_word && std::all_of(text.begin(), text.end(), good);
}

} // namespace

std::string held_name::text() const
{
    if (message.empty()) return std::string(leaf_mark) + peer + '-' + digest;
    return std::string(partial_mark) + peer + '-' + message + '-' + digest;
}

std::optional<held_name> held_name::parse(std::string_view text)
{
    const bool is_leaf = text.starts_with(leaf_mark);
    if (!is_leaf && !text.starts_with(partial_mark)) return std::nullopt;
    text.remove_prefix(is_leaf ? leaf_mark.size() : partial_mark.size());
    const auto take = [&text] {
        const auto word = text.substr(0, text.find('-'));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        return std::string(word);
    };
    held_name name;
    name.peer = take();
    if (!is_leaf) name.message = take();
    name.digest = std::string(text);
    if (!is_word(name.peer) || !is_word(name.digest) || (!is_leaf && !is_word(name.message))) return std::nullopt;
    return name;
}

// What is in the folder.
struct held_objects::shelf {
    struct entry {
        std::uint64_t octets = 0;  // that count; of an arrival, as many as it may become
        std::int64_t used = 0;     // seconds
        std::uint64_t arrival = 0; // the number of the one under way; 0: there is none
    };
    struct kind {
        std::uint64_t octets = 0;
        std::set<std::pair<std::int64_t, held_name>> by_age; // oldest first
    };

    fs::path folder;
    held_limits limits;
    std::function<std::int64_t()> clock;
    std::string problem;
    std::map<held_name, entry> all;
    kind leaves, partials;
    std::uint64_t last_arrival = 0;

    kind& kind_of(const held_name& name) { return name.message.empty() ? leaves : partials; }
    fs::path path_of(const held_name& name) const { return folder / name.text(); }

    void load();
    void add(const held_name& name, const entry& what);
    void take_out(const held_name& name);
    void remove(const held_name& name);
    void change(const held_name& name, std::uint64_t octets);
    void expire();
    bool make_room(kind& of, std::uint64_t octets, std::uint64_t most, std::size_t most_files);
    bool has_space(std::uint64_t octets) const;
};

void held_objects::shelf::load()
{
    std::error_code error;
    fs::create_directories(folder, error);
    fs::permissions(folder, fs::perms::owner_all, error);
    fs::directory_iterator at(folder, error);
    if (error) {
        problem = "cannot use " + folder.string() + ": " + error.message();
        return;
    }
    for (const auto& found : at) {
        const auto name = held_name::parse(found.path().filename().string());
        struct stat facts {};
        const bool sound = name && ::lstat(found.path().c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
        if (sound)
            add(*name, {static_cast<std::uint64_t>(facts.st_size), facts.st_mtime, 0});
        else
            fs::remove(found.path(), error);
    }
    expire();
    make_room(leaves, 0, limits.leaf_octets, ~std::size_t{0});
    make_room(partials, 0, limits.partial_octets, limits.partials + 1);
}

void held_objects::shelf::add(const held_name& name, const entry& what)
{
    auto& of = kind_of(name);
    of.octets += what.octets;
    of.by_age.emplace(what.used, name);
    all[name] = what;
}

// Out of the index only.
void held_objects::shelf::take_out(const held_name& name)
{
    const auto found = all.find(name);
    if (found == all.end()) return;
    auto& of = kind_of(name);
    of.octets -= found->second.octets;
    of.by_age.erase({found->second.used, name});
    all.erase(found);
}

void held_objects::shelf::remove(const held_name& name)
{
    ::unlink(path_of(name).c_str());
    take_out(name);
}

// It has been of use now, and has so many octets.
void held_objects::shelf::change(const held_name& name, std::uint64_t octets)
{
    auto what = all.at(name);
    take_out(name);
    what.octets = octets;
    what.used = clock();
    add(name, what);
}

void held_objects::shelf::expire()
{
    const auto expire_kind = [this](kind& of, std::int64_t age) {
        const auto now = clock();
        while (!of.by_age.empty() && of.by_age.begin()->first + age < now) {
            const auto oldest = of.by_age.begin()->second;
            remove(oldest);
        }
    };
    expire_kind(leaves, limits.leaf_age);
    expire_kind(partials, limits.partial_age);
}

// Lets the oldest go until so many octets fit. What is under way goes too: its transfer does not need it.
bool held_objects::shelf::make_room(kind& of, std::uint64_t octets, std::uint64_t most, std::size_t most_files)
{
    if (octets > most) return false;
    while (!of.by_age.empty() && (of.octets > most - octets || of.by_age.size() >= most_files)) {
        const auto oldest = of.by_age.begin()->second;
        remove(oldest);
    }
    return true;
}

bool held_objects::shelf::has_space(std::uint64_t octets) const
{
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0) return false;
    const auto free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    return free > octets && free - octets > limits.free_space_floor;
}

// --- an object on its way in

held_objects::arrival::arrival(std::shared_ptr<shelf> on, held_name name, file handle, std::uint64_t octets)
    : on_(std::move(on)), name_(std::move(name)), file_(std::move(handle)), octets_(octets),
      number_(++on_->last_arrival)
{
    on_->all.at(name_).arrival = number_;
}

held_objects::arrival::~arrival()
{
    if (!owned()) return;
    if (octets_ < on_->limits.least_octets) {
        on_->remove(name_);
        return;
    }
    on_->change(name_, octets_);
    on_->all.at(name_).arrival = 0;
}

bool held_objects::arrival::owned() const
{
    const auto found = on_->all.find(name_);
    return found != on_->all.end() && found->second.arrival == number_;
}

void held_objects::arrival::append(std::string_view octets)
{
    if (!owned()) return;
    if (!write_all(file_, octets_, octets)) return on_->remove(name_);
    octets_ += octets.size();
}

boost::system::result<std::size_t> held_objects::arrival::read(std::uint64_t offset, std::span<char> into)
{
    return read_all(file_, offset, into);
}

void held_objects::arrival::drop()
{
    if (owned()) on_->remove(name_);
}

void held_objects::arrival::become_leaf()
{
    if (!owned()) return;
    const held_name leaf_name{name_.peer, {}, name_.digest};
    const auto now = on_->clock();
    const bool fits = on_->make_room(on_->leaves, octets_, on_->limits.leaf_octets, ~std::size_t{0});
    if (!fits || ::rename(on_->path_of(name_).c_str(), on_->path_of(leaf_name).c_str()) != 0) return on_->remove(name_);
    on_->take_out(name_);
    on_->take_out(leaf_name);
    on_->add(leaf_name, {octets_, now, 0});
}

boost::system::result<std::size_t> held_objects::leaf::read(std::uint64_t offset, std::span<char> into) const
{
    return read_all(file_, offset, into);
}

// --- all of them

held_objects::held_objects(fs::path folder, const held_limits& limits, std::function<std::int64_t()> clock)
    : shelf_(std::make_shared<shelf>())
{
    shelf_->folder = std::move(folder);
    shelf_->limits = limits;
    shelf_->clock = std::move(clock);
    shelf_->load();
}

held_objects::~held_objects() = default;

const std::string& held_objects::problem() const
{
    return shelf_->problem;
}

std::unique_ptr<held_objects::leaf> held_objects::find_leaf(const std::string& peer, const std::string& digest,
                                                            std::uint64_t octets)
{
    shelf_->expire();
    const held_name name{peer, {}, digest};
    const auto known = shelf_->all.find(name);
    if (known == shelf_->all.end() || known->second.octets != octets) return nullptr;
    file handle(::open(shelf_->path_of(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat facts {};
    const bool whole = handle.is_open() && ::fstat(handle.descriptor(), &facts) == 0 &&
                       static_cast<std::uint64_t>(facts.st_size) == octets;
    if (!whole) {
        shelf_->remove(name);
        return nullptr;
    }
    shelf_->change(name, octets);
    ::utimensat(AT_FDCWD, shelf_->path_of(name).c_str(), nullptr, AT_SYMLINK_NOFOLLOW); // its age survives a restart
    return std::make_unique<leaf>(std::move(handle), octets);
}

void held_objects::forget_leaf(const std::string& peer, const std::string& digest)
{
    shelf_->remove({peer, {}, digest});
}

std::unique_ptr<held_objects::arrival> held_objects::begin(const held_name& name, std::uint64_t octets)
{
    auto& on = *shelf_;
    if (!on.problem.empty() || octets < on.limits.least_octets || on.limits.partials == 0) return nullptr;
    on.expire();
    on.remove(name);
    if (!on.has_space(octets) || !on.make_room(on.partials, octets, on.limits.partial_octets, on.limits.partials))
        return nullptr;
    file handle(::open(on.path_of(name).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!handle.is_open()) return nullptr;
    on.add(name, {octets, on.clock(), 0});
    return std::unique_ptr<arrival>(new arrival(shelf_, name, std::move(handle), 0));
}

std::unique_ptr<held_objects::arrival> held_objects::go_on(const held_name& name, std::uint64_t from,
                                                           std::uint64_t octets)
{
    auto& on = *shelf_;
    on.expire();
    if (!on.all.contains(name)) return nullptr;
    file handle(::open(on.path_of(name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    struct stat facts {};
    const bool enough = handle.is_open() && ::fstat(handle.descriptor(), &facts) == 0 &&
                        static_cast<std::uint64_t>(facts.st_size) >= from;
    if (!enough || ::ftruncate(handle.descriptor(), static_cast<off_t>(from)) != 0) {
        on.remove(name);
        return nullptr;
    }
    const auto grows = octets - std::min(octets, on.all.at(name).octets);
    on.change(name, on.all.at(name).octets); // the newest: it goes last when there must be room for what it lacks
    if (!on.has_space(grows) || !on.make_room(on.partials, grows, on.limits.partial_octets, ~std::size_t{0}) ||
        !on.all.contains(name))
        return nullptr;
    on.change(name, octets);
    return std::unique_ptr<arrival>(new arrival(shelf_, name, std::move(handle), from));
}

std::vector<held_objects::partial> held_objects::partials(const std::string& peer, const std::string& message) const
{
    std::vector<partial> found;
    const held_name first{peer, message, {}};
    for (auto at = shelf_->all.lower_bound(first); at != shelf_->all.end(); ++at) {
        const auto& name = at->first;
        if (name.peer != peer || name.message != message) break;
        struct stat facts {};
        if (::lstat(shelf_->path_of(name).c_str(), &facts) != 0) continue;
        found.push_back({name.digest, static_cast<std::uint64_t>(facts.st_size)});
    }
    return found;
}

file held_objects::scratch()
{
    const auto name = shelf_->folder / ("scratch-" + std::to_string(++shelf_->last_arrival));
    file made(::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (made.is_open()) ::unlink(name.c_str());
    return made;
}

std::uint64_t held_objects::leaf_octets() const
{
    return shelf_->leaves.octets;
}

std::uint64_t held_objects::partial_octets() const
{
    return shelf_->partials.octets;
}

} // namespace gateway::spool
