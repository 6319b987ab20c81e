// A parameter that may come in sections and with a charset (RFC 2231 3 and 4): filename, filename*, filename*0,
// filename*1*.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapping::parts {

// What a parameter is called, taken apart.
struct section_name {
    std::string_view name;
    std::size_t number = 0;
    bool is_section = false; // any form but the first
    bool is_encoded = false; // with percent signs; section 0 then begins with a charset and a language
};

// Nothing when it is none of the forms, or the number is above 999.
std::optional<section_name> split_section_name(std::string_view written);

// Total: of two sections with one number the first counts, a missing one ends the value, and what is no percent code
// stands for itself. Strict readers ask for flaws.
class section_joiner {
  public:
    void add(const section_name& as, std::string value);
    bool empty() const { return sections_.empty(); }

    struct joined {
        std::string octets;
        std::string charset; // as it is written; empty: not told
        bool is_flawed = false;
    };
    joined join() const;

  private:
    struct section {
        std::size_t number = 0;
        bool is_encoded = false;
        std::string value;
    };
    std::vector<section> sections_;
};

} // namespace mapping::parts
