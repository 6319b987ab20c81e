// A parameter that may come in pieces and with a charset (RFC 2231 3 and 4): filename, filename*, filename*0,
// filename*1*.
#pragma once

#include "mapping/parts/parameters.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mapping::parts {

class filename_reader {
  public:
    // Takes the parameter when it is the one called `name`, or a piece of it.
    void add(std::string_view name, const parameter& p);
    // Puts together what was taken; false when that is nothing. Octets beyond `most` are left out.
    bool finish(std::string& value, std::string& charset, std::size_t most) const;

  private:
    struct piece {
        std::size_t number = 0;
        bool is_encoded = false; // with percent signs; the first one with a charset and a language
        std::string value;
    };

    std::vector<piece> pieces_;
    std::string whole_; // the plain parameter: what is left when there are no pieces
};

} // namespace mapping::parts
