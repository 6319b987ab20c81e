// Content: decoder, newline filter, encoder and scan against the slow model, split by the first octet.
#include "smtp/content_scan.hpp"
#include "smtp/data_codec.hpp"
#include "smtp/newline_filter.hpp"
#include "tests/unit/smtp/content_model.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void require(bool promise)
{
    if (!promise) std::abort();
}

void decode(const std::string& octets, std::size_t split)
{
    smtp::data_decoder decoder;
    std::string content;
    std::size_t taken = 0;
    for (std::size_t at = 0; at < octets.size() && !decoder.ended(); at += split) {
        const auto piece = octets.substr(at, split);
        std::string_view input = piece;
        while (!input.empty() && !decoder.ended()) content += decoder.take(input);
        taken += piece.size() - input.size();
    }
    auto want = model::decode(octets);
    const bool cr_held_back = !want.ended && (octets == ".\r" || octets.ends_with("\r\n.\r"));
    if (cr_held_back) want.content.pop_back();
    require(content == want.content && decoder.ended() == want.ended && taken == want.taken);
}

void filter(const std::string& octets, std::size_t split, smtp::newline_policy policy)
{
    smtp::newline_filter filter(policy);
    std::string content;
    for (std::size_t at = 0; at < octets.size(); at += split) {
        const auto piece = octets.substr(at, split);
        std::string_view input = piece;
        while (!input.empty()) content += filter.take(input);
    }
    content += filter.finish();
    const auto want = model::filter(octets, policy);
    require(content == want.content && filter.refused() == want.refused);
}

void encode(const std::string& content, std::size_t split)
{
    smtp::data_encoder encoder;
    smtp::content_scan scan;
    std::string out;
    bool clean = true;
    for (std::size_t at = 0; at < content.size(); at += split) {
        const auto piece = content.substr(at, split);
        scan.push(piece);
        clean = clean && encoder.encode(piece, out);
    }
    clean = clean && encoder.finish(out);
    const auto facts = scan.facts();
    require(clean == !facts.bare_newline && clean == !model::has_bare_newline(content));
    require(facts.octets == content.size() && facts.nul == (content.find('\0') != content.npos));
    require(facts.ends_in_crlf == (content.empty() || content.ends_with("\r\n")));
    if (!clean) return;
    require(out == model::encode(content));
    const auto again = model::decode(out);
    require(again.ended && again.taken == out.size());
    require(again.content == (facts.ends_in_crlf ? content : content + "\r\n"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::string octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t split = data[0] == 0 ? size : data[0];
    decode(octets, split);
    for (const auto policy :
         {smtp::newline_policy::reject, smtp::newline_policy::normalize, smtp::newline_policy::carry})
        filter(octets, split, policy);
    encode(octets, split);
    return 0;
}
