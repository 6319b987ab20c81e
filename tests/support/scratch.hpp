// A directory of its own for one test, and foreign programs that judge what was put there.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace scratch {

struct outcome {
    int status = -1; // as wait() gives it; 0: success
    std::string output;
};

// Runs a shell command; standard error is part of the output.
inline outcome run(const std::string& command)
{
    outcome result;
    std::FILE* pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) != 0;) result.output.append(buffer, n);
    result.status = ::pclose(pipe);
    return result;
}

// Is this program there? Tests assert it: tests/run installs what they need, and one that did not run shows nothing.
inline bool has(const std::string& program)
{
    return run("command -v " + program).status == 0;
}

class directory {
  public:
    directory()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "isthmus-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch directory");
        path_ = pattern;
    }
    ~directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    directory(const directory&) = delete;
    directory& operator=(const directory&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string put(const std::string& name, std::string_view octets) const
    {
        const auto file = path_ / name;
        std::ofstream out(file, std::ios::binary);
        out.write(octets.data(), static_cast<std::streamsize>(octets.size()));
        if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
        return file.string();
    }
    std::string get(const std::string& name) const
    {
        std::ifstream in(path_ / name, std::ios::binary);
        if (!in) throw std::runtime_error("cannot read " + name);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // Runs a shell command in this directory.
    outcome run(const std::string& command) const;

  private:
    std::filesystem::path path_;
};

inline outcome directory::run(const std::string& command) const
{
    return scratch::run("cd '" + path_.string() + "' && " + command);
}

} // namespace scratch
