// Something, or the sentence that tells a person why not.
#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>

namespace gateway::tools {

struct failure {
    std::string what;
};

template <class T> using attempt = boost::system::result<T, failure>;

// For boost::system::result: value() without a check is a bug in this program.
[[noreturn]] inline void throw_exception_from_error(const failure& f, const boost::source_location&)
{
    throw std::logic_error(f.what);
}

} // namespace gateway::tools
