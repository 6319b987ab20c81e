// The files of tests/golden/reports: beside NAME.eml, a report in mail, stands NAME.report.xml, what is read from it.
// Where something else is read, it is written beside the file with `.actual` at the end, to be looked at and moved over
// it.
#include "mapping/report/error_report_xml.hpp"
#include "mapping/report/report_message.hpp"
#include "mapping/report/report_reader.hpp"
#include "mapping/status_table.hpp"
#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace {

using std::filesystem::path;

const path goldens = path(ISTHMUS_TESTS_DIR) / "golden" / "reports";

std::optional<mapping::error_report> read(const std::string& message)
{
    const auto split = mapping_test::split(message);
    return mapping::read_report(split.header(), split.body);
}

mapping::report write(const mapping::error_report& values)
{
    mapping::report_mail how;
    how.host = "mx1.edge.example";
    how.id = "r1";
    how.to = "d\xC3\xB6mi@edge.example";
    how.way = {true, true};
    mapping::report_limits limits;
    limits.text = mapping::error_report_limits{}.text;
    return mapping::write_report_message(values, how, limits);
}

void expect_golden(const path& eml)
{
    const auto values = read(mapping_test::read_file(eml));
    ASSERT_TRUE(values.has_value()) << eml;
    const auto xml = mapping::write_xml(*values) + "\n";
    auto wanted = eml;
    wanted.replace_extension(".report.xml");
    if (mapping_test::read_file(wanted) != xml) {
        std::ofstream(wanted.string() + ".actual", std::ios::binary) << xml;
        ADD_FAILURE() << wanted << " is not what is read; see the file .actual beside it";
    }
    // Nothing that was understood is lost when it is written as mail again.
    const auto again = read(write(*values).message);
    ASSERT_TRUE(again.has_value()) << eml;
    EXPECT_EQ(again->recipients, values->recipients) << eml;
    EXPECT_EQ(again->others, values->others) << eml;
}

} // namespace

TEST(GoldenReports, AreReadAsTheyWere)
{
    for (const std::string provenance : {"rfc", "real", "malformed"}) {
        const auto files = mapping_test::files_below(goldens / provenance, ".eml");
        ASSERT_FALSE(files.empty()) << provenance;
        for (const auto& file : files) expect_golden(file);
    }
}

// The bounces of flufl.bounce, when ISTHMUS_TESTMAIL names a folder that holds them in flufl_bounce: who failed is who
// flufl_bounce.txt says, and nobody else.
TEST(GoldenReports, OfWildSoftwareNameNoOthers)
{
    const auto* const folder = std::getenv("ISTHMUS_TESTMAIL");
    const auto files = mapping_test::files_below(path(folder ? folder : "") / "flufl_bounce", ".eml");
    if (files.empty()) GTEST_SKIP() << "ISTHMUS_TESTMAIL names no folder with flufl_bounce in it";
    std::string found;
    for (const auto& file : files) {
        const auto values = read(mapping_test::read_file(file));
        const auto name = file.filename().string() + ' ';
        if (values && values->recipients.empty()) found += name + "nobody\n";
        for (std::size_t i = 0; values && i < values->recipients.size(); ++i) {
            const auto& r = values->recipients[i];
            found += name + (r.action ? std::string(mapping::to_text(*r.action)) : "-") + ' ' +
                     (r.status ? mapping::to_text(*r.status) : "-") + ' ' + r.final.text + '\n';
        }
    }
    auto wanted = mapping_test::read_file(goldens / "flufl_bounce.txt");
    while (wanted.starts_with('#')) wanted.erase(0, wanted.find('\n') + 1);
    EXPECT_EQ(found, wanted);
}

// Other people's bounces, when ISTHMUS_TESTMAIL names a folder of mail: whatever is read can be written and read again.
TEST(GoldenReports, OfOtherPeopleComeBack)
{
    const auto* const folder = std::getenv("ISTHMUS_TESTMAIL");
    const auto files = mapping_test::files_below(folder ? folder : "");
    if (files.empty()) GTEST_SKIP() << "ISTHMUS_TESTMAIL names no folder of mail";
    std::size_t reports = 0, recipients = 0;
    for (const auto& file : files) {
        const auto values = read(mapping_test::read_file(file));
        if (!values) continue;
        ++reports;
        recipients += values->recipients.size();
        const auto xml = mapping::read_error_report(mapping::write_xml(*values));
        ASSERT_TRUE(xml) << file << ": " << xml.error().where << ": " << xml.error().what;
        EXPECT_EQ(*xml, *values) << file;
        const auto again = read(write(*values).message);
        ASSERT_TRUE(again) << file;
        EXPECT_EQ(again->recipients, values->recipients) << file;
    }
    std::cout << reports << " reports about " << recipients << " recipients in " << files.size() << " messages\n";
}
