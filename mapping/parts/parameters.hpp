// The parameters of a MIME field (RFC 2045 5.1), one after the other: `; name=value; other="value"`. Linear in the
// field; never fails: what is no parameter is passed over up to the next semicolon outside of quotes and comments.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mapping::parts {

struct parameter {
    std::string name;  // in lower case
    std::string value; // without quotes, quoted pairs and comments

    bool operator==(const parameter&) const = default;
};

class parameter_reader {
  public:
    // What follows the field's colon, folds and all.
    explicit parameter_reader(std::string_view body);

    // What stands before the first semicolon.
    const std::string& value() const { return value_; }
    std::optional<parameter> next();

  private:
    parameter take_piece();

    std::string_view rest_;
    std::string value_;
};

} // namespace mapping::parts
