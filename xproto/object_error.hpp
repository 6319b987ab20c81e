// What is wrong with an XML object, exactly: which rule, and where. Peers see the text behind a 99.0.5.x code.
#pragma once

#include "xproto/result_code.hpp"

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace xproto {

struct object_error {
    result_code code;  // the 99.0.5.x code that a session answers with
    std::string where; // path of the element and octet offset, e.g. "envelope/recipients/recipient[3] at octet 812"
    std::string what;  // a calm sentence, e.g. "the number of recipients is over envelope.recipients (1000)"
};

template <class T> using parsed = boost::system::result<T, object_error>;

// For boost::system::result: value() without a check is a bug in this program, never an answer to input.
[[noreturn]] inline void throw_exception_from_error(const object_error& e, const boost::source_location&)
{
    throw std::logic_error(e.where + ": " + e.what);
}

} // namespace xproto
