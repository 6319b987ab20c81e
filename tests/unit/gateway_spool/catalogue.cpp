// Records and duplicates in RocksDB: what was durable survives, what was torn does not hurt, what is damaged is told.
#include "gateway/spool/catalogue.hpp"
#include "gateway/spool/errc.hpp"
#include "tests/unit/gateway_spool/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace {

using namespace gateway::spool;
using namespace gateway::spool::test;
namespace fs = std::filesystem;

class Catalogue : public testing::Test {
  protected:
    std::unique_ptr<catalogue> open(const fs::path& where)
    {
        catalogue_settings settings;
        settings.folder = where;
        settings.forgotten = [this](std::string_view value) { return value < now; };
        auto opened = catalogue::open(std::move(settings));
        EXPECT_TRUE(opened.store) << opened.problem;
        return std::move(opened.store);
    }
    static catalogue_changes put(std::uint64_t id)
    {
        catalogue_changes changes;
        changes.records.emplace_back(entry_id(id), value(id));
        changes.last_id = entry_id(id);
        return changes;
    }
    static std::string value(std::uint64_t id) { return octets_of(id, 300); }
    // The file that RocksDB is writing its log to.
    static fs::path log_of(const fs::path& where)
    {
        fs::path newest;
        for (const auto& entry : fs::directory_iterator(where))
            if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
        return newest;
    }
    static std::vector<std::uint64_t> ids(const catalogue& from)
    {
        std::vector<std::uint64_t> found;
        for (const auto& [id, octets] : *from.records({}, 100'000)) {
            found.push_back(id.value());
            EXPECT_EQ(octets, value(id.value()));
        }
        return found;
    }

    temporary_folder folder;
    fs::path path = folder.path / "catalogue";
    std::string now = "0";
};

TEST_F(Catalogue, ReadsWhatWasWrittenNowAndAfterARestart)
{
    auto c = open(path);
    auto changes = put(5);
    changes.records.emplace_back(entry_id(3), value(3));
    changes.duplicates.emplace_back("key", "value");
    ASSERT_FALSE(c->write(changes, false));
    for (const bool again : {false, true}) {
        if (again) c.reset();
        if (again) c = open(path);
        EXPECT_EQ(*c->record(entry_id(3)), value(3));
        EXPECT_EQ(c->record(entry_id(4)).error(), errc::not_found);
        EXPECT_EQ(*c->duplicate("key"), "value");
        EXPECT_EQ(c->duplicate("other").error(), errc::not_found);
        EXPECT_EQ(ids(*c), (std::vector<std::uint64_t>{3, 5}));
    }
    EXPECT_EQ(c->last_id(), entry_id(5));
    catalogue_changes gone;
    gone.settled = {entry_id(3)};
    gone.forgotten = {"key"};
    ASSERT_FALSE(c->write(gone, true));
    EXPECT_EQ(c->record(entry_id(3)).error(), errc::not_found);
    EXPECT_EQ(c->duplicate("key").error(), errc::not_found);
}

TEST_F(Catalogue, GivesRecordsInPages)
{
    const auto c = open(path);
    for (std::uint64_t id = 1; id <= 10; ++id) ASSERT_FALSE(c->write(put(id), false));
    EXPECT_EQ(c->records({}, 4)->size(), 4u);
    EXPECT_EQ(c->records(entry_id(4), 4)->front().first, entry_id(5));
    EXPECT_EQ(c->records(entry_id(8), 4)->size(), 2u);
    EXPECT_TRUE(c->records(entry_id(10), 4)->empty());
}

TEST_F(Catalogue, ForgetsDuplicatesWhenItKeepsHouse)
{
    const auto c = open(path);
    catalogue_changes changes;
    changes.duplicates = {{"old", "10"}, {"new", "20"}};
    ASSERT_FALSE(c->write(changes, true));
    ASSERT_FALSE(c->compact());
    EXPECT_TRUE(c->duplicate("old"));
    now = "15";
    ASSERT_FALSE(c->compact());
    EXPECT_EQ(c->duplicate("old").error(), errc::not_found);
    EXPECT_TRUE(c->duplicate("new"));
}

TEST_F(Catalogue, ALogTornAnywhereInItsLastChangeLosesThatChangeOnly)
{
    std::uintmax_t before = 0;
    {
        const auto c = open(path);
        for (std::uint64_t id = 1; id <= 20; ++id) ASSERT_FALSE(c->write(put(id), true));
        before = fs::file_size(log_of(path));
        ASSERT_FALSE(c->write(put(21), true));
        fs::copy(path, folder.path / "crashed"); // as a crash would leave it: never closed
    }
    const auto crashed = folder.path / "crashed";
    const auto whole = fs::file_size(log_of(crashed));
    ASSERT_GT(whole, before);
    std::vector<std::uint64_t> want(20);
    std::generate(want.begin(), want.end(), [i = std::uint64_t{0}]() mutable { return ++i; });
    const auto step = (whole - before) / 12;
    for (auto size = before; size < whole; size += step) {
        const auto torn = folder.path / ("torn" + std::to_string(size));
        fs::copy(crashed, torn);
        fs::resize_file(log_of(torn), size);
        const auto c = open(torn);
        ASSERT_TRUE(c);
        EXPECT_EQ(ids(*c), want) << "cut after octet " << size;
        EXPECT_FALSE(c->salvaged());
        EXPECT_EQ(c->last_id(), entry_id(20));
    }
}

TEST_F(Catalogue, ALogDamagedBeforeItsEndIsSavedAsFarAsItCanBeReadAndToldOf)
{
    {
        const auto c = open(path);
        for (std::uint64_t id = 1; id <= 20; ++id) ASSERT_FALSE(c->write(put(id), true));
        fs::copy(path, folder.path / "rotten");
    }
    const auto rotten = folder.path / "rotten";
    {
        std::fstream log(log_of(rotten), std::ios::in | std::ios::out | std::ios::binary);
        log.seekp(static_cast<std::streamoff>(fs::file_size(log_of(rotten)) / 2));
        log.put('\x55');
        log.put('\xaa');
    }
    const auto c = open(rotten);
    ASSERT_TRUE(c);
    EXPECT_TRUE(c->salvaged());
    EXPECT_NE(c->last_failure(), "");
    const auto saved = ids(*c);
    EXPECT_GE(saved.size(), 5u);
    EXPECT_LT(saved.size(), 20u);
    ASSERT_FALSE(c->write(put(99), true));
    ASSERT_FALSE(c->reopen({}));
    EXPECT_FALSE(c->salvaged()) << "told once";
    EXPECT_EQ(ids(*c).size(), saved.size() + 1);
}

TEST_F(Catalogue, SomebodyElsesDataIsNotTouched)
{
    fs::create_directory(path);
    std::ofstream(path / "CURRENT") << "nonsense";
    catalogue_settings settings;
    settings.folder = path;
    const auto opened = catalogue::open(std::move(settings));
    EXPECT_FALSE(opened.store);
    EXPECT_THAT(opened.problem, testing::HasSubstr("cannot open the catalogue " + path.native()));
}

} // namespace
