// Plays every dialogue of tests/transcripts/xproto: as written, octet by octet, in odd pieces, with every question kept
// waiting, and broken off after every action.
#include "tests/unit/xproto/session_script.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace {

using session_script::kind;

std::vector<std::filesystem::path> files()
{
    std::vector<std::filesystem::path> found;
    const auto folder = std::filesystem::path(ISTHMUS_TESTS_DIR) / "transcripts" / "xproto";
    for (const auto& file : std::filesystem::directory_iterator(folder))
        if (file.path().extension() == ".txt") found.push_back(file.path());
    std::sort(found.begin(), found.end());
    return found;
}

std::string name_of(const std::filesystem::path& file)
{
    auto name = file.stem().string();
    const auto odd = [](unsigned char c) { return !std::isalnum(c); };
    std::replace_if(name.begin(), name.end(), odd, '_');
    return name;
}

class XprotoTranscript : public testing::TestWithParam<std::filesystem::path> {
  protected:
    void SetUp() override { script_ = session_script::read(GetParam()); }
    session_script::outcome play(const session_script::manner& how) const
    {
        return script_.side == "server" ? play_server(script_, how) : play_client(script_, how);
    }
    // The same octets out and the same questions asked, in whatever rhythm?
    void expect_same(const session_script::outcome& played) const
    {
        session_script::outcome written;
        written.lines = script_.lines;
        const auto ours = script_.side == "server" ? kind::server : kind::client;
        EXPECT_EQ(played.complaint, "");
        EXPECT_EQ(played.octets(ours), written.octets(ours));
        EXPECT_EQ(played.questions(), written.questions());
    }

    session_script::script script_;
};

TEST_P(XprotoTranscript, GoesAsWritten)
{
    const auto played = play({});
    EXPECT_EQ(played.complaint, "");
    EXPECT_TRUE(played.closed);
    EXPECT_EQ(played.lines, script_.lines);
}

TEST_P(XprotoTranscript, DoesNotCareHowTheOctetsArrive)
{
    if (script_.has("whole")) return;
    for (const std::size_t split : {1, 2, 3, 5, 7, 16, 61}) {
        session_script::manner how;
        how.split = split;
        SCOPED_TRACE(split);
        expect_same(play(how));
    }
}

TEST_P(XprotoTranscript, WaitsForEveryAnswer)
{
    if (script_.has("whole") || script_.has("prompt")) return;
    session_script::manner how;
    how.deferred = true;
    expect_same(play(how));
    how.split = 1;
    expect_same(play(how));
}

// The players see to it that every message ends in exactly one way.
TEST_P(XprotoTranscript, EndsCleanlyWhereverTheConnectionBreaks)
{
    const auto whole = play({});
    ASSERT_GT(whole.actions, 0U);
    for (std::size_t cut = 0; cut < whole.actions; ++cut) {
        session_script::manner how;
        how.cut_after = cut;
        SCOPED_TRACE(cut);
        const auto played = play(how);
        EXPECT_EQ(played.complaint, "");
        EXPECT_TRUE(played.closed);
        EXPECT_LE(played.actions, 2 * whole.actions + 10) << "what is left to say after the end is little";
    }
}

INSTANTIATE_TEST_SUITE_P(Xproto, XprotoTranscript, testing::ValuesIn(files()),
                         [](const auto& one) { return name_of(one.param); });

// An empty folder is a defect of the tests, not a pass.
TEST(XprotoTranscripts, AreThere)
{
    EXPECT_GE(files().size(), 90U);
}

} // namespace
