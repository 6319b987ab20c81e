// A plain main for a fuzz target: feeds it every file of the folders (or files) named on the command line, so that
// inputs which once broke something are tried in every test run, without libFuzzer. An empty corpus is a failure.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// Returns false when the file cannot be read. The copy is exactly as long as the file, so that a sanitizer sees a
// read past the end.
bool replay(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> octets{std::istreambuf_iterator<char>(file), {}};
    if (file.bad() || !file.is_open()) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        return false;
    }
    const std::vector<std::uint8_t> input(octets.begin(), octets.end());
    std::fprintf(stderr, "%s\n", path.c_str()); // the last one named is the one that crashed
    LLVMFuzzerTestOneInput(input.data(), input.size());
    return true;
}

int replay_all(const std::vector<std::string>& arguments)
{
    std::size_t count = 0;
    for (const auto& argument : arguments) {
        std::vector<std::filesystem::path> files;
        if (std::filesystem::is_directory(argument)) {
            for (const auto& entry : std::filesystem::directory_iterator(argument))
                if (entry.is_regular_file()) files.push_back(entry.path());
        } else {
            files.emplace_back(argument);
        }
        for (const auto& file : files) {
            if (!replay(file)) return 1;
            ++count;
        }
    }
    std::fprintf(stderr, "%zu inputs replayed\n", count);
    return count == 0 ? 1 : 0;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return replay_all({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
