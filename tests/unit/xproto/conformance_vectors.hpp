// The language-neutral vectors of tests/conformance/vectors (docs/conformance.md), read for the tests that hold this
// implementation against them.
#pragma once

#include "xproto/base64.hpp"
#include "xproto/utf8.hpp"

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace conformance {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// The vectors of one file, one a line. A file that is missing or empty is a failure.
inline std::vector<object> load(const std::string& name)
{
    std::ifstream file(std::string(ISTHMUS_TESTS_DIR) + "/conformance/vectors/" + name + ".jsonl");
    std::vector<object> found;
    for (std::string line; std::getline(file, line);) found.push_back(boost::json::parse(line).as_object());
    EXPECT_FALSE(found.empty()) << name;
    return found;
}

inline std::string text(const object& vector, const std::string& name)
{
    const auto* found = vector.if_contains(name);
    return found ? std::string(found->as_string()) : std::string();
}

inline std::string decoded(const value& base64)
{
    return xproto::from_base64(base64.as_string()).value();
}

// Octets: text under their name, or base64 under their name and "-base64".
inline std::string octets(const object& vector, const std::string& name)
{
    if (const auto* encoded = vector.if_contains(name + "-base64")) return decoded(*encoded);
    return text(vector, name);
}

// The same way round: puts octets into a vector.
inline void put(object& vector, const std::string& name, std::string_view octets)
{
    if (xproto::is_utf8(octets))
        vector[name] = octets;
    else
        vector[name + "-base64"] = xproto::to_base64(octets);
}

// The parts of a vector that say what comes out.
inline object wanted_of(const object& vector, std::initializer_list<const char*> names)
{
    object wanted;
    for (const char* name : names)
        if (const auto* said = vector.if_contains(name)) wanted[name] = *said;
    return wanted;
}

inline void expect_same(const object& found, const object& wanted, const std::string& name)
{
    EXPECT_TRUE(found == wanted) << name << "\n  found  " << boost::json::serialize(found) << "\n  wanted "
                                 << boost::json::serialize(wanted);
}

} // namespace conformance
