// RocksDB as a catalogue: a column family for the records, one for the duplicate memory, and the default one for what
// the spool says of itself. Tuned small: the records are few hundred octets each and live for seconds.
#include "gateway/spool/catalogue.hpp"

#include "gateway/spool/errc.hpp"

#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <cassert>
#include <mutex>
#include <shared_mutex>

namespace gateway::spool {
namespace {

constexpr const char* format_key = "format";
constexpr const char* format_value = "isthmus spool 1";
constexpr const char* last_id_key = "last id";

enum family : std::size_t { facts, records_family, duplicates_family, families };

class forgetting_filter : public rocksdb::CompactionFilter {
  public:
    explicit forgetting_filter(std::function<bool(std::string_view)> forgotten) : forgotten_(std::move(forgotten)) {}

    const char* Name() const override { return "isthmus duplicate memory"; }
    bool Filter(int, const rocksdb::Slice&, const rocksdb::Slice& value, std::string*, bool*) const override
    {
        return forgotten_({value.data(), value.size()});
    }

  private:
    std::function<bool(std::string_view)> forgotten_;
};

rocksdb::DBOptions database_options(rocksdb::Env* environment, rocksdb::WALRecoveryMode mode)
{
    rocksdb::DBOptions options;
    if (environment != nullptr) options.env = environment;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.wal_recovery_mode = mode;
    options.max_background_jobs = 2;
    options.max_open_files = 256;
    options.max_total_wal_size = 96 << 20;
    options.skip_stats_update_on_db_open = true;
    options.info_log_level = rocksdb::WARN_LEVEL;
    options.keep_log_file_num = 2;
    options.max_log_file_size = 1 << 20;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(const forgetting_filter& filter)
{
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(16 << 20);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.cache_index_and_filter_blocks = false; // a few megabytes, and asked for each xproto message

    rocksdb::ColumnFamilyOptions common;
    common.compression = rocksdb::kNoCompression;
    common.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));

    auto own = common;
    own.write_buffer_size = 1 << 20;

    auto records = common;
    records.write_buffer_size = 32 << 20;
    // A settled message leaves a tombstone: files full of them are compacted before they slow down a walk through all.
    records.table_properties_collector_factories.push_back(rocksdb::NewCompactOnDeletionCollectorFactory(4096, 2048));

    auto duplicates = common;
    duplicates.write_buffer_size = 16 << 20;
    // Asked for twice with each xproto message, which is nearly always new: what is in memory need not be walked for
    // that.
    duplicates.memtable_whole_key_filtering = true;
    duplicates.memtable_prefix_bloom_size_ratio = 0.02; // some 25 bits for each entry
    duplicates.compaction_filter = &filter;
    duplicates.periodic_compaction_seconds = 86400; // what is forgotten leaves the disk at most a day later

    return {{rocksdb::kDefaultColumnFamilyName, own}, {"records", records}, {"duplicates", duplicates}};
}

boost::system::error_code meaning(const rocksdb::Status& status)
{
    if (status.ok()) return {};
    if (status.IsNotFound()) return errc::not_found;
    if (status.IsCorruption()) return errc::damaged;
    if (status.IsNoSpace()) return errc::short_of_space;
    return errc::storage_failed;
}

rocksdb::Slice slice(std::string_view text)
{
    return {text.data(), text.size()};
}

} // namespace

struct catalogue::state {
    explicit state(catalogue_settings s) : settings(std::move(s)), filter(settings.forgotten) {}
    ~state() { close(); }

    rocksdb::Status open();
    rocksdb::Status open(rocksdb::WALRecoveryMode mode);
    void close();
    rocksdb::Status write(const catalogue_changes& changes, bool durable);
    rocksdb::Status try_disk() const;
    std::string introduce();
    boost::system::error_code failed(const rocksdb::Status& status);

    catalogue_settings settings;
    forgetting_filter filter;
    mutable std::shared_mutex access; // exclusive: while closed and opened again
    std::unique_ptr<rocksdb::DB> db;  // null after a reopen that failed
    std::array<rocksdb::ColumnFamilyHandle*, families> handles{};
    entry_id last;
    std::string failure;
    bool salvaged = false;
};

// A log that ends in the middle of a change is what a crash leaves, and nobody was told of that change. One that is
// damaged before its end is not: then this saves what can be saved, but says so.
rocksdb::Status catalogue::state::open()
{
    const auto status = open(rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords);
    salvaged = false;
    if (!status.IsCorruption()) return status;
    const auto second = open(rocksdb::WALRecoveryMode::kPointInTimeRecovery);
    if (!second.ok()) return status;
    salvaged = true;
    failure = status.ToString();
    return second;
}

rocksdb::Status catalogue::state::open(rocksdb::WALRecoveryMode mode)
{
    rocksdb::DB* raw = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> opened;
    const auto status = rocksdb::DB::Open(database_options(settings.environment, mode), settings.folder.native(),
                                          family_descriptors(filter), &opened, &raw);
    if (!status.ok()) return status;
    db.reset(raw);
    std::copy(opened.begin(), opened.end(), handles.begin());
    return status;
}

void catalogue::state::close()
{
    if (!db) return;
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    handles = {};
    db->Close(); // an error here is one that every write has reported already
    db.reset();
}

rocksdb::Status catalogue::state::write(const catalogue_changes& changes, bool durable)
{
    rocksdb::WriteBatch batch;
    for (const auto& [id, value] : changes.records) batch.Put(handles[records_family], id.text(), value);
    for (const auto id : changes.settled) batch.Delete(handles[records_family], id.text());
    for (const auto& [key, value] : changes.duplicates) batch.Put(handles[duplicates_family], key, value);
    for (const auto& key : changes.forgotten) batch.Delete(handles[duplicates_family], key);
    if (changes.last_id) batch.Put(handles[facts], last_id_key, changes.last_id->text());
    rocksdb::WriteOptions options;
    options.sync = durable;
    return db->Write(options, &batch);
}

// Can a file be written and synced beside RocksDB's own?
rocksdb::Status catalogue::state::try_disk() const
{
    auto* const environment = settings.environment != nullptr ? settings.environment : rocksdb::Env::Default();
    const auto name = (settings.folder / "can-this-be-written.log").native();
    auto status = rocksdb::WriteStringToFile(environment, "can this be written?\n", name, true);
    if (status.ok()) status = environment->DeleteFile(name);
    return status;
}

// Checks that this is a catalogue of ours, or makes a new one ours. Returns what is wrong.
std::string catalogue::state::introduce()
{
    std::string format;
    auto status = db->Get({}, handles[facts], format_key, &format);
    if (status.ok() && format != format_value)
        return "is a \"" + format + "\", and this program reads \"" + format_value + "\" only";
    if (status.IsNotFound()) {
        const std::unique_ptr<rocksdb::Iterator> any(db->NewIterator({}, handles[records_family]));
        any->SeekToFirst();
        if (any->Valid()) return "has records but does not say in which format";
        rocksdb::WriteOptions durable;
        durable.sync = true;
        status = db->Put(durable, handles[facts], format_key, format_value);
    }
    if (!status.ok()) return status.ToString();

    std::string text;
    status = db->Get({}, handles[facts], last_id_key, &text);
    if (status.IsNotFound()) return {};
    if (!status.ok()) return status.ToString();
    const auto id = entry_id::parse(text);
    if (!id) return "names \"" + text + "\" as its last message, which is no id";
    last = *id;
    return {};
}

boost::system::error_code catalogue::state::failed(const rocksdb::Status& status)
{
    if (!status.ok()) failure = status.ToString();
    return meaning(status);
}

catalogue::catalogue(std::unique_ptr<state> s) : state_(std::move(s)) {}
catalogue::~catalogue() = default;

catalogue::opened catalogue::open(catalogue_settings settings)
{
    auto fresh = std::make_unique<state>(std::move(settings));
    const auto where = fresh->settings.folder.native();
    opened outcome;
    if (const auto status = fresh->open(); !status.ok()) {
        outcome.problem = "cannot open the catalogue " + where + ": " + status.ToString();
        return outcome;
    }
    if (auto problem = fresh->introduce(); !problem.empty()) {
        outcome.problem = "the catalogue " + where + " " + problem;
        return outcome;
    }
    outcome.store.reset(new catalogue(std::move(fresh)));
    return outcome;
}

catalogue::result<std::string> catalogue::record(entry_id id) const
{
    const std::shared_lock lock(state_->access);
    if (!state_->db) return errc::storage_failed;
    std::string value;
    const auto status = state_->db->Get({}, state_->handles[records_family], id.text(), &value);
    if (!status.ok()) return meaning(status);
    return value;
}

catalogue::result<std::string> catalogue::duplicate(std::string_view key) const
{
    const std::shared_lock lock(state_->access);
    if (!state_->db) return errc::storage_failed;
    std::string value;
    const auto status = state_->db->Get({}, state_->handles[duplicates_family], slice(key), &value);
    if (!status.ok()) return meaning(status);
    return value;
}

catalogue::result<std::vector<std::pair<entry_id, std::string>>> catalogue::records(entry_id after,
                                                                                    std::size_t most) const
{
    const std::shared_lock lock(state_->access);
    if (!state_->db) return errc::storage_failed;
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> at(state_->db->NewIterator(options, state_->handles[records_family]));
    std::vector<std::pair<entry_id, std::string>> found;
    for (at->Seek(after.text()); at->Valid() && found.size() < most; at->Next()) {
        const auto id = entry_id::parse(at->key().ToStringView());
        if (!id || *id == after) continue;
        found.emplace_back(*id, at->value().ToString());
    }
    if (!at->status().ok()) return meaning(at->status());
    return found;
}

entry_id catalogue::last_id() const
{
    return state_->last;
}

catalogue::error_code catalogue::write(const catalogue_changes& changes, bool durable)
{
    if (!state_->db) return errc::storage_failed;
    return state_->failed(state_->write(changes, durable));
}

catalogue::error_code catalogue::sync()
{
    if (!state_->db) return errc::storage_failed;
    return state_->failed(state_->db->SyncWAL());
}

catalogue::error_code catalogue::reopen(const catalogue_changes& first)
{
    if (const auto status = state_->try_disk(); !status.ok()) return state_->failed(status);
    const std::unique_lock lock(state_->access);
    state_->close();
    auto status = state_->open();
    if (status.ok() && !first.empty()) status = state_->write(first, true);
    if (!status.ok()) state_->close();
    return state_->failed(status);
}

bool catalogue::salvaged() const
{
    return state_->salvaged;
}

std::string catalogue::last_failure() const
{
    return state_->failure;
}

catalogue::error_code catalogue::compact()
{
    if (!state_->db) return errc::storage_failed;
    for (auto* handle : state_->handles) {
        const auto status = state_->db->CompactRange({}, handle, nullptr, nullptr);
        if (!status.ok()) return state_->failed(status);
    }
    return {};
}

} // namespace gateway::spool

#if defined(__SANITIZE_THREAD__)
// The distribution's RocksDB is not instrumented, so ThreadSanitizer sees its memory but not its atomics, and takes
// what they order for races. Races of our own are still found.
extern "C" const char* __tsan_default_suppressions()
{
    return "race:librocksdb.so\ncalled_from_lib:librocksdb.so\n";
}
#endif
