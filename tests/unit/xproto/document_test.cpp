// The wall: what is no XML of the profile is refused, and what passes is read as it stands. That other parsers agree is
// for document_agreement_test.cpp to show.
#include "xproto/document.hpp"

#include "xproto/codes.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

constexpr document::kind kind{"r", "urn:t"};
constexpr std::string_view open = "<r xmlns=\"urn:t\">";
constexpr std::string_view close = "</r>";

std::string inside(std::string_view content)
{
    return std::string(open) + std::string(content) + std::string(close);
}

// The document that is returned is good as long as `xml`.
parsed<document> read(std::string_view xml)
{
    return document::read(xml, kind, {});
}

std::string text_of(const element& e)
{
    std::string room;
    return std::string(e.text(room));
}

TEST(Document, ReadsTheProfile)
{
    const std::pair<std::string_view, std::string> table[] = {
        {"empty root", "<r xmlns='urn:t'/>"},
        {"declaration", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + inside("")},
        {"declaration, other spelling", "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>" + inside("")},
        {"white space around", " \t\n" + inside("") + "\n \t"},
        {"white space in tags", "<r  xmlns = \"urn:t\"\n\tb\n=\n'c' ><a\n/></r \t\n>"},
        {"entities", inside("&lt;&gt;&amp;&quot;&apos;")},
        {"character references", inside("&#9;&#x9;&#10;&#13;&#x10FFFF;&#43;&#x002b;&#00043;&#xE9;")},
        {"two brackets", inside("]] > ]>")},
        {"quotes", inside("<a b='\"' c=\"'\">\"'</a>")},
        {"greater-than", inside("<a b='>'> > </a>")},
        {"all planes", inside("\xc3\xa9\xe4\xbe\x8b\xf0\x9f\x99\x82")},
        {"foreign element by prefix", inside("<x:a xmlns:x='urn:x' x:b='1' b='2'><x:c/></x:a>")},
        {"foreign element by default", inside("<a xmlns='urn:x'><b/></a>")},
        {"no namespace", inside("<a xmlns=''><b/></a>")},
        {"prefix used before its declaration in the tag", inside("<x:a x:b='1' xmlns:x='urn:x'/>")},
        {"prefix declared again", inside("<x:a xmlns:x='urn:x'><x:a xmlns:x='urn:y'/><x:a/></x:a>")},
        {"xml:lang", inside("<a xml:lang='de'/>")},
        {"names", inside("<RFC822.Subject a-b_c.d='1'/><_a/>")},
    };
    for (const auto& [name, xml] : table) {
        const auto d = read(xml);
        EXPECT_TRUE(d) << name << ": " << (d ? "" : d.error().what);
    }
}

TEST(Document, RefusesEverythingElse)
{
    const auto malformed = codes::not_xml, forbidden = codes::forbidden_xml;
    struct row {
        std::string_view name;
        std::string xml;
        result_code code;
    };
    const std::string nul(1, '\0');
    const row table[] = {
        {"nothing", "", malformed},
        {"white space", " \n", malformed},
        {"text", "hello", malformed},
        {"byte order mark", "\xef\xbb\xbf" + inside(""), malformed},
        {"UTF-16", std::string("\xff\xfe<\0r\0", 6), malformed},
        {"two roots", inside("") + inside(""), malformed},
        {"text after the root", inside("") + "x", malformed},
        {"text before the root", "x" + inside(""), malformed},
        {"NUL after the root", inside("") + nul, malformed},
        {"other root", "<s xmlns='urn:t'/>", malformed},
        {"other namespace", "<r xmlns='urn:s'/>", malformed},
        {"no namespace", "<r/>", malformed},
        {"root by prefix", "<x:r xmlns:x='urn:t'/>", malformed},
        {"late declaration", " <?xml version='1.0'?>" + inside(""), forbidden},
        {"second declaration", "<?xml version='1.0'?><?xml version='1.0'?>" + inside(""), forbidden},
        {"XML 1.1", "<?xml version='1.1'?>" + inside(""), forbidden},
        {"Latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?>" + inside(""), forbidden},
        {"encoding without version", "<?xml encoding='UTF-8'?>" + inside(""), forbidden},
        {"processing instruction", inside("<?php x?>"), forbidden},
        {"stylesheet", "<?xml-stylesheet href='x'?>" + inside(""), forbidden},
        {"DOCTYPE", "<!DOCTYPE r>" + inside(""), forbidden},
        {"DOCTYPE with entities", "<!DOCTYPE r [<!ENTITY a 'b'>]>" + inside("&a;"), forbidden},
        {"comment", inside("<!-- x -->"), forbidden},
        {"comment after", inside("") + "<!-- x -->", malformed},
        {"CDATA", inside("<![CDATA[x]]>"), forbidden},
        {"unknown entity", inside("&nbsp;"), forbidden},
        {"entity without end", inside("&lt"), forbidden},
        {"ampersand", inside("a & b"), forbidden},
        {"reference to NUL", inside("&#0;"), malformed},
        {"reference to U+0001", inside("&#1;"), malformed},
        {"reference to a surrogate", inside("&#xD800;"), malformed},
        {"reference to U+FFFE", inside("&#xFFFE;"), malformed},
        {"reference beyond Unicode", inside("&#x110000;"), malformed},
        {"reference that wraps around", inside("&#x100000041;"), malformed},
        {"reference of many zeros", inside("&#00000000000000000000065;"), malformed},
        {"reference with capital X", inside("&#X41;"), malformed},
        {"reference without digits", inside("&#;&#x;"), malformed},
        {"reference without end", inside("&#43"), malformed},
        {"reference to a letter", inside("&#65;"), forbidden},
        {"reference to a digit", inside("<a b='&#x31;'/>"), forbidden},
        {"reference to an underscore", inside("&#95;"), forbidden},
        {"carriage return", inside("\r\n"), forbidden},
        {"carriage return between attributes", "<r xmlns='urn:t'\r/>", malformed},
        {"U+0001", inside("\x01"), malformed},
        {"NUL", inside(nul), malformed},
        {"broken UTF-8", inside("\xc3("), malformed},
        {"overlong", inside("\xc0\xbc"), malformed},
        {"surrogate", inside("\xed\xa0\x80"), malformed},
        {"U+FFFF", inside("\xef\xbf\xbf"), malformed},
        {"Latin-1 in an attribute", inside("<a b='\xe9'/>"), malformed},
        {"]]> in text", inside("a]]>b"), malformed},
        {"< in an attribute", inside("<a b='<'/>"), malformed},
        {"tab in an attribute", inside("<a b='\t'/>"), forbidden},
        {"line feed in an attribute", inside("<a b='\n'/>"), forbidden},
        {"ampersand in an attribute", inside("<a b='&'/>"), forbidden},
        {"attribute without quotes", inside("<a b=c/>"), malformed},
        {"attribute without value", inside("<a b/>"), malformed},
        {"attributes without space", inside("<a b='1'c='2'/>"), malformed},
        {"attribute twice", inside("<a b='1' b='2'/>"), malformed},
        {"attribute twice by namespace", inside("<a xmlns:x='urn:x' xmlns:y='urn:x' x:b='1' y:b='2'/>"), malformed},
        {"attribute in an end tag", inside("<a></a b='1'>"), malformed},
        {"end tag of another", inside("<a></b>"), malformed},
        {"end tag of a longer name", inside("<a></ab>"), malformed},
        {"end tag of a shorter name", inside("<ab></a>"), malformed},
        {"end tag with a colon", inside("<a></a:b>"), malformed},
        {"end tag that is no name", inside("<a></1>"), forbidden},
        {"end tag at the beginning", "</r>", malformed},
        {"overlapping", inside("<a><b></a></b>"), malformed},
        {"end tag too much", inside("</a>"), malformed},
        {"space before the name", inside("< a/>"), forbidden},
        {"empty tag with a space", inside("<a / >"), malformed},
        {"name that begins with a digit", inside("<1a/>"), forbidden},
        {"name that begins with a dot", inside("<.a/>"), forbidden},
        {"name that is not ASCII", inside("<\xc3\xa9/>"), forbidden},
        {"two colons", inside("<x:y:z xmlns:x='urn:x'/>"), malformed},
        {"colon alone", inside("<:a/>"), forbidden},
        {"colon at the end", inside("<a:/>"), forbidden},
        {"prefix without namespace", inside("<x:a/>"), malformed},
        {"attribute prefix without namespace", inside("<a x:b='1'/>"), malformed},
        {"prefix out of scope", inside("<x:a xmlns:x='urn:x'/><x:a/>"), malformed},
        {"prefix for no namespace", inside("<x:a xmlns:x=''/>"), malformed},
        {"prefix xmlns", inside("<xmlns:a/>"), malformed},
        {"xmlns declared", inside("<a xmlns:xmlns='urn:x'/>"), malformed},
        {"xml declared", inside("<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>"), malformed},
        {"reference in a namespace", inside("<a xmlns='urn&#58;x'/>"), malformed},
        {"own namespace by prefix", inside("<x:a xmlns:x='urn:t'/>"), malformed},
        {"own namespace again", inside("<a xmlns='urn:t'/>"), malformed},
        {"own namespace again inside a foreign one", inside("<a xmlns='urn:x'><b xmlns='urn:t'/></a>"), malformed},
    };
    for (const auto& [name, xml, code] : table) {
        const auto d = read(xml);
        ASSERT_FALSE(d) << name;
        EXPECT_EQ(d.error().code.text(), code.text()) << name << ": " << d.error().what;
        EXPECT_FALSE(d.error().what.empty()) << name;
    }
}

TEST(Document, RefusesEveryTruncation)
{
    const auto whole = "<?xml version='1.0'?>\n" + inside("<a b='c&lt;'>text &#43; <x:y xmlns:x='urn:x'/></a>\xc3\xa9");
    ASSERT_TRUE(read(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(read(whole.substr(0, size))) << size;
}

TEST(Document, NamesTheLimitThatWasPassed)
{
    const auto nested = [](std::size_t depth) {
        std::string xml(open);
        for (std::size_t i = 1; i < depth; ++i) xml += "<a>";
        for (std::size_t i = 1; i < depth; ++i) xml += "</a>";
        return xml + std::string(close);
    };
    const auto attributes = [](std::size_t n) {
        std::string tag = "<a";
        for (std::size_t i = 0; i < n; ++i) tag += " a" + std::to_string(i) + "=''";
        return inside(tag + "/>");
    };
    const auto namespaces = [](std::size_t n) { // two elements, so as not to pass the limit of attributes first
        std::string xml(open);
        xml += "<a";
        for (std::size_t i = 0; i < n; ++i) {
            if (i == 31) xml += "><a";
            if (i == 62) xml += "><a";
            xml += " xmlns:p" + std::to_string(i) + "='urn:p'";
        }
        xml += n > 62 ? "></a></a></a>" : n > 31 ? "></a></a>" : "></a>";
        return xml + std::string(close);
    };
    xml::scan_limits few;
    few.elements = 3;
    few.octets = 1000;
    const auto elements = [](std::size_t n) {
        std::string xml;
        for (std::size_t i = 1; i < n; ++i) xml += "<a/>";
        return inside(xml);
    };
    struct row {
        std::string_view name;
        std::string fits, over;
        xml::scan_limits limits;
        std::string_view what;
    };
    const row table[] = {
        {"octets", inside(std::string(1000 - 21, 'x')), inside(std::string(1001 - 21, 'x')), few, "(1000)"},
        {"elements", elements(3), elements(4), few, "(3)"},
        {"depth", nested(32), nested(33), {}, "(32)"},
        {"attributes", attributes(32), attributes(33), {}, "(32)"},
        {"names", inside("<" + std::string(128, 'n') + "/>"), inside("<" + std::string(129, 'n') + "/>"), {}, "(128)"},
        {"attribute names",
         inside("<a " + std::string(128, 'n') + "=''/>"),
         inside("<a " + std::string(129, 'n') + "=''/>"),
         {},
         "(128)"},
        {"namespaces", namespaces(63), namespaces(64), {}, "(64)"},
    };
    for (const auto& [name, fits, over, limits, what] : table) {
        const auto good = document::read(fits, kind, limits);
        EXPECT_TRUE(good) << name << ": " << (good ? "" : good.error().what);
        const auto bad = document::read(over, kind, limits);
        ASSERT_FALSE(bad) << name;
        EXPECT_NE(bad.error().what.find(what), std::string::npos) << name << ": " << bad.error().what;
        EXPECT_EQ(bad.error().code.text(), codes::object_limit.text()) << name << ": " << bad.error().what;
    }
}

TEST(Document, ReadsAMillionNestedElementsInNoTime)
{
    std::string deep(open);
    for (int i = 0; i < 100000; ++i) deep += "<a>";
    EXPECT_FALSE(read(deep));
}

TEST(Document, TellsWhere)
{
    const auto bad = read(inside("<a/><!-- -->"));
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().where, "r at octet 21");
    const auto xml = inside("<a/><b/><a>x</a>");
    const auto d = read(xml);
    ASSERT_TRUE(d);
    const auto third = d->root().first().next().next();
    EXPECT_EQ(third.path(), "r/a[2]");
    EXPECT_EQ(third.octet(), 25u);
    EXPECT_EQ(d->root().first().next().path(), "r/b");
}

TEST(Document, KeepsWhiteSpaceAndResolvesReferences)
{
    const auto xml = inside("<a b=' &#9;&lt;&#x1F642; '>\t x &amp; y\n </a><c>  </c><d/><e> &#32;\n</e><f>&#43;</f>");
    const auto d = read(xml);
    ASSERT_TRUE(d);
    const auto a = d->root().first();
    EXPECT_EQ(a.attribute("b"), " \t<\xf0\x9f\x99\x82 ");
    EXPECT_EQ(a.attribute("c"), std::nullopt);
    EXPECT_EQ(text_of(a), "\t x & y\n ");
    EXPECT_EQ(text_of(a.next()), "  ");
    EXPECT_EQ(text_of(a.next().next()), "");
    EXPECT_TRUE(a.has_text());
    EXPECT_FALSE(a.next().has_text());
    EXPECT_FALSE(a.next().next().next().has_text());
    EXPECT_TRUE(a.next().next().next().next().has_text());
}

TEST(Document, StepsOverForeignElements)
{
    const auto xml =
        inside("<x:a xmlns:x='urn:x'><b/></x:a><a xmlns=''>no</a><a>te<x:b xmlns:x='urn:x'>&lt;</x:b>&amp;xt</a>");
    const auto d = read(xml);
    ASSERT_TRUE(d);
    const auto a = d->root().first();
    EXPECT_EQ(a.name(), "a");
    EXPECT_EQ(text_of(a), "te&xt");
    EXPECT_FALSE(a.first());
    EXPECT_FALSE(a.next());
}

TEST(Document, ResolvesEveryReferenceThatPasses)
{
    const auto xml = inside("&lt;&gt;&amp;&quot;&apos;&#9;&#10;&#13;&#43;&#x2b;&#xE9;&#x4f8b;&#128578;&#x10FFFF;");
    const auto d = read(xml);
    ASSERT_TRUE(d);
    EXPECT_EQ(text_of(d->root()), "<>&\"'\t\n\r++\xc3\xa9\xe4\xbe\x8b\xf0\x9f\x99\x82\xf4\x8f\xbf\xbf");
}

TEST(Document, KnowsForeignAttributes)
{
    const auto xml = inside("<a b='1' x:c='2' xmlns:x='urn:x' d='3'/>");
    const auto d = read(xml);
    ASSERT_TRUE(d);
    EXPECT_EQ(d->root().first().unknown_attribute({"b", "d"}), "");
    EXPECT_EQ(d->root().first().unknown_attribute({"b"}), "d");
}

TEST(Document, WritesForeignElementsInOneForm)
{
    const std::string want = "<v:a b=\"1&lt; \"> x &amp; </v:a><v:c><v:d>e</v:d></v:c>";
    const auto by_prefix =
        inside("text<p:a xmlns:p='urn:v' b='1&lt;&#9;' p:z='2'>\n<q:a xmlns:q='urn:w'/>x &amp;\t</p:a><b/>"
               "<p:c xmlns:p='urn:v'>gone<p:d xmlns:p='urn:v'>e</p:d></p:c><p:a xmlns:p='urn:w'/>");
    const auto by_default = inside("<a xmlns='urn:v' b='1&lt; '>\nx &amp;\n</a><c xmlns='urn:v'>\n<d>e</d>\n</c>");
    for (const auto& xml : {by_prefix, by_default}) {
        const auto d = read(xml);
        ASSERT_TRUE(d);
        EXPECT_EQ(d->root().foreign("urn:v", "v"), want) << xml;
        EXPECT_EQ(d->root().foreign("urn:u", "v"), "") << xml;
    }
}

TEST(Document, GivesInnerOctetsAsTheyStand)
{
    const auto xml = inside("<a> &amp;<x:b xmlns:x='urn:x' /> </a><b/>");
    const auto d = read(xml);
    ASSERT_TRUE(d);
    EXPECT_EQ(d->inner(d->root().first()), " &amp;<x:b xmlns:x='urn:x' /> ");
    EXPECT_EQ(d->inner(d->root().first().next()), "");
}

} // namespace
