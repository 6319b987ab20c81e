// A message as files: a folder with envelope.xml, headers.xml and body, as `isthmus map` and `isthmus queue show -o`
// write it.
#pragma once

#include "gateway/cli/common.hpp"
#include "xproto/envelope.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::cli {

inline constexpr const char* envelope_name = "envelope.xml";
inline constexpr const char* headers_name = "headers.xml";
inline constexpr const char* body_name = "body";
inline constexpr std::uint64_t max_object_octets = 1 << 30;

// The envelope in a folder, or in a file. Limits are wide: this is for looking, nobody else's memory is at stake.
attempt<xproto::envelope> read_envelope_file(const std::filesystem::path& path);
attempt<std::string> read_headers_file(const std::filesystem::path& folder);

using taker = std::function<bool(std::string_view)>;

// Hands a file's octets on in pieces, until `take` says false. `-` is standard input.
attempt<void> read_pieces(const std::filesystem::path& path, const taker& take);

// Does the object have the octets that the envelope says it has? Else a sentence.
std::optional<std::string> differs(const xproto::envelope& envelope, std::string_view type, std::uint64_t octets,
                                   const xproto::digest& digest);
// The same for the headers and body files of a folder, as far as they are there.
attempt<void> check_objects(const xproto::envelope& envelope, const std::filesystem::path& folder);

} // namespace gateway::cli
