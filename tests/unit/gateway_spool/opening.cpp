// A spool that cannot be opened says what, where and why, in one line, and leaves everything as it is.
#include "gateway/spool/catalogue.hpp"
#include "gateway/spool/record_codec.hpp"
#include "gateway/spool/segment_log.hpp"
#include "tests/unit/gateway_spool/support.hpp"

#include <rocksdb/db.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace {

using namespace gateway::spool;
using namespace gateway::spool::test;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Opening : public testing::Test {
  protected:
    std::string problem()
    {
        auto opened = open_on_disk(b.settings);
        EXPECT_FALSE(opened.store);
        return opened.problem;
    }
    // Alters the catalogue behind the closed spool's back.
    void alter(const catalogue_changes& changes)
    {
        b.close();
        catalogue_settings settings;
        settings.folder = b.path() / "catalogue";
        settings.forgotten = [](std::string_view) { return false; };
        const auto opened = catalogue::open(std::move(settings));
        ASSERT_TRUE(opened.store) << opened.problem;
        ASSERT_FALSE(opened.store->write(changes, true));
    }
    void put_record(entry_id id, std::string octets)
    {
        catalogue_changes changes;
        changes.records.emplace_back(id, std::move(octets));
        alter(changes);
    }

    bench b;
};

TEST_F(Opening, TwoDaemonsCannotShareAFolder)
{
    b.open();
    EXPECT_THAT(problem(), HasSubstr("the spool " + b.path().native() + " is in use by another isthmus (process " +
                                     std::to_string(::getpid()) + ")"));
    EXPECT_TRUE(commit(*b.store, b.loop, make_message(1, 10))) << "the first is not disturbed";
    b.close();
    b.open();
    EXPECT_EQ(all_records(*b.store).size(), 1u);
}

TEST_F(Opening, TheFolderIsForItsOwnerOnly)
{
    b.open();
    struct stat facts = {};
    for (const auto* name : {"", "segments", "catalogue"}) {
        ASSERT_EQ(::stat((b.path() / name).c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 0777u, 0700u) << name;
    }
    commit(*b.store, b.loop, make_message(1, 10));
    ASSERT_EQ(::stat((b.path() / "segments" / segment_name(1)).c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777u, 0600u);
}

TEST_F(Opening, NamesWhatIsWrongWithTheFolder)
{
    b.settings.folder = b.folder.path / "missing" / "spool";
    EXPECT_THAT(problem(), HasSubstr("cannot make the folder " + b.settings.folder.native() + ": No such file"));

    b.settings.folder = b.folder.path / "file";
    std::ofstream(b.settings.folder) << "x";
    EXPECT_THAT(problem(), HasSubstr(b.settings.folder.native() + " is not a folder"));

    b.settings.folder = b.folder.path / "blocked";
    fs::create_directories(b.settings.folder / "lock"); // a folder where the lock file should be
    EXPECT_THAT(problem(), HasSubstr("cannot write to the spool folder " + b.settings.folder.native()));

    if (::geteuid() == 0) return; // root writes everywhere
    b.settings.folder = b.folder.path / "closed";
    fs::create_directory(b.settings.folder);
    fs::permissions(b.settings.folder, fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_THAT(problem(), HasSubstr("Permission denied"));
}

TEST_F(Opening, RefusesASpoolOfAnotherFormat)
{
    b.open();
    b.close();
    {
        rocksdb::DB* raw = nullptr;
        std::vector<rocksdb::ColumnFamilyHandle*> handles;
        const auto path = (b.path() / "catalogue").native();
        ASSERT_TRUE(
            rocksdb::DB::Open({}, path, {{"default", {}}, {"records", {}}, {"duplicates", {}}}, &handles, &raw).ok());
        const std::unique_ptr<rocksdb::DB> db(raw);
        ASSERT_TRUE(db->Put({}, handles[0], "format", "isthmus spool 2").ok());
        for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    }
    EXPECT_THAT(problem(), HasSubstr("is a \"isthmus spool 2\", and this program reads \"isthmus spool 1\" only"));
}

TEST_F(Opening, RefusesADatabaseThatIsNoSpool)
{
    fs::create_directories(b.path() / "catalogue");
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, (b.path() / "catalogue").native(), &raw).ok());
    {
        const std::unique_ptr<rocksdb::DB> db(raw);
        rocksdb::ColumnFamilyHandle* other = nullptr;
        ASSERT_TRUE(db->CreateColumnFamily({}, "somebody's", &other).ok());
        db->DestroyColumnFamilyHandle(other);
    }
    EXPECT_THAT(problem(), HasSubstr("somebody's"));
}

TEST_F(Opening, SaysWhenTheDatabaseIsDamaged)
{
    b.open();
    b.close();
    for (const auto& entry : fs::directory_iterator(b.path() / "catalogue"))
        if (entry.path().filename().native().starts_with("MANIFEST")) fs::resize_file(entry.path(), 10);
    EXPECT_THAT(problem(), HasSubstr("cannot open the catalogue " + (b.path() / "catalogue").native()));
}

TEST_F(Opening, ARecordThatCannotBeReadIsReportedAndNothingIsRemoved)
{
    b.settings.limits.segment_octets = 1000;
    b.open();
    const auto first = *commit(*b.store, b.loop, make_message(1, 2000));
    const auto second = *commit(*b.store, b.loop, make_message(2, 2000));
    auto newer = *encode(first);
    newer[0] = record_version + 1;
    put_record(first.id, newer);

    b.open();
    b.loop.run_ready();
    EXPECT_TRUE(b.noticed("id=" + first.id.text() + ": its record cannot be read: the record was written by another"));
    EXPECT_TRUE(b.noticed("1 records cannot be read; all segments are kept"));
    EXPECT_EQ(b.store->find(first.id).error(), errc::damaged);
    EXPECT_EQ(all_records(*b.store).size(), 1u) << "the others are not touched by that";
    b.store->settle(second.id);
    ASSERT_TRUE(commit(*b.store, b.loop, make_message(3, 2000)));
    EXPECT_EQ(segment_names(b.path()).size(), 3u) << "the first's octets may lie anywhere";

    put_record(first.id, *encode(first)); // the other version of the program repairs it
    b.open();
    expect_intact(*b.store, *b.store->find(first.id), make_message(1, 2000));
    EXPECT_EQ(segment_names(b.path()).size(), 2u);

    put_record(second.id, "nonsense");
    b.open();
    b.store->settle(second.id); // an operator gives it up
    b.open();
    b.notices.clear();
    b.open();
    EXPECT_THAT(b.notices, testing::IsEmpty());
}

TEST_F(Opening, ARecordUnderAnothersNameIsNotThatMessage)
{
    b.open();
    const auto stored = *commit(*b.store, b.loop, make_message(1, 10));
    put_record(entry_id(7), *encode(stored));
    b.open();
    EXPECT_EQ(b.store->find(entry_id(7)).error(), errc::damaged);
    EXPECT_EQ(all_records(*b.store).size(), 1u);
}

TEST_F(Opening, WhenTheLogOfRecordsIsDamagedTheSegmentsTheyNamedAreKeptAside)
{
    b.settings.limits.segment_octets = 1000;
    b.open();
    std::vector<record> stored;
    for (std::uint64_t i = 0; i < 10; ++i) stored.push_back(*commit(*b.store, b.loop, make_message(i, 2000)));
    const auto crashed = b.folder.path / "crashed";
    fs::copy(b.path(), crashed, fs::copy_options::recursive);
    b.close();
    for (const auto& entry : fs::directory_iterator(crashed / "catalogue")) {
        if (entry.path().extension() != ".log" || entry.file_size() == 0) continue;
        std::fstream log(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
        log.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
        log.write("rot", 3);
    }
    b.settings.folder = crashed;
    b.open();
    b.loop.run_ready();
    EXPECT_TRUE(b.noticed("the catalogue's log is damaged"));
    const auto saved = all_records(*b.store);
    ASSERT_LT(saved.size(), 10u);
    ASSERT_GT(saved.size(), 0u);
    for (std::size_t i = 0; i < saved.size(); ++i) expect_intact(*b.store, saved[i], make_message(i, 2000));
    std::size_t kept = 0;
    for (const auto& entry : fs::directory_iterator(crashed)) {
        if (!entry.path().filename().native().starts_with("orphans-")) continue;
        for ([[maybe_unused]] const auto& segment : fs::directory_iterator(entry.path())) ++kept;
    }
    EXPECT_EQ(kept, 10 - saved.size()) << "what may be acknowledged mail is not removed";
    EXPECT_GT(b.store->begin()->id(), saved.back().id);
}

} // namespace
