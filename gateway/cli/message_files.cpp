// Messages as files.
#include "gateway/cli/message_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

namespace gateway::cli {
namespace {

xproto::envelope_limits wide_limits()
{
    xproto::envelope_limits l;
    l.octets = max_object_octets;
    l.recipients = l.hops = l.extensions = l.certificates = l.legacy_fields = 1'000'000;
    return l;
}

} // namespace

attempt<xproto::envelope> read_envelope_file(const std::filesystem::path& path)
{
    std::error_code ignored;
    const auto file = std::filesystem::is_directory(path, ignored) ? path / envelope_name : path;
    const auto xml = read_file(file, max_object_octets);
    if (!xml) return xml.error();
    auto read = xproto::read_envelope(*xml, wide_limits());
    if (!read) return failure{file.string() + ": " + read.error().where + ": " + read.error().what};
    return {boost::system::in_place_value, std::move(*read)};
}

attempt<std::string> read_headers_file(const std::filesystem::path& folder)
{
    return read_file(folder / headers_name, max_object_octets);
}

attempt<void> read_pieces(const std::filesystem::path& path, const taker& take)
{
    std::ifstream file;
    if (path != "-") {
        std::error_code error;
        if (std::filesystem::is_directory(path, error)) return failure{path.string() + " is a folder"};
        errno = 0;
        file.open(path, std::ios::binary);
        if (!file) return failure{path.string() + " cannot be read: " + std::strerror(errno)};
    }
    std::istream& in = path == "-" ? std::cin : file;
    std::string piece(256 * 1024, '\0');
    while (in) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        const std::string_view octets(piece.data(), static_cast<std::size_t>(in.gcount()));
        if (!octets.empty() && !take(octets)) return {};
    }
    if (in.bad()) return failure{path.string() + " cannot be read: " + std::strerror(errno)};
    return {};
}

std::optional<std::string> differs(const xproto::envelope& envelope, std::string_view type, std::uint64_t octets,
                                   const xproto::digest& digest)
{
    const auto named =
        std::find_if(envelope.objects.begin(), envelope.objects.end(), [&](const auto& o) { return o.type == type; });
    if (named == envelope.objects.end()) return "the envelope names no " + std::string(type);
    if (named->octets != octets)
        return std::string(type) + " has " + std::to_string(octets) + " octets, but the envelope says " +
               std::to_string(named->octets);
    if (named->sha256 != digest) return std::string(type) + " is not the one whose digest the envelope has";
    return std::nullopt;
}

attempt<void> check_objects(const xproto::envelope& envelope, const std::filesystem::path& folder)
{
    for (const auto& [type, name] :
         {std::pair("message/headers", headers_name), std::pair("message/body", body_name)}) {
        std::error_code ignored;
        if (!std::filesystem::exists(folder / name, ignored)) continue;
        xproto::sha256_stream digest;
        std::uint64_t octets = 0;
        const auto read = read_pieces(folder / name, [&](std::string_view piece) {
            digest.update(piece);
            octets += piece.size();
            return true;
        });
        if (!read) return read.error();
        if (const auto wrong = differs(envelope, type, octets, digest.finish()))
            return failure{(folder / name).string() + ": " + *wrong};
    }
    return {};
}

} // namespace gateway::cli
