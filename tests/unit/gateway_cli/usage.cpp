// The tree as a whole: help with an example for every command, and the exit codes that scripts rely on.
#include "tests/unit/gateway_cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>

namespace gateway::cli {
namespace {

using testing::HasSubstr;
using words = std::vector<std::string>;

command_hooks with_run()
{
    command_hooks hooks;
    hooks.run = [](const config::settings&) { return 0; };
    return hooks;
}

const words commands[] = {
    {"init"},
    {"check"},
    {"run"},
    {"status"},
    {"queue", "list"},
    {"queue", "show"},
    {"queue", "retry"},
    {"queue", "delete"},
    {"map", "to-xproto"},
    {"map", "to-smtp"},
    {"map", "verify"},
    {"trace", "show"},
    {"trace", "verify"},
    {"traceroute"},
    {"cert", "ca"},
    {"cert", "host"},
    {"cert", "user"},
    {"cert", "show"},
    {"cert", "verify"},
    {"version"},
    {"queue"},
    {"map"},
    {"trace"},
    {"cert"},
};

TEST(CommandLine, HasAnExampleInEveryHelp)
{
    for (auto command : commands) {
        command.push_back("--help");
        const auto s = run(command, with_run());
        EXPECT_EQ(s.code, 0) << command.front();
        EXPECT_THAT(s.out, HasSubstr("Example:\n  isthmus ")) << command.front();
        EXPECT_EQ(s.err, "");
    }
}

TEST(CommandLine, ListsTheCommandsAndTheExitCodes)
{
    const auto s = run({"--help"}, with_run());
    EXPECT_EQ(s.code, 0);
    for (const auto& command : commands) EXPECT_THAT(s.out, HasSubstr("  " + command.front() + " ")) << command.front();
    EXPECT_THAT(s.out, HasSubstr("78 bad configuration"));
    EXPECT_THAT(s.out, testing::Not(HasSubstr("config-reference")));
}

TEST(CommandLine, AnswersMistakesWithUsage)
{
    const words mistakes[] = {{},
                              {"frobnicate"},
                              {"--frobnicate"},
                              {"queue"},
                              {"queue", "frobnicate"},
                              {"status", "--frobnicate"},
                              {"init"},
                              {"init", "x"},
                              {"queue", "show"},
                              {"queue", "list", "--limit", "0"},
                              {"queue", "list", "--limit", "x"},
                              {"queue", "delete"},
                              {"queue", "delete", "--all", "01hq8z2m4xk"},
                              {"map", "verify"},
                              {"map", "verify", "-j", "0", "x"},
                              {"map", "to-xproto", "x"},
                              {"cert", "verify", "x"},
                              {"cert", "verify", "x", "--ca", "y", "--host", "h", "--address", "a@b"},
                              {"cert", "ca", "--site", "edge.example", "-o", "x", "--key", "y", "--days", "0"},
                              {"cert", "host", "mx1.edge.example", "--ca", "x", "-o", "y", "--key", "z"},
                              {"trace", "verify"}};
    for (const auto& m : mistakes) {
        const auto s = run(m, with_run());
        EXPECT_EQ(s.code, usage) << testing::PrintToString(m);
        EXPECT_NE(s.err, "") << testing::PrintToString(m);
        EXPECT_EQ(s.out, "") << testing::PrintToString(m);
    }
}

TEST(CommandLine, TellsTheVersion)
{
    EXPECT_EQ(run({"--version"}).out, "isthmus 1.2.3\n");
    EXPECT_TRUE(run({"version"}).out.starts_with("isthmus 1.2.3 (OpenSSL 3."));
    EXPECT_TRUE(run({"version", "--json"}).out.starts_with(R"({"version":"1.2.3","openssl":"3.)"));
}

TEST(CommandLine, TakesFurtherCommandsFromMain)
{
    command_hooks hooks;
    hooks.more.push_back([](CLI::App& app, int& result) {
        app.add_subcommand("extra", "One more")->callback([&result] { result = 1; });
    });
    EXPECT_EQ(run({"extra"}, hooks).code, 1);
    EXPECT_THAT(run({"--help"}, hooks).out, HasSubstr("One more"));
    EXPECT_EQ(run({"extra"}).code, usage);
}

TEST(CommandLine, SaysWhatWasThrownInsteadOfCrashing)
{
    command_hooks hooks;
    hooks.more.push_back([](CLI::App& app, int&) {
        app.add_subcommand("fall", "Fall over")->callback([] { throw std::runtime_error("out of luck"); });
    });
    const auto s = run({"fall"}, hooks);
    EXPECT_EQ(s.code, negative);
    EXPECT_EQ(s.err, "isthmus: out of luck\n");
}

TEST(CommandLine, PrintsTheReferenceOfTheConfiguration)
{
    const auto s = run({"config-reference"});
    EXPECT_EQ(s.code, 0);
    EXPECT_THAT(s.out, HasSubstr("| `listen` | `[\"127.0.0.1:2525\"]` |"));
}

} // namespace
} // namespace gateway::cli
