// Commands run in this process, and what they said.
#pragma once

#include "gateway/cli/command_line.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gateway::cli {

struct said {
    int code = -1;
    std::string out, err;
};

inline said run(std::vector<std::string> arguments, command_hooks hooks = {})
{
    if (hooks.version.empty()) hooks.version = "1.2.3";
    arguments.insert(arguments.begin(), "isthmus");
    std::vector<const char*> argv;
    for (const auto& a : arguments) argv.push_back(a.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    said s;
    s.code = run_command_line(static_cast<int>(argv.size()), argv.data(), hooks);
    s.out = testing::internal::GetCapturedStdout();
    s.err = testing::internal::GetCapturedStderr();
    return s;
}

} // namespace gateway::cli
