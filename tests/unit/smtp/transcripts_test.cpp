// Plays every dialogue of tests/transcripts/smtp: as written, octet by octet, in odd pieces, with every question kept
// waiting, and broken off after every action.
#include "tests/unit/smtp/transcript.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#ifndef ISTHMUS_TESTS_DIR
#define ISTHMUS_TESTS_DIR (std::filesystem::path(__FILE__).parent_path().parent_path().parent_path())
#endif

namespace {

using transcript::kind;

std::vector<std::filesystem::path> files()
{
    std::vector<std::filesystem::path> found;
    for (const auto& file :
         std::filesystem::directory_iterator(std::filesystem::path(ISTHMUS_TESTS_DIR) / "transcripts" / "smtp")) {
        if (file.path().extension() == ".txt") found.push_back(file.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::string name_of(const std::filesystem::path& file)
{
    auto name = file.stem().string();
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
    return name;
}

class SmtpTranscript : public testing::TestWithParam<std::filesystem::path> {
  protected:
    void SetUp() override { script_ = transcript::read(GetParam()); }
    transcript::outcome play(const transcript::manner& how) const
    {
        return script_.side == "server" ? play_server(script_, how) : play_client(script_, how);
    }
    bool is_server() const { return script_.side == "server"; }
    kind ours() const { return is_server() ? kind::server : kind::client; }

    // The same octets out and the same questions asked, in whatever rhythm?
    void expect_same(const transcript::outcome& played) const
    {
        transcript::outcome written;
        written.lines = script_.lines;
        EXPECT_EQ(played.complaint, "");
        EXPECT_EQ(played.octets(ours()), written.octets(ours()));
        EXPECT_EQ(played.only(kind::question, is_server() ? kind::content : kind::question),
                  written.only(kind::question, is_server() ? kind::content : kind::question));
    }

    transcript::script script_;
};

TEST_P(SmtpTranscript, GoesAsWritten)
{
    const auto played = play({});
    EXPECT_EQ(played.complaint, "");
    EXPECT_TRUE(played.closed);
    EXPECT_EQ(played.lines, script_.lines);
}

TEST_P(SmtpTranscript, DoesNotCareHowTheOctetsArrive)
{
    if (!script_.splittable()) return;
    for (const std::size_t split : {1, 2, 3, 5, 7, 16, 61}) {
        transcript::manner how;
        how.split = split;
        SCOPED_TRACE(split);
        expect_same(play(how));
    }
}

TEST_P(SmtpTranscript, WaitsForEveryAnswer)
{
    transcript::manner how;
    how.deferred = true;
    expect_same(play(how));
}

// Begun spool entries are finished or discarded, exactly once, whenever the connection breaks.
void expect_settled(const transcript::dialogue& lines)
{
    bool open = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& text = lines[i].text;
        if (lines[i].what != kind::question) continue;
        if (text.starts_with("begin_data")) {
            EXPECT_FALSE(open);
            const bool answered = i + 1 < lines.size() && lines[i + 1].what == kind::answer;
            open = !answered || lines[i + 1].text.starts_with("354");
        } else if (text == "finish" || text == "discard") {
            EXPECT_TRUE(open) << text << " of nothing";
            open = false;
        }
    }
    EXPECT_FALSE(open) << "neither finished nor discarded";
}

// Every transaction begun gets its result, exactly once, before the close.
void expect_results(const transcript::dialogue& lines)
{
    std::size_t due = 0;
    bool begun = false;
    for (const auto& line : lines) {
        if (line.what == kind::answer && (line.text.starts_with("TO:") || line.text.starts_with("raw to:"))) ++due;
        if (line.what == kind::answer && (line.text.starts_with("FROM:") || line.text.starts_with("raw from:"))) {
            EXPECT_EQ(due, 0U);
            begun = true;
        }
        if (line.what == kind::question && line.text.starts_with("result ")) {
            EXPECT_TRUE(begun);
            ASSERT_GT(due, 0U) << "a result too many";
            --due;
        }
    }
    EXPECT_EQ(due, 0U) << "a result is missing";
}

TEST_P(SmtpTranscript, EndsCleanlyWhereverTheConnectionBreaks)
{
    const auto whole = play({});
    ASSERT_GT(whole.actions, 0U);
    for (std::size_t cut = 0; cut < whole.actions; ++cut) {
        transcript::manner how;
        how.cut_after = cut;
        SCOPED_TRACE(cut);
        const auto played = play(how);
        EXPECT_EQ(played.complaint, "");
        EXPECT_TRUE(played.closed);
        EXPECT_LE(played.actions, cut + 4) << "what is left to say after the end is little";
        if (is_server()) expect_settled(played.lines);
        if (!is_server()) expect_results(played.lines);
    }
}

INSTANTIATE_TEST_SUITE_P(Smtp, SmtpTranscript, testing::ValuesIn(files()),
                         [](const auto& one) { return name_of(one.param); });

// An empty folder is a defect of the tests, not a pass.
TEST(SmtpTranscripts, AreThere)
{
    EXPECT_GE(files().size(), 40U);
}

} // namespace
