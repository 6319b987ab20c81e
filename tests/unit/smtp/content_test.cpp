// The codecs and scans of content, held against a slow model for every short text there is, and around the sixteen
// octets that they look at in one step.
#include "tests/unit/smtp/content_model.hpp"

#include "smtp/content_scan.hpp"
#include "smtp/data_codec.hpp"
#include "smtp/newline_filter.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace {

using namespace std::string_literals;

constexpr std::string_view alphabet = "\r\n.a";

// Pieces in memory of their own, so that a sanitizer sees every look beyond them.
std::vector<std::unique_ptr<std::string>> pieces_of(const std::string& text, std::size_t split)
{
    std::vector<std::unique_ptr<std::string>> pieces;
    for (std::size_t at = 0; at < text.size(); at += split) {
        pieces.push_back(std::make_unique<std::string>(text.substr(at, split)));
        pieces.back()->shrink_to_fit();
    }
    return pieces;
}

model::data decode(const std::string& octets, std::size_t split)
{
    smtp::data_decoder decoder;
    model::data found;
    for (const auto& piece : pieces_of(octets, split)) {
        std::string_view input = *piece;
        while (!input.empty() && !decoder.ended()) {
            const auto before = input.size();
            found.content += decoder.take(input);
            found.taken += before - input.size();
        }
    }
    found.ended = decoder.ended();
    return found;
}

// The decoder holds back a CR behind a dot; the model, which sees the whole text, does not.
bool holds_back_a_cr(const std::string& octets)
{
    return octets == ".\r" || octets.ends_with("\r\n.\r");
}

TEST(SmtpDataCodec, DecodesEveryShortTextAsTheModelDoes)
{
    std::size_t texts = 0;
    model::for_each_text(alphabet, 8, [&](const std::string& text) {
        auto want = model::decode(text);
        if (!want.ended && holds_back_a_cr(text)) want.content.pop_back();
        for (const std::size_t split : {text.size() + 1, std::size_t(1), std::size_t(3)}) {
            const auto found = decode(text, split);
            ASSERT_EQ(found.content, want.content) << testing::PrintToString(text) << " split " << split;
            ASSERT_EQ(found.ended, want.ended) << testing::PrintToString(text) << " split " << split;
            ASSERT_EQ(found.taken, want.taken) << testing::PrintToString(text) << " split " << split;
        }
        ++texts;
    });
    EXPECT_EQ(texts, 87381U);
}

TEST(SmtpDataCodec, TakesNothingBehindTheEnd)
{
    smtp::data_decoder decoder;
    std::string_view input = "a\r\n.\r\nQUIT\r\n";
    EXPECT_EQ(decoder.take(input), "a\r\n");
    EXPECT_EQ(decoder.take(input), "");
    EXPECT_TRUE(decoder.ended());
    EXPECT_EQ(input, "QUIT\r\n");
    EXPECT_EQ(decoder.take(input), "");
    EXPECT_EQ(input, "QUIT\r\n");
}

TEST(SmtpDataCodec, HandsOutLargePiecesWithoutCopying)
{
    std::string content;
    for (int i = 0; i < 1000; ++i) content += "a line without anything to think about.\r\n";
    smtp::data_decoder decoder;
    std::string_view input = content;
    const auto piece = decoder.take(input);
    EXPECT_EQ(piece.data(), content.data());
    EXPECT_EQ(piece.size(), content.size());
}

// Every irregularity at every distance from the beginning of a block.
TEST(SmtpDataCodec, SeesEveryPositionInABlock)
{
    for (std::size_t before = 0; before < 40; ++before) {
        for (const auto& middle : {"\r\n.\r\n"s, "\r\n.."s, "\n."s, "\r\n.\r"s, "\r.\r\n"s, "\r\n.\n"s}) {
            for (std::size_t after = 0; after < 20; ++after) {
                const auto text = std::string(before, 'x') + middle + std::string(after, 'y') + "\r\n.\r\n";
                const auto want = model::decode(text);
                const auto found = decode(text, text.size());
                ASSERT_EQ(found.content, want.content) << testing::PrintToString(text);
                ASSERT_EQ(found.taken, want.taken) << testing::PrintToString(text);
            }
        }
    }
}

std::optional<std::string> encode(const std::string& content, std::size_t split)
{
    smtp::data_encoder encoder;
    std::string out;
    for (const auto& piece : pieces_of(content, split)) {
        if (!encoder.encode(*piece, out)) return std::nullopt;
    }
    if (!encoder.finish(out)) return std::nullopt;
    return out;
}

TEST(SmtpDataCodec, EncodesEveryShortTextAndDecodesItAgain)
{
    model::for_each_text(alphabet, 8, [&](const std::string& text) {
        const bool ends_in_crlf = text.empty() || text.ends_with("\r\n");
        for (const std::size_t split : {text.size() + 1, std::size_t(1), std::size_t(3)}) {
            const auto octets = encode(text, split);
            ASSERT_EQ(octets.has_value(), !model::has_bare_newline(text))
                << testing::PrintToString(text) << " split " << split;
            if (!octets) continue;
            ASSERT_EQ(*octets, model::encode(text)) << testing::PrintToString(text) << " split " << split;
            const auto again = decode(*octets, octets->size());
            ASSERT_TRUE(again.ended);
            ASSERT_EQ(again.taken, octets->size());
            ASSERT_EQ(again.content, ends_in_crlf ? text : text + "\r\n");
        }
    });
}

TEST(SmtpDataCodec, EncoderSeesEveryPositionInABlock)
{
    for (std::size_t before = 0; before < 40; ++before) {
        for (const auto& middle : {"\r\n.\r\n"s, "\r\n..\r\n."s, "\n"s, "\r"s, "\r\n\r\n."s, "\n\r"s}) {
            const auto text = std::string(before, 'x') + middle + std::string(20, 'y');
            const auto octets = encode(text, text.size());
            ASSERT_EQ(octets.has_value(), !model::has_bare_newline(text)) << testing::PrintToString(text);
            if (!octets) continue;
            ASSERT_EQ(*octets, model::encode(text)) << testing::PrintToString(text);
        }
    }
}

model::filtered filter(const std::string& text, smtp::newline_policy policy, std::size_t split)
{
    smtp::newline_filter filter(policy);
    model::filtered found;
    for (const auto& piece : pieces_of(text, split)) {
        std::string_view input = *piece;
        while (!input.empty()) found.content += filter.take(input);
    }
    found.content += filter.finish();
    found.refused = filter.refused();
    return found;
}

TEST(SmtpNewlineFilter, TreatsEveryShortTextAsTheModelDoes)
{
    using policy = smtp::newline_policy;
    model::for_each_text("\r\na", 9, [&](const std::string& text) {
        for (const auto p : {policy::reject, policy::normalize, policy::carry}) {
            const auto want = model::filter(text, p);
            for (const std::size_t split : {text.size() + 1, std::size_t(1), std::size_t(2)}) {
                const auto found = filter(text, p, split);
                ASSERT_EQ(found.content, want.content) << testing::PrintToString(text) << " split " << split;
                ASSERT_EQ(found.refused, want.refused) << testing::PrintToString(text) << " split " << split;
            }
        }
    });
}

TEST(SmtpNewlineFilter, HandsOutLargePiecesWithoutCopying)
{
    std::string content;
    for (int i = 0; i < 1000; ++i) content += "a line without anything to think about.\r\n";
    smtp::newline_filter filter(smtp::newline_policy::reject);
    std::string_view input = content;
    const auto piece = filter.take(input);
    EXPECT_EQ(piece.data(), content.data());
    EXPECT_EQ(piece.size(), content.size());
}

smtp::content_facts scan(const std::string& text, std::size_t split)
{
    smtp::content_scan scan;
    for (const auto& piece : pieces_of(text, split)) scan.push(*piece);
    return scan.facts();
}

smtp::content_facts facts_of(const std::string& text)
{
    smtp::content_facts facts;
    facts.octets = text.size();
    for (const char c : text) {
        facts.eight_bit |= static_cast<unsigned char>(c) > 127;
        facts.nul |= c == 0;
    }
    facts.bare_newline = model::has_bare_newline(text);
    facts.ends_in_crlf = text.empty() || text.ends_with("\r\n");
    return facts;
}

TEST(SmtpContentScan, FindsTheFactsOfEveryShortText)
{
    model::for_each_text("\r\na\0\x80"s, 6, [&](const std::string& text) {
        const auto want = facts_of(text);
        for (const std::size_t split : {text.size() + 1, std::size_t(1), std::size_t(2)}) {
            ASSERT_EQ(scan(text, split), want) << testing::PrintToString(text) << " split " << split;
        }
    });
}

TEST(SmtpContentScan, SeesEveryPositionInABlock)
{
    for (std::size_t before = 0; before < 40; ++before) {
        for (const auto& middle : {"\r\n"s, "\n"s, "\r"s, "\0"s, "\x80"s, "\xFF"s, "\r\r\n"s, "\n\r"s}) {
            for (const std::size_t after : {0, 1, 15, 16, 17, 33}) {
                const auto text = std::string(before, 'x') + middle + std::string(after, 'y');
                ASSERT_EQ(scan(text, text.size()), facts_of(text)) << testing::PrintToString(text);
                ASSERT_EQ(scan(text, 17), facts_of(text)) << testing::PrintToString(text);
            }
        }
    }
}

} // namespace
