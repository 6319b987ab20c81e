// SHA-256 and its written form.
#include "xproto/digest.hpp"

#include <gtest/gtest.h>

namespace {

using xproto::digest_from_text;
using xproto::sha256;
using xproto::sha256_stream;
using xproto::to_text;

TEST(Digest, AgreesWithFips180)
{
    EXPECT_EQ(to_text(sha256("")), "sha-256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_text(sha256("abc")), "sha-256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_text(sha256(std::string(1000000, 'a'))),
              "sha-256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, DoesNotCareHowTheOctetsArrive)
{
    const std::string octets = "The quick brown fox jumps over the lazy dog, again and again and again and again.";
    for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
        sha256_stream s;
        s.update(std::string_view(octets).substr(0, cut));
        s.update({});
        s.update(std::string_view(octets).substr(cut));
        EXPECT_EQ(s.finish(), sha256(octets)) << cut;
    }
}

TEST(Digest, StreamsCanBeMovedWhileTheyRun)
{
    sha256_stream first;
    first.update("ab");
    sha256_stream second = std::move(first);
    second.update("c");
    EXPECT_EQ(second.finish(), sha256("abc"));
}

TEST(Digest, IsReadBackFromItsText)
{
    const auto value = sha256("abc");
    EXPECT_EQ(digest_from_text(to_text(value)), value);
}

TEST(Digest, RefusesEveryOtherText)
{
    const auto good = to_text(sha256("abc"));
    auto upper = good;
    upper.back() = 'D';
    auto letter = good;
    letter[20] = 'g';
    for (const std::string& text :
         {std::string(), good.substr(8), good.substr(0, good.size() - 1), good + "0", "SHA-256:" + good.substr(8),
          "sha-512:" + good.substr(8), upper, letter, " " + good})
        EXPECT_EQ(digest_from_text(text), std::nullopt) << text;
}

} // namespace
