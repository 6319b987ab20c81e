// The table of extensions: installing a row is what makes an option appear, in lists, in OPT, and in the page that
// specifies it; and what an envelope's extensions mean for a message.
#include "xproto/extensions.hpp"

#include "xproto/announcement.hpp"

#include "xproto/client_session.hpp"
#include "xproto/headers_object.hpp"
#include "xproto/line_writer.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace {

using namespace xproto;

constexpr code_entry own_codes[] = {{{99, 3, 1, 0, 5, 1}, "not-today", "Not today."}};

transfer_extension another(audience who)
{
    auto row = pipe_extension;
    row.word = "OTHER";
    row.offered = who;
    row.codes = own_codes;
    return row;
}

// What an OPT line gets for an answer.
std::string answer(const extension_table& table, const std::string& groups, option_set offered, option_set& active)
{
    std::string out;
    announcement said;
    answer_options(table, out, 2, judge_options(table, groups, offered, active, said), active);
    return out;
}

TEST(XprotoExtensions, AreOfferedToThoseTheyAreMeantFor)
{
    struct {
        audience who;
        bool anybody, unknown, known, trusted;
    } const rows[] = {
        {{}, false, false, false, false},
        {{.anybody = true}, true, true, true, true},
        {{.unknown = true}, false, true, false, false},
        {{.known = true, .trusted = true}, false, false, true, true},
        {{.trusted = true}, false, false, false, true},
    };
    for (const auto& row : rows) {
        extension_table table;
        table.install(another(row.who));
        EXPECT_EQ(table.open_to_anybody().has(option::pipe), row.anybody);
        EXPECT_EQ(table.offered_to(standing::unknown).has(option::pipe), row.unknown);
        EXPECT_EQ(table.offered_to(standing::known).has(option::pipe), row.known);
        EXPECT_EQ(table.offered_to(standing::trusted).has(option::pipe), row.trusted);
    }
}

TEST(XprotoExtensions, AppearWhenTheyAreInstalledAndGoWhenTheyAreTakenOut)
{
    extension_table table;
    option_set active;
    EXPECT_EQ(answer(table, "(PIPE=ON)", option_set::all(), active),
              "[2 ERR 99.0.5.0 (PIPE ERR 99.0.5.9 Unknown.)]\r\n");
    table.install(pipe_extension);
    EXPECT_EQ(answer(table, "(PIPE=ON)", {}, active), "[2 ERR 99.0.5.0 (PIPE ERR 99.0.5.10 Not offered to you.)]\r\n");
    EXPECT_EQ(answer(table, "(PIPE=YES)", option_set::all(), active),
              "[2 ERR 99.0.5.0 (PIPE ERR 99.0.5.11 Not a value of this option.)]\r\n");
    EXPECT_TRUE(active.empty());
    EXPECT_EQ(answer(table, "(PIPE=ON)", option_set::all(), active),
              "[2 OK 99.0.2.2 (PIPE OK 99.0.2.2) Go ahead.]\r\n");
    EXPECT_EQ(active, option_set{option::pipe});
    table.remove(pipe_extension.oid);
    EXPECT_EQ(answer(table, "(PIPE=OFF)", option_set::all(), active),
              "[2 ERR 99.0.5.0 (PIPE ERR 99.0.5.9 Unknown.)]\r\n");
}

TEST(XprotoExtensions, HaveResultCodesOfTheirOwn)
{
    extension_table table = core_extensions();
    EXPECT_EQ(table.text_of(codes::stored), text_of(codes::stored));
    EXPECT_EQ(table.text_of(own_codes[0].code), "");
    table.install(another({}));
    EXPECT_EQ(table.text_of(own_codes[0].code), "Not today.");
}

TEST(XprotoExtensions, ReplaceTheRowWithTheirIdentifier)
{
    extension_table table = core_extensions();
    table.install(another({}));
    EXPECT_EQ(table.transfer().size(), 1U);
    EXPECT_EQ(table.find(option::pipe)->word, "OTHER");
    EXPECT_EQ(table.find_option("PIPE"), nullptr);
}

TEST(XprotoExtensions, CriticalOnesMustBeKnownAndSayWhatCanBeActedUpon)
{
    extension_table table;
    table.install(delivery_extension{"1.2.3", "sample", [](const extension& found) -> std::optional<object_error> {
                                         if (found.content == "good") return std::nullopt;
                                         return object_error{codes::not_valid, "extension", "not good"};
                                     }});
    EXPECT_FALSE(table.refuse({}));
    EXPECT_FALSE(table.refuse({{"1.2.3", true, "good"}}));
    EXPECT_FALSE(table.refuse({{"1.2.3", false, "bad"}, {"9.9", false, "anything"}}));
    EXPECT_EQ(table.refuse({{"1.2.3", true, "bad"}})->code, codes::not_valid);
    const auto unknown =
        table.refuse({{"1.2.3", true, "bad"}, {"9.9", true, ""}, {"9.8", false, ""}, {"7.7", true, ""}});
    EXPECT_EQ(unknown->code, codes::critical_extension);
    EXPECT_EQ(unknown->what, "not known here: 9.9, 7.7");
    table.remove("1.2.3");
    EXPECT_EQ(table.refuse({{"1.2.3", true, "good"}})->code, codes::critical_extension);
}

// Headers are never written anew on the way, so all that can happen to a foreign element is that it is refused.
TEST(XprotoExtensions, OfRecipientsTravelUntouched)
{
    const std::string xml =
        "<headers xmlns=\"urn:xproto:headers:1\">"
        "<RFC822.Subject t=\" Lunch\"/>"
        "<x:extension xmlns:x=\"urn:xproto:recipient:1\" oid=\"1.2.3\" enc=\"cms\">MIIB</x:extension>"
        "</headers>";
    const auto read = read_headers(xml);
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(read->fields.size(), 1U);
}

// docs/xproto.md has a row for each, and it says the same.
TEST(XprotoExtensions, AreSpecified)
{
    std::ifstream file(std::string(ISTHMUS_TESTS_DIR) + "/../docs/xproto.md");
    std::stringstream text;
    text << file.rdbuf();
    const auto page = text.str();
    for (const auto* row : known_transfer_extensions()) {
        std::string values;
        for (const auto value : row->values) values += (values.empty() ? "`" : ", `") + std::string(value) + '`';
        const auto who = row->offered.anybody                         ? "anybody"
                         : row->offered.unknown                       ? "all who proved a name"
                         : row->offered.known && row->offered.trusted ? "known and trusted peers"
                                                                      : "trusted peers";
        const auto line =
            "\n| `" + std::string(row->word) + "` | `" + std::string(row->oid) + "` | " + values + " | " + who + " | ";
        EXPECT_NE(page.find(line), page.npos) << "docs/xproto.md wants this row:" << line;
        for (const auto& own : row->codes) {
            const auto code =
                "\n| " + own.code.text() + " | " + std::string(own.name) + " | " + std::string(own.text) + " |";
            EXPECT_NE(page.find(code), page.npos) << "docs/xproto.md wants this row:" << code;
        }
    }
}

} // namespace
