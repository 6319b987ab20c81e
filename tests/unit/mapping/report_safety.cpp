// Delivery reports stay sound mail whatever they are made of.
#include "mapping/quoted_printable.hpp"
#include "tests/unit/mapping/report_support.hpp"

using mapping::write_report;
using namespace mapping_test;

TEST(Report, CutsAnImmenseHeaderBetweenLines)
{
    std::string header;
    while (header.size() < 3000) header += "X-Line: " + std::to_string(header.size()) + "\r\n";
    for (std::size_t most = 1000; most < 1030; ++most) {
        auto facts = sample_facts();
        facts.header = header;
        mapping::report_limits limits;
        limits.returned = most;
        const auto part = open(write_report(facts, limits)->message).parts[2];
        EXPECT_LE(part.octets.size(), most);
        EXPECT_GT(part.octets.size(), most - 20);
        EXPECT_TRUE(part.octets.ends_with("\r\n"));
        EXPECT_TRUE(header.starts_with(part.octets)) << most;
    }
}

TEST(Report, AddressesBeyondAsciiAreShownOrEscaped)
{
    auto facts = sample_facts();
    facts.recipients = {failed(umlaut_address, {{"ORCPT", "utf-8;d\\x{F6}mi@b\\x{FC}cher.example"}})};
    const auto seven_bit = write_report(facts);
    expect_sound(*seven_bit);
    const auto escaped = open(seven_bit->message);
    EXPECT_EQ(escaped.parts[0].encoding, "quoted-printable");
    EXPECT_NE(mapping::from_quoted_printable(escaped.parts[0].octets)->find(umlaut_address), std::string::npos);
    EXPECT_EQ(escaped.parts[1].type, "message/delivery-status");
    EXPECT_NE(escaped.parts[1].octets.find("Original-Recipient: utf-8;d\\x{F6}mi@b\\x{FC}cher.example\r\n"),
              std::string::npos);
    EXPECT_NE(escaped.parts[1].octets.find("Final-Recipient: utf-8;d\\x{F6}mi@b\\x{FC}cher.example\r\n"),
              std::string::npos);

    facts.original.parameters = {{"SMTPUTF8", {}}};
    const auto global = write_report(facts);
    expect_sound(*global);
    const auto shown = open(global->message);
    EXPECT_EQ(shown.parts[1].type, "message/global-delivery-status");
    EXPECT_EQ(shown.parts[1].encoding, "8bit");
    EXPECT_NE(shown.parts[1].octets.find("Original-Recipient: utf-8;" + umlaut_address + "\r\n"), std::string::npos);
    EXPECT_NE(shown.parts[1].octets.find("Final-Recipient: utf-8;" + umlaut_address + "\r\n"), std::string::npos);

    facts.original.reverse_path = umlaut_address;
    const auto to_unicode = write_report(facts);
    expect_sound(*to_unicode);
    EXPECT_EQ(open(to_unicode->message).header("To"), "<" + umlaut_address + ">");
}

TEST(Report, MalformedOrcptIsLeftOut)
{
    for (const auto* orcpt : {"", ";", "rfc822", ";a@b", "rfc822;", "rfc822;a+b", "rfc822;a b", "utf-8;\\x{D800}"}) {
        auto facts = sample_facts();
        facts.recipients[0].recipient.parameters = {{"ORCPT", orcpt}};
        EXPECT_EQ(write_report(facts)->message.find("Original-Recipient"), std::string::npos) << orcpt;
    }
}

TEST(Report, ReferencesOnlyAnIdThatIsOne)
{
    for (const auto* id : {"", " ", "x", "<>", "<a b@c>", "<a@b> <c@d>", "<a@b\x01>", "<a@b(c)>", "<a@\xC3\xBC>"}) {
        auto facts = sample_facts();
        const auto header = "Message-ID: " + std::string(id) + "\r\n\r\n";
        facts.header = header;
        EXPECT_EQ(write_report(facts)->message.find("References"), std::string::npos) << id;
    }
}

TEST(Report, IsSafeForEveryOctetInEveryText)
{
    for (unsigned value = 0; value < 256; ++value) {
        const std::string octet(1, static_cast<char>(value));
        std::vector<std::string> junks{"a" + octet + "b"};
        if (value % 16 == 0) junks.emplace_back(1000, octet[0]);
        for (const auto& junk : junks) {
            for (const auto* utf8 : {"SMTPUTF8", "X-NONE"}) {
                for (auto fact = 0; fact < 9; ++fact) {
                    auto facts = sample_facts();
                    auto header = "X: " + junk + "\r\n";
                    std::string orcpt = "rfc822;x", envid = "y";
                    auto& recipient = facts.recipients[0];
                    std::string* const texts[] = {&facts.host,
                                                  &facts.id,
                                                  &facts.original.reverse_path,
                                                  &facts.received_from,
                                                  &recipient.recipient.address,
                                                  &recipient.remote,
                                                  &recipient.diagnostic,
                                                  &orcpt,
                                                  &envid};
                    *texts[fact] = junk;
                    recipient.recipient.parameters = {{"ORCPT", orcpt}};
                    facts.original.parameters = {{utf8, {}}, {"ENVID", envid}, {"RET", "FULL"}};
                    facts.header = header;
                    facts.body = junk;
                    const auto report = write_report(facts);
                    ASSERT_TRUE(report.has_value());
                    ASSERT_NO_FATAL_FAILURE(expect_sound(*report));
                    ASSERT_NO_FATAL_FAILURE(open(report->message)) << fact << ' ' << value;
                }
            }
        }
    }
}

TEST(Report, TheBoundaryStandsInNoPart)
{
    auto facts = sample_facts();
    const auto boundary = [&] {
        const auto type = open(write_report(facts)->message).header("Content-Type");
        return type.substr(type.find("=_"), 34);
    };
    const auto first = boundary();
    const auto header = "X: " + first + "\r\n";
    facts.header = header;
    EXPECT_NE(boundary(), first);
}
