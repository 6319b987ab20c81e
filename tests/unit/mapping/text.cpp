// Text from elsewhere, and the encodings that make it safe.
#include "mapping/text.hpp"

#include "mapping/folded_field.hpp"
#include "mapping/quoted_printable.hpp"
#include "mapping/xtext.hpp"

#include <gtest/gtest.h>

#include <algorithm>

TEST(Text, PrintableHasNoControlsAndIsUtf8)
{
    struct row {
        std::string text;
        std::string with_utf8;
        std::string ascii;
    };
    const std::vector<row> rows{
        {"plain", "plain", "plain"},
        {"a\r\nb\tc", "a  b c", "a  b c"},
        {std::string("\0\x01\x1F\x7F", 4), "????", "????"},
        {"\xC3\xBC", "\xC3\xBC", "??"},
        {"\xC2\x85", "?", "??"},
        {"\xE4x", "?x", "?x"},
        {"\xF0\x9F\x93", "???", "???"},
        {"\xEF\xBF\xBF", "???", "???"},
    };
    for (const auto& r : rows) {
        EXPECT_EQ(mapping::printable(r.text, true, 100), r.with_utf8) << testing::PrintToString(r.text);
        EXPECT_EQ(mapping::printable(r.text, false, 100), r.ascii) << testing::PrintToString(r.text);
    }
}

TEST(Text, PrintableIsCutBetweenCharacters)
{
    EXPECT_EQ(mapping::printable("a\xC3\xBC", true, 2), "a");
    EXPECT_EQ(mapping::printable("a\xC3\xBC", true, 3), "a\xC3\xBC");
    EXPECT_EQ(mapping::printable("abc", true, 0), "");
}

TEST(Text, AtomsHaveOnlyAtomsCharacters)
{
    EXPECT_EQ(mapping::atom("4ZkLm+x.1", 99), "4ZkLm+x.1");
    EXPECT_EQ(mapping::atom("a b;(\xC3\xBC)\r\n", 99), "a?b??????"
                                                       "?");
    EXPECT_EQ(mapping::atom("abc", 2), "ab");
}

TEST(Xtext, EveryOctetComesBack)
{
    std::string all;
    for (unsigned c = 0; c < 256; ++c) all += static_cast<char>(c);
    const auto coded = mapping::to_xtext(all);
    EXPECT_TRUE(std::all_of(coded.begin(), coded.end(), [](char c) { return c > ' ' && c < '\x7F'; }));
    EXPECT_EQ(mapping::from_xtext(coded), all);
    EXPECT_EQ(mapping::to_xtext("a+b=c d"), "a+2Bb+3Dc+20d");
}

TEST(Xtext, RefusesWhatIsNone)
{
    for (const auto* bad : {"+", "+2", "+2G", "a b", "a=b", "\xC3\xBC", "+-1", "a\r\n"})
        EXPECT_FALSE(mapping::from_xtext(bad).has_value()) << bad;
    EXPECT_EQ(mapping::from_xtext("+2b"), "+");
    EXPECT_EQ(mapping::from_xtext(""), "");
}

TEST(Unitext, CharactersComeBack)
{
    for (const auto* text : {"plain@example",
                             "d\xC3\xB6mi@b\xC3\xBC"
                             "cher.example",
                             "\xF0\x9F\x93\xA7@x", "a\\b+c=d e", "\xE2\x82\xAC"}) {
        const auto coded = mapping::to_unitext(text);
        ASSERT_TRUE(coded.has_value());
        EXPECT_TRUE(std::all_of(coded->begin(), coded->end(), [](char c) { return c > ' ' && c < '\x7F'; })) << *coded;
        EXPECT_EQ(mapping::from_unitext(*coded), text);
    }
    EXPECT_EQ(mapping::to_unitext("\xC3\xB6 +"), "\\x{F6}\\x{20}\\x{2B}");
    EXPECT_EQ(mapping::from_unitext("d\xC3\xB6mi"), "d\xC3\xB6mi");
}

TEST(Unitext, RefusesWhatIsNone)
{
    for (const auto* bad :
         {"\\", "\\x", "\\x{}", "\\x{1}", "\\x{D800}", "\\x{110000}", "\\x{0000041}", "\\x{4G}", "\\x{41", "\xFF"})
        EXPECT_FALSE(mapping::from_unitext(bad).has_value()) << bad;
    EXPECT_FALSE(mapping::to_unitext("\xFF").has_value());
}

TEST(QuotedPrintable, AnyOctetsComeBackInShortLines)
{
    std::string all;
    for (unsigned c = 0; c < 256; ++c) all += static_cast<char>(c);
    const std::vector<std::string> texts{"",
                                         "plain\r\n",
                                         "ends in a space \r\n",
                                         "ends in a tab\t",
                                         " ",
                                         "=",
                                         "a\rb\nc\r\n",
                                         "\r\n\r\n",
                                         all,
                                         all + "\r\n" + all,
                                         std::string(75, 'x') + "\r\n",
                                         std::string(76, 'x') + "\r\n",
                                         std::string(77, 'x') + "\r\n",
                                         std::string(1000, ' '),
                                         std::string(74, 'x') + "\xFF\r\n",
                                         std::string(73, 'x') + "\xFF\r\n",
                                         std::string(72, 'x') + "\xFFx"};
    for (const auto& text : texts) {
        const auto coded = mapping::to_quoted_printable(text);
        EXPECT_EQ(mapping::from_quoted_printable(coded), text) << testing::PrintToString(coded);
        std::size_t begin = 0;
        while (begin < coded.size()) {
            const auto end = std::min(coded.find("\r\n", begin), coded.size());
            const auto line = coded.substr(begin, end - begin);
            EXPECT_LE(line.size(), 76u);
            EXPECT_FALSE(line.ends_with(' ') || line.ends_with('\t')) << testing::PrintToString(line);
            EXPECT_TRUE(
                std::all_of(line.begin(), line.end(), [](char c) { return c == '\t' || (c >= ' ' && c < '\x7F'); }));
            begin = end + 2;
        }
    }
    EXPECT_EQ(mapping::to_quoted_printable(std::string(76, 'x')), std::string(76, 'x'));
    EXPECT_EQ(mapping::to_quoted_printable(std::string(77, 'x')), std::string(75, 'x') + "=\r\nxx");
}

TEST(FoldedField, BreaksLinesBetweenWords)
{
    mapping::folded_field field("Subject");
    for (auto i = 0; i < 30; ++i) field.word("seven77");
    const auto octets = field.take();
    std::string unfolded;
    std::size_t begin = 0;
    while (begin < octets.size()) {
        const auto end = octets.find("\r\n", begin);
        EXPECT_LE(end - begin, 78u);
        EXPECT_TRUE(begin == 0 || octets[begin] == '\t');
        unfolded += octets.substr(begin, end - begin);
        begin = end + 2;
    }
    std::replace(unfolded.begin(), unfolded.end(), '\t', ' ');
    std::string want = "Subject:";
    for (auto i = 0; i < 30; ++i) want += " seven77";
    EXPECT_EQ(unfolded, want);
}

TEST(FoldedField, AFirstWordStaysBesideTheName)
{
    mapping::folded_field field("A");
    EXPECT_EQ(field.word(std::string(100, 'x')).word("y").take(), "A: " + std::string(100, 'x') + "\r\n\ty\r\n");
}
