// Boost.JSON, compiled once for the tests that read the language-neutral vectors of tests/conformance.
#include <boost/json/src.hpp>
