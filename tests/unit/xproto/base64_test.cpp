// Base64: one text for each value, in both directions.
#include "xproto/base64.hpp"

#include <gtest/gtest.h>

namespace {

using xproto::from_base64;
using xproto::to_base64;

TEST(Base64, WritesTheVectorsOfRfc4648)
{
    const std::pair<std::string_view, std::string_view> table[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (const auto& [octets, text] : table) {
        EXPECT_EQ(to_base64(octets), text);
        EXPECT_EQ(from_base64(text), octets);
    }
}

TEST(Base64, GivesBackEveryOctetAtEveryPlace)
{
    for (std::size_t size = 1; size <= 7; ++size)
        for (int octet = 0; octet < 256; ++octet)
            for (std::size_t at = 0; at < size; ++at) {
                std::string octets(size, '\x5a');
                octets[at] = static_cast<char>(octet);
                ASSERT_EQ(from_base64(to_base64(octets)), octets);
            }
}

TEST(Base64, AppendsToWhatIsThere)
{
    std::string out = "value=";
    xproto::append_base64(out, "foob");
    EXPECT_EQ(out, "value=Zm9vYg==");
}

TEST(Base64, RefusesEveryOtherTextForAValue)
{
    const std::pair<std::string_view, std::string_view> table[] = {
        {"padding missing", "Zg"},
        {"padding incomplete", "Zg="},
        {"unused bits set, two digits", "Zh=="},
        {"unused bits set, three", "Zm9="},
        {"white space", "Zm9v YmFy"},
        {"line break", "Zm9v\nYmFy"},
        {"URL alphabet", "Zm_v"},
        {"padding inside", "Zg==Zg=="},
        {"padding alone", "===="},
        {"three padding characters", "Z==="},
        {"octet above 127", "Zm\xff="},
        {"line feed at the end", "Zm9v\n"},
        {"digit after padding", "Zg=v"},
    };
    for (const auto& [name, text] : table) EXPECT_EQ(from_base64(text), std::nullopt) << name;
}

} // namespace
