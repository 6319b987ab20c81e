// Addresses: what is one, what is none, and where a path ends.
#include "smtp/address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::string_literals;

struct mailbox_row {
    const char* name;
    std::string input;
    std::string local_part;
    std::string domain;
    bool utf8;
};

TEST(SmtpAddress, IsReadOctetForOctet)
{
    const mailbox_row table[] = {
        {"plain", "ann@example.test", "ann", "example.test", false},
        {"case is kept", "Ann.B@Example.TEST", "Ann.B", "Example.TEST", false},
        {"all of atext", "!#$%&'*+-/=?^_`{|}~@a.test", "!#$%&'*+-/=?^_`{|}~", "a.test", false},
        {"dots anywhere", ".a..b.@docomo.test", ".a..b.", "docomo.test", false},
        {"quoted", R"("a b"@a.test)", R"("a b")", "a.test", false},
        {"quoted pairs", R"("a\"b\\c\@"@a.test)", R"("a\"b\\c\@")", "a.test", false},
        {"quoted empty", R"(""@a.test)", R"("")", "a.test", false},
        {"quoted at and brackets", R"("<a@b>"@c.test)", R"("<a@b>")", "c.test", false},
        {"backslash before UTF-8's quote", "\"\\\\é\"@a.test", "\"\\\\é\"", "a.test", true},
        {"single label", "a@b", "a", "b", false},
        {"underscore in the domain", "a@my_host.test", "a", "my_host.test", false},
        {"digits in the domain", "a@127.test", "a", "127.test", false},
        {"IPv4", "a@[192.0.2.255]", "a", "[192.0.2.255]", false},
        {"IPv6", "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]", false},
        {"IPv6 full", "a@[ipv6:1:2:3:4:5:6:7:8]", "a", "[ipv6:1:2:3:4:5:6:7:8]", false},
        {"IPv6 with IPv4", "a@[IPv6:::ffff:192.0.2.1]", "a", "[IPv6:::ffff:192.0.2.1]", false},
        {"general literal", "a@[x-tag:any,thing]", "a", "[x-tag:any,thing]", false},
        {"UTF-8 local part", "用户@example.test", "用户", "example.test", true},
        {"UTF-8 domain", "a@例子.test", "a", "例子.test", true},
        {"bare postmaster", "PostMaster", "PostMaster", "", false},
        {"longest local part", std::string(255, 'x') + "@a.test", std::string(255, 'x'), "a.test", false},
        {"longest label", "a@" + std::string(63, 'x') + ".test", "a", std::string(63, 'x') + ".test", false},
    };
    for (const auto& [name, input, local_part, domain, utf8] : table) {
        const auto read = smtp::parse_mailbox(input);
        ASSERT_TRUE(read) << name << ": " << read.error().message();
        EXPECT_EQ(read->local_part, local_part) << name;
        EXPECT_EQ(read->domain, domain) << name;
        EXPECT_EQ(read->utf8, utf8) << name;
    }
}

struct refused_row {
    const char* name;
    std::string input;
    smtp::errc want;
};

TEST(SmtpAddress, RefusesWhatIsNone)
{
    using smtp::errc;
    const refused_row table[] = {
        {"empty", "", errc::bad_local_part},
        {"no domain", "ann", errc::bad_local_part},
        {"nothing before the at", "@a.test", errc::bad_local_part},
        {"nothing after the at", "ann@", errc::bad_domain},
        {"two ats", "a@b@c.test", errc::bad_domain},
        {"space", "a b@c.test", errc::bad_local_part},
        {"CR LF", "a\r\n@c.test", errc::bad_local_part},
        {"NUL", "a\0@c.test"s, errc::bad_local_part},
        {"open quote", "\"a@c.test", errc::bad_local_part},
        {"quote in the middle", "a\"b\"@c.test", errc::bad_local_part},
        {"control in quotes", "\"a\tb\"@c.test", errc::bad_local_part},
        {"DEL in quotes", "\"a\x7f\"@c.test", errc::bad_local_part},
        {"escaped UTF-8", "\"\\é\"@c.test", errc::bad_local_part},
        {"backslash at the end", "\"a\\", errc::bad_local_part},
        {"something behind the quotes", "\"a\"b@c.test", errc::bad_local_part},
        {"leading dot", "a@.test", errc::bad_domain},
        {"trailing dot", "a@b.test.", errc::bad_domain},
        {"double dot", "a@b..test", errc::bad_domain},
        {"leading hyphen", "a@-b.test", errc::bad_domain},
        {"trailing hyphen", "a@b-.test", errc::bad_domain},
        {"long label", "a@" + std::string(64, 'x') + ".test", errc::bad_domain},
        {"something behind the domain", "a@b.test>", errc::bad_domain},
        {"long local part", std::string(256, 'x') + "@a.test", errc::address_too_long},
        {"long domain", "a@" + std::string(256, 'x'), errc::address_too_long},
        {"IPv4 too large", "a@[192.0.2.256]", errc::bad_domain},
        {"IPv4 too short", "a@[192.0.2]", errc::bad_domain},
        {"IPv4 too long", "a@[192.0.2.1.1]", errc::bad_domain},
        {"IPv6 too short", "a@[IPv6:1:2:3:4:5:6:7]", errc::bad_domain},
        {"IPv6 too long", "a@[IPv6:1:2:3:4:5:6:7:8:9]", errc::bad_domain},
        {"IPv6 twice compressed", "a@[IPv6:1::2::3]", errc::bad_domain},
        {"IPv6 three colons", "a@[IPv6:1:::3]", errc::bad_domain},
        {"IPv6 wide group", "a@[IPv6:12345::1]", errc::bad_domain},
        {"IPv6 open end", "a@[IPv6:1:2:3:4:5:6:7:]", errc::bad_domain},
        {"empty literal", "a@[]", errc::bad_domain},
        {"open literal", "a@[192.0.2.1", errc::bad_domain},
        {"literal without tag", "a@[:x]", errc::bad_domain},
        {"half a UTF-8 sequence", "\xC3@a.test", errc::bad_local_part},
        {"overlong UTF-8", "\xC0\xAF@a.test", errc::bad_local_part},
        {"surrogate in the domain", "a@\xED\xA0\x80.test", errc::bad_domain},
        {"bare name that is not postmaster", "postmasters", errc::bad_local_part},
    };
    for (const auto& [name, input, want] : table) {
        const auto read = smtp::parse_mailbox(input);
        ASSERT_FALSE(read) << name;
        EXPECT_EQ(read.error(), want) << name << ": " << read.error().message();
    }
}

struct path_row {
    const char* name;
    std::string input;
    std::string address;
    std::string rest;
};

TEST(SmtpAddress, PathsEndAtTheirBracket)
{
    const path_row table[] = {
        {"plain", "<a@b.test> SIZE=1", "a@b.test", " SIZE=1"},
        {"bracket in quotes", R"(<"a>b"@c.test>x)", R"("a>b"@c.test)", "x"},
        {"source route", "<@a.test,@[192.0.2.1]:a@b.test>", "a@b.test", ""},
        {"postmaster", "<postmaster>", "postmaster", ""},
    };
    for (const auto& [name, input, address, rest] : table) {
        std::string_view left = input;
        const auto read = smtp::parse_forward_path(left);
        ASSERT_TRUE(read) << name;
        EXPECT_EQ(read->address, address) << name;
        EXPECT_EQ(left, rest) << name;
    }
}

TEST(SmtpAddress, PathsThatAreRefusedLeaveTheInputAlone)
{
    for (const std::string input : {"", "<", "a@b.test", "<a@b.test", "<@a.test>", "<@a.test:>", "<@a.test a@b.test>",
                                    "<@:a@b.test>", "<@a.test,a@b.test>", "< a@b.test>", "<a@b.test >", "<>", "<>x"}) {
        std::string_view left = input;
        EXPECT_FALSE(smtp::parse_forward_path(left)) << input;
        EXPECT_EQ(left, input);
    }
}

TEST(SmtpAddress, OnlyTheReversePathMayBeEmpty)
{
    std::string_view null_path = "<> RET=HDRS";
    const auto read = smtp::parse_reverse_path(null_path);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->address, "");
    EXPECT_EQ(null_path, " RET=HDRS");
    std::string_view postmaster = "<postmaster>";
    EXPECT_FALSE(smtp::parse_reverse_path(postmaster));
}

TEST(SmtpAddress, LimitsCanBeNarrowed)
{
    smtp::address_limits limits;
    limits.local_part = 3;
    EXPECT_TRUE(smtp::parse_mailbox("abc@d.test", limits));
    EXPECT_FALSE(smtp::parse_mailbox("abcd@d.test", limits));
    limits.domain = 6;
    EXPECT_TRUE(smtp::parse_mailbox("abc@d.test", limits));
    EXPECT_FALSE(smtp::parse_mailbox("abc@de.test", limits));
    EXPECT_FALSE(smtp::parse_mailbox("abc@[192.0.2.1]", limits));
}

TEST(SmtpAddress, KnowsUtf8)
{
    for (const std::string good : {"", "abc", "é", "€", "𐍈", "\x7F", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(smtp::is_utf8(good)) << good;
    for (const std::string bad :
         {"\x80", "\xC3", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80", "\xFF", "a\xE2\x82", "\xE2\x82(", "\xE2(\xAC"}) {
        EXPECT_FALSE(smtp::is_utf8(bad)) << bad;
    }
}

} // namespace
