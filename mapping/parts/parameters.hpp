// The parameters of a MIME field (RFC 2045 5.1), one after the other: `; name=value; other="value"`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mapping::parts {

struct parameter {
    std::string name; // in lower case
    std::string value; // without quotes and quoted pairs

    bool operator==(const parameter&) const = default;
};

// Linear in the field, never fails: what is no parameter is passed over up to the next semicolon outside of quotes and
// comments.
class parameter_reader {
  public:
    // A field's body, unfolded or not.
    explicit parameter_reader(std::string_view body);

    // What stands before the first semicolon, without comments and white space around it.
    const std::string& value() const { return value_; }
    std::optional<parameter> next();

  private:
    std::string take_piece();

    std::string_view rest_;
    std::string value_;
};

} // namespace mapping::parts
