// The parameters of a MIME field (RFC 2045 5.1), one after the other: `; name=value; other="value"`. Linear in the
// field; never fails: what is no parameter is passed over up to the next semicolon outside of quotes and comments. Who
// wants only what is clear asks for flaws.
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
    // Was there anything so far that is no parameter, a quotation or comment without an end, or a quotation with
    // something beside it?
    bool is_flawed() const { return is_flawed_; }

  private:
    parameter take_piece();
    std::size_t take_comment(std::string& to, std::string_view text, bool is_value);
    std::size_t take_quoted(std::string& to, std::string_view text);

    std::string_view rest_;
    std::string value_;
    bool is_flawed_ = false;
};

} // namespace mapping::parts
