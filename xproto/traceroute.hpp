// Which way mail takes: a control message that goes no further than so many hosts, and the answer of the host where it
// stops (docs/xproto.md, "Traceroute"). Both are delivery extensions. The limit is compared with the hops of the signed
// trace, so nothing in the probe changes on its way.
#pragma once

#include "xproto/envelope.hpp"
#include "xproto/extensions.hpp"
#include "xproto/object_error.hpp"

namespace xproto {

inline constexpr std::string_view route_probe_oid = "99.2.2";
inline constexpr std::string_view route_answer_oid = "99.2.3";

struct traceroute_limits {
    std::size_t octets = 4096; // of a probe or an answer
    std::size_t text = 512;    // of one value in it
    std::uint32_t hops = 64;
};

struct route_probe {
    std::uint32_t hops = 1; // the host that gets it with so many hops in its trace answers

    bool operator==(const route_probe&) const = default;
};

struct route_answer {
    std::uint32_t hop = 0;    // how many hosts the probe had passed
    std::string probe;        // its message id
    std::string host;         // who answers; also the first host of the answer's own trace
    unix_seconds arrival = 0; // of the probe
    std::string next; // where mail for its recipient goes from there, as a hop's `next`: a host, or `smtp:` and a host

    bool operator==(const route_answer&) const = default;
};

std::string write_xml(const route_probe& probe);
std::string write_xml(const route_answer& answer);
parsed<route_probe> read_route_probe(std::string_view xml, const traceroute_limits& limits = {});
parsed<route_answer> read_route_answer(std::string_view xml, const traceroute_limits& limits = {});

// The extension of this name; nullptr: the envelope has none.
const extension* find_extension(const envelope& message, std::string_view oid);

// Control messages with a critical extension, to one recipient. Not yet salted, signed or certified. The probe is from
// `address`, which the answer goes to; the answer is from nobody, so that nothing is ever answered twice.
envelope make_probe(const route_probe& probe, std::string from, std::string to, std::string id, unix_seconds created);
envelope make_answer(const route_answer& answer, std::string to, std::string id, unix_seconds created);

// Why a message that holds a probe is none: it has content, not exactly one recipient, nobody to answer to, or nothing
// that can be read.
parsed<route_probe> probe_of(const envelope& message);

// For the table of extensions.
delivery_extension route_probe_extension();
delivery_extension route_answer_extension();

} // namespace xproto
