// A folder of a measurement's own under the system's place for such, with all that was in it when it goes.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <stdexcept>

namespace gateway::tools {

class scratch_folder {
  public:
    explicit scratch_folder(bool keep) : keep_(keep)
    {
        auto pattern = (std::filesystem::temp_directory_path() / "isthmus-bench-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("cannot make a folder for the measurement: " + std::string(std::strerror(errno)));
        path_ = pattern;
    }
    ~scratch_folder()
    {
        std::error_code ignored;
        if (keep_)
            std::cerr << "isthmus: everything is in " << path_.string() << "\n";
        else
            std::filesystem::remove_all(path_, ignored);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    void keep() { keep_ = true; }

  private:
    std::filesystem::path path_;
    bool keep_;
};

} // namespace gateway::tools
