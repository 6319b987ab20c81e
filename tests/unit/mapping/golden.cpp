// The files of tests/golden, both ways. Beside NAME.eml, the octets of a message, stand NAME.headers.xml and
// NAME.envelope.xml, what it is in xproto, and for some NAME.smtp, its MAIL and RCPT commands. Where the mapping makes
// something else, it is written beside the file with `.actual` at the end, to be looked at and moved over it.
#include "mapping/to_smtp.hpp"
#include "mapping/to_xproto.hpp"
#include "smtp/command.hpp"
#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace {

using std::filesystem::path;

const path goldens = path(ISTHMUS_TESTS_DIR) / "golden";
const std::vector<std::string> provenances{"rfc", "real", "malformed"};

path beside(path file, const std::string& ending)
{
    return file.replace_extension(ending);
}

smtp::transaction transaction_of(const path& eml)
{
    smtp::transaction out;
    std::istringstream lines(mapping_test::read_file(beside(eml, ".smtp")));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("MAIL ")) {
            const auto mail = smtp::parse_mail(line.substr(5)).value();
            out.reverse_path = mail.reverse_path;
            out.parameters = mail.parameters;
        } else {
            EXPECT_TRUE(line.starts_with("RCPT ")) << line;
            out.recipients.push_back(smtp::parse_rcpt(line.substr(5)).value().recipient);
        }
    }
    return out;
}

std::string commands_of(const smtp::transaction& transaction)
{
    if (transaction == smtp::transaction{}) return {};
    auto out = smtp::format_mail(transaction.reverse_path, transaction.parameters) + '\n';
    for (const auto& to : transaction.recipients) out += smtp::format_rcpt(to) + '\n';
    return out;
}

void compare(const path& file, const std::string& made)
{
    if (std::filesystem::exists(file) && mapping_test::read_file(file) == made) return;
    std::ofstream(file.string() + ".actual", std::ios::binary) << made;
    ADD_FAILURE() << file << " is not what was made; see " << file << ".actual";
}

std::vector<path> messages()
{
    std::vector<path> found;
    for (const auto& provenance : provenances)
        for (const auto& file : mapping_test::files_below(goldens / provenance, ".eml")) found.push_back(file);
    return found;
}

} // namespace

TEST(GoldenMail, IsThere)
{
    for (const auto& provenance : provenances) {
        EXPECT_FALSE(mapping_test::files_below(goldens / provenance, ".eml").empty()) << provenance;
        for (const auto& file : mapping_test::files_below(goldens / provenance)) {
            const auto name = file.filename().string();
            if (name.starts_with('.') || name.ends_with(".actual")) continue;
            const auto stem = name.substr(0, name.find('.'));
            EXPECT_TRUE(std::filesystem::exists(file.parent_path() / (stem + ".eml")))
                << file << " belongs to no message";
        }
    }
}

TEST(GoldenMail, BecomesTheseObjects)
{
    for (const auto& eml : messages()) {
        const auto message = mapping_test::split(mapping_test::read_file(eml));
        const auto made = mapping::to_xproto(transaction_of(eml), message.splitter, "golden@mx.example", 1763775062);
        compare(beside(eml, ".headers.xml"), made.headers);
        compare(beside(eml, ".envelope.xml"), xproto::write(made.envelope));
    }
}

TEST(GoldenMail, ComesOutOfTheseObjects)
{
    for (const auto& eml : messages()) {
        const auto headers = xproto::read_headers(mapping_test::read_file(beside(eml, ".headers.xml")));
        const auto envelope = xproto::read_envelope(mapping_test::read_file(beside(eml, ".envelope.xml")));
        ASSERT_TRUE(headers.has_value() && envelope.has_value()) << eml;
        const auto made = mapping::to_smtp(*envelope, *headers);
        const auto octets = mapping_test::read_file(eml);
        const auto body = mapping_test::split(octets).body;
        EXPECT_EQ(made.header + body, octets) << eml;
        EXPECT_EQ(commands_of(made.transaction), mapping_test::read_file(beside(eml, ".smtp"))) << eml;
    }
}
