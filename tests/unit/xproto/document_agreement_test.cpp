// The promise behind the wall: whatever it lets through is XML with namespaces to foreign parsers too, and they read
// the same in it. Real objects are damaged at random; those that still pass go to libxml2 and to expat.
#include "xproto/document.hpp"

#include "tests/support/scratch.hpp"
#include "tests/support/xproto_samples.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

constexpr document::kind kind{"r", "urn:t"};

// Pieces that damage an object in ways a parser may see differently.
const std::vector<std::string> pieces{"<",
                                      ">",
                                      "&",
                                      "\"",
                                      "'",
                                      "/",
                                      "=",
                                      " ",
                                      "\n",
                                      "\t",
                                      "]]>",
                                      "&#9;",
                                      "&lt;",
                                      "&apos;",
                                      "&#x10FFFF;",
                                      "&#13;",
                                      "x:",
                                      "xmlns:x='urn:x'",
                                      " x:a='1'",
                                      "<a>",
                                      "</a>",
                                      "<b/>",
                                      "\xc3\xa9",
                                      "<?xml version='1.0'?>",
                                      "<x:y/>",
                                      ":",
                                      "xmlns=''",
                                      "<x:z xmlns:x='urn:z'>",
                                      "</x:z>",
                                      " a='1'",
                                      " a='&#10;&quot;2'"};

std::string damaged(samples::random_values& random)
{
    const std::string open = "<r xmlns=\"urn:t\">";
    auto xml = random.one_in(2) ? open + "<a b='c'>text &amp; <x:d xmlns:x='urn:x' x:e='f'/></a>\n</r>"
                                : "<?xml version='1.0'?>" + open + "<RFC822.Subject t=\" Hi\"/></r>";
    for (auto n = 1 + random.below(3); n > 0; --n) {
        const auto at = random.below(xml.size());
        if (random.one_in(3))
            xml.erase(at, 1 + random.below(3));
        else
            xml.insert(at, pieces[random.below(pieces.size())]);
    }
    return xml;
}

std::string hex(std::string_view octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : octets) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

// One line for each element of the document's own: its name, the attributes a and b, its text.
void dump(std::string& out, const element& e)
{
    std::string room;
    out += std::string(e.name()) + ' ';
    for (const std::string_view name : {"a", "b"}) {
        const auto value = e.attribute(name);
        out += (value ? hex(*value) : "-") + ' ';
    }
    out += hex(e.text(room)) + '\n';
    for (auto child = e.first(); child; child = child.next()) dump(out, child);
}

// The same with Python's expat.
constexpr std::string_view script = R"(
import glob, xml.etree.ElementTree as tree
def dump(e, out):
    text = (e.text or '') + ''.join(c.tail or '' for c in e)
    attributes = ['-' if e.get(a) is None else e.get(a).encode().hex() for a in 'ab']
    out.write(' '.join([e.tag[len('{urn:t}'):], *attributes, text.encode().hex()]) + '\n')
    for child in e:
        if child.tag.startswith('{urn:t}'):
            dump(child, out)
with open('expat.txt', 'w') as out:
    for name in sorted(glob.glob('accepted-*.xml')):
        dump(tree.parse(name).getroot(), out)
)";

TEST(Document, WhatPassesIsTheSameXmlToLibxml2AndExpat)
{
    ASSERT_TRUE(scratch::has("xmllint"));
    const scratch::directory dir;
    samples::random_values random(20261122);
    std::size_t accepted = 0;
    std::string dumps;
    for (int i = 0; i < 20000 && accepted < 1500; ++i) {
        const auto xml = damaged(random);
        const auto read = document::read(xml, kind, {});
        if (!read) continue;
        dump(dumps, read->root());
        dir.put("accepted-" + std::to_string(10000 + accepted++) + ".xml", xml);
    }
    ASSERT_GT(accepted, 300u);
    const auto verdict = dir.run("xmllint --noout --nonet accepted-*.xml");
    EXPECT_EQ(verdict.status, 0);
    EXPECT_EQ(verdict.output, "");
    dir.put("dump.py", script);
    const auto run = dir.run("/usr/bin/python3 -B dump.py");
    ASSERT_EQ(run.status, 0) << run.output;
    EXPECT_EQ(dir.get("expat.txt"), dumps);
}

} // namespace
