// A TOML document as plain values with their places in the file. toml_document.cpp is the only file that knows toml++.
#pragma once

#include "gateway/config/load.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

struct node {
    enum class kind { table, array, string, integer, boolean, other };
    struct member;

    kind type = kind::other;
    position place;
    std::string text;            // string; of `other`: as a person would call it ("a date")
    std::int64_t number = 0;     // integer
    bool truth = false;          // boolean
    std::vector<node> items;     // array
    std::vector<member> members; // table, in the order of the file
};

struct node::member {
    std::string key;
    position place;
    node value;
};

// The whole file, or the first place where it is no TOML.
boost::system::result<node, problems> read_toml(std::string_view toml, const std::string& file);

// What stands there, for a message: `"abc"`, `25`, `a list`. Long strings are cut.
std::string shown(const node& value);

} // namespace gateway::config
