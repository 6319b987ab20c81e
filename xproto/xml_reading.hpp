// Walking a document against a fixed shape: what comes next, what must be there, and an exact error when it is not. The
// first error sticks, so that readers stay a straight line.
#pragma once

#include "xproto/digest.hpp"
#include "xproto/document.hpp"

#include <cstdint>
#include <initializer_list>

namespace xproto {

class reading {
  public:
    bool failed() const { return error_.has_value(); }
    object_error take_error() { return std::move(*error_); }

    // Always false, so that `return r.fail(...)` reads well. Only the first failure counts.
    bool fail(const element& where, std::string what);
    bool fail(const element& where, std::string what, const result_code& code);
    // "the number of `what` is over `limit` (n)".
    bool over(const element& where, std::string_view what, std::string_view limit, std::size_t value);

    // Attributes without a prefix that are not among these are refused.
    bool only(const element& e, std::initializer_list<std::string_view> attributes);
    // Neither elements of the document's own namespace nor text inside.
    bool empty(const element& e);
    // Nothing but elements inside.
    bool no_text(const element& e);

    // Values of attributes. A missing one is an error.
    std::string_view required(const element& e, std::string_view attribute);
    std::uint64_t number(const element& e, std::string_view attribute, std::uint64_t most);
    digest required_digest(const element& e, std::string_view attribute);
    std::optional<digest> optional_digest(const element& e, std::string_view attribute);
    std::int64_t time(const element& e, std::string_view text);

    // Strings of any octets: enc="base64" says that the text, or these attributes, are base64.
    std::string text(const element& e);
    // Text without enc, as element::text(). Elements of the document's own namespace have no place in it.
    std::string_view plain_text(const element& e, std::string& room);
    std::string decoded(const element& e, std::string_view value);
    std::string string_attribute(const element& e, std::string_view attribute);
    bool is_base64(const element& e);

  private:
    std::optional<object_error> error_;
};

// The elements inside another, in their order.
class children {
  public:
    children(reading& r, const element& parent) : r_(r), parent_(parent), next_(parent.first()) {}

    // The next element, when its name is this; else none, and nothing is taken.
    element take_if(std::string_view name);
    // The same; that it is missing is an error.
    element take(std::string_view name);
    // Whatever comes next; none at the end.
    element any();
    // Nothing is left.
    bool finish();

  private:
    reading& r_;
    element parent_;
    element next_;
};

} // namespace xproto
