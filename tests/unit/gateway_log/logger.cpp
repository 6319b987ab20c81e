// Levels, the sink, and several threads at once.
#include "gateway/log/logger.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <unistd.h>
#include <vector>

namespace gateway::log {
namespace {

TEST(Logger, WritesOnlyWhatTheLevelAsksFor)
{
    for (const auto most : {level::error, level::warning, level::info, level::debug}) {
        std::vector<std::string> lines;
        logger log(most, format::logfmt, [&](std::string_view text) { lines.emplace_back(text); });
        log.error("a");
        log.warning("b");
        log.info("c");
        log.debug("d");
        EXPECT_EQ(lines.size(), static_cast<std::size_t>(most) + 1);
        EXPECT_EQ(log.enabled(level::debug), most == level::debug);
    }
}

TEST(Logger, ChangesLevelAndFormatWhileRunning)
{
    std::vector<std::string> lines;
    logger log(level::error, format::logfmt, [&](std::string_view text) { lines.emplace_back(text); });
    log.info("unseen");
    log.set(level::info, format::json);
    log.info("seen");
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_TRUE(lines[0].starts_with(R"({"id":"-","time":")")) << lines[0];
    EXPECT_TRUE(lines[0].ends_with("}\n")) << lines[0];
}

TEST(Logger, NeverMixesTheLinesOfThreads)
{
    std::string all;
    logger log(level::info, format::logfmt, [&](std::string_view text) { all += text; });
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&log, t] {
            for (int i = 0; i < 500; ++i) log.info("tick", {{"id", t}, {"i", i}});
        });
    for (auto& t : threads) t.join();

    std::array<int, 4> next{};
    std::size_t lines = 0;
    for (std::size_t begin = 0, end; (end = all.find('\n', begin)) != std::string::npos; begin = end + 1, ++lines) {
        const auto text = all.substr(begin, end - begin);
        ASSERT_TRUE(text.starts_with("id=")) << text;
        const auto thread = static_cast<std::size_t>(text[3] - '0');
        EXPECT_TRUE(text.ends_with(" event=tick i=" + std::to_string(next.at(thread)++))) << text;
    }
    EXPECT_EQ(lines, 2000u);
}

TEST(Logger, CountsTheLinesThatADescriptorDoesNotTake)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    std::atomic<std::uint64_t> lost{0};
    logger log(level::info, format::logfmt, to_descriptor(ends[1], &lost));
    log.info("one");
    std::array<char, 256> buffer{};
    const auto got = read(ends[0], buffer.data(), buffer.size());
    ASSERT_GT(got, 0);
    EXPECT_TRUE(std::string_view(buffer.data(), static_cast<std::size_t>(got)).ends_with(" level=info event=one\n"));
    EXPECT_EQ(lost, 0u);
    close(ends[0]);
    close(ends[1]);
    log.info("two");
    EXPECT_EQ(lost, 1u);
}

TEST(LogWords, AreReadAsTheyAreWritten)
{
    for (const auto value : {level::error, level::warning, level::info, level::debug})
        EXPECT_EQ(level_from_text(to_text(value)), value);
    for (const auto value : {format::logfmt, format::json}) EXPECT_EQ(format_from_text(to_text(value)), value);
    EXPECT_FALSE(level_from_text("Info"));
    EXPECT_FALSE(level_from_text(""));
    EXPECT_FALSE(format_from_text("text"));
}

} // namespace
} // namespace gateway::log
