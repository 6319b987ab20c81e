// What several tests of the mapping need: messages split whole or in pieces, and the mail to try things with.
#pragma once

#include "mapping/message_splitter.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace mapping_test {

struct split_message {
    mapping::message_splitter splitter;
    std::string body;

    const mapping::header_section& header() const { return splitter.header(); }
};

// The message pushed in pieces that end at the given offsets.
inline split_message split_at(std::string_view message, const std::vector<std::size_t>& ends,
                              mapping::message_splitter::limits limits = {})
{
    split_message out{mapping::message_splitter(limits), {}};
    const auto take = [&](const mapping::message_splitter::body_pieces& pieces) {
        out.body += pieces.held;
        out.body += pieces.fresh;
    };
    std::size_t begin = 0;
    for (const auto end : ends) {
        take(out.splitter.push(message.substr(begin, end - begin)));
        begin = end;
    }
    take(out.splitter.push(message.substr(begin)));
    take(out.splitter.finish());
    return out;
}

inline split_message split(std::string_view message, mapping::message_splitter::limits limits = {})
{
    return split_at(message, {}, limits);
}

inline std::string read_file(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// All files below a folder, sorted; the ones that do not end so are passed over.
inline std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder, std::string_view ending = "")
{
    std::vector<std::filesystem::path> found;
    if (!std::filesystem::is_directory(folder)) return found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().string().ends_with(ending)) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace mapping_test
