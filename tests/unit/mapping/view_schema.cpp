// The schema of views, held to the code by a stock validator in both directions.
#include "tests/support/scratch.hpp"
#include "tests/unit/mapping/view_support.hpp"
#include "xproto/headers_object.hpp"

#include <gtest/gtest.h>

namespace {

const std::string schema = std::string(ISTHMUS_TESTS_DIR) + "/../docs/schemas/headers.rng";

class ViewSchema : public testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(scratch::has("xmllint")); }
    scratch::outcome validate(const std::string& files)
    {
        return dir_.run("xmllint --nonet --noout --relaxng '" + schema + "' " + files);
    }
    scratch::directory dir_;
};

std::string object_with(const std::string& view)
{
    return "<headers xmlns=\"urn:xproto:headers:1\" xmlns:v=\"urn:xproto:view:1\" end=\"crlf\">\n<field n=\"X\" t=\" "
           "x\">" +
           view + "</field>\n</headers>\n";
}

} // namespace

TEST_F(ViewSchema, DescribesWhateverIsWritten)
{
    mapping_test::random_views random(9);
    for (auto i = 0; i < 200; ++i) {
        xproto::headers_object object;
        for (auto n = 1 + random.below(6); n > 0; --n) {
            const auto name = random.any_name();
            object.fields.push_back(mapping_test::field(name, " x", mapping::view::to_xml(random.view_for(name))));
        }
        const auto xml = xproto::write(object);
        const auto read = xproto::read_headers(xml);
        ASSERT_TRUE(read.has_value()) << read.error().what;
        EXPECT_EQ(*read, object) << xml;
        dir_.put("h" + std::to_string(i) + ".xml", xml);
    }
    const auto outcome = validate("h*.xml");
    EXPECT_EQ(outcome.status, 0) << outcome.output;
}

TEST_F(ViewSchema, RefusesWhatReadersDoNotUnderstand)
{
    const std::vector<std::string> views{"<v:picture>x</v:picture>",
                                         "<v:mailbox name=\"\">a@b</v:mailbox>",
                                         "<v:mailbox></v:mailbox>",
                                         "<v:mailbox address=\"a@b\"/>",
                                         "<v:group><v:mailbox>a@b</v:mailbox></v:group>",
                                         "<v:group name=\"g\"><v:group name=\"h\"/></v:group>",
                                         "<v:date>tomorrow</v:date>",
                                         "<v:parameter>x</v:parameter>",
                                         "<v:text><v:text>x</v:text></v:text>"};
    dir_.put("good.xml", object_with("<v:text>x</v:text>"));
    EXPECT_EQ(validate("good.xml").status, 0);
    for (const auto& view : views) {
        dir_.put("bad.xml", object_with(view));
        EXPECT_NE(validate("bad.xml").output.find("fails to validate"), std::string::npos) << view;
    }
}
