// Where a test receiver keeps what it was given: every message under the next number, its parts as they came, octet for
// octet. Nothing is synced to disk: this is for looking at, not for keeping.
#pragma once

#include "gateway/cli/common.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace gateway::tools {

class message_folder {
  public:
    enum class layout {
        folders, // 00001/envelope.xml, 00001/headers.xml, 00001/body
        files,   // 00001.eml, 00001.envelope
    };

    // A message on its way in. Its parts gather in a hidden folder, which vanishes with the entry unless it is kept.
    class entry {
      public:
        entry(message_folder& owner, std::filesystem::path place) : owner_(owner), place_(std::move(place)) {}
        ~entry();
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;

        // Appends to a part: "body", or "eml", the ending of a file's name.
        void write(const std::string& part, std::string_view octets);
        // Gives the message its number, from 1. 0: something could not be written; nothing is kept.
        std::uint64_t keep();

      private:
        message_folder& owner_;
        std::filesystem::path place_;
        std::map<std::string, std::ofstream> parts_;
        bool failed_ = false;
    };

    // Makes the folder if need be; numbers go on after the highest that is there. An error names the folder.
    static cli::attempt<std::unique_ptr<message_folder>> open(std::filesystem::path where, layout how);

    std::unique_ptr<entry> begin();

  private:
    message_folder(std::filesystem::path where, layout how) : where_(std::move(where)), layout_(how) {}
    std::filesystem::path numbered(std::uint64_t number, const std::string& ending) const;

    std::filesystem::path where_;
    layout layout_;
    std::uint64_t last_ = 0, begun_ = 0;
};

} // namespace gateway::tools
