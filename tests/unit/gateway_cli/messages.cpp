// Messages as files: map and trace.
#include "tests/support/scratch.hpp"
#include "tests/unit/gateway_cli/command_line.hpp"
#include "xproto/certificate_issue.hpp"
#include "xproto/envelope.hpp"
#include "xproto/trace.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include <chrono>

namespace gateway::cli {
namespace {

using testing::HasSubstr;
namespace json = boost::json;

class Messages : public testing::Test {
  protected:
    std::string at(const std::string& name) const { return (folder.path() / name).string(); }

    scratch::directory folder;
};

const std::pair<const char*, std::string> odd_messages[] = {
    {"plain", "Subject: hi\r\nFrom: a@b.example\r\n\r\nBody\r\n"},
    {"line-feeds-only", "Subject: hi\nTo: x\n\nBody\nmore"},
    {"empty", ""},
    {"no-header", "\r\nBody"},
    {"no-body", "Subject: hi\r\n"},
    {"eight-bit", "Subject: j\xfcrgen\r\n\r\n\xff\xfe"},
    {"nul", std::string("Subject: a\0b\r\n\r\n\0", 18)},
    {"bare-returns", "A: b\rC: d\r\n\r\nx\ry"},
    {"received", "Received: from a by b; Thu, 1 Jan 1970 00:00:00 +0000\r\nSubject: x\r\n\r\ny\r\n"},
};

TEST_F(Messages, ComeBackOctetForOctet)
{
    for (const auto& [name, octets] : odd_messages) {
        const auto file = folder.put(name, octets);
        const auto forth = run({"map", "to-xproto", file, "-o", at("objects"), "--from", "a@edge.example", "--rcpt",
                                "b@carrier.example", "--rcpt", "c@carrier.example"});
        ASSERT_EQ(forth.code, 0) << name << forth.err;
        const auto back = run({"map", "to-smtp", at("objects/") + name, "-o", at("back"), "--force"});
        ASSERT_EQ(back.code, 0) << name << back.err;
        EXPECT_EQ(folder.get("back"), octets) << name;
        EXPECT_EQ(back.out, "MAIL FROM:<a@edge.example>\nRCPT TO:<b@carrier.example>\nRCPT TO:<c@carrier.example>\n");
        const auto standard = run({"map", "to-smtp", at("objects/") + name, "-o", "-"});
        EXPECT_EQ(standard.out, octets) << name;
    }
}

TEST_F(Messages, MapWithoutAnEnvelopeOfTheirOwn)
{
    const auto file = folder.put("m", "Subject: x\r\n\r\ny");
    ASSERT_EQ(run({"map", "to-xproto", file, "-o", at("o")}).code, 0);
    const auto back = run({"map", "to-smtp", at("o/m"), "-o", at("back"), "--json"});
    ASSERT_EQ(back.code, 0) << back.err;
    EXPECT_EQ(json::parse(back.out).at("from"), "");
    EXPECT_TRUE(json::parse(back.out).at("recipients").as_array().empty());
}

TEST_F(Messages, AreNotOverwritten)
{
    const auto file = folder.put("m", "Subject: x\r\n\r\ny");
    ASSERT_EQ(run({"map", "to-xproto", file, "-o", at("o")}).code, 0);
    EXPECT_EQ(run({"map", "to-xproto", file, "-o", at("o")}).code, negative);
    EXPECT_EQ(run({"map", "to-xproto", file, "-o", at("o"), "--force"}).code, 0);
    folder.put("precious", "!");
    EXPECT_EQ(run({"map", "to-smtp", at("o/m"), "-o", at("precious")}).code, negative);
    EXPECT_EQ(folder.get("precious"), "!");
}

TEST_F(Messages, AreNotMixedUp)
{
    folder.put("a", "Subject: x\r\n\r\none");
    folder.put("b", "Subject: y\r\n\r\ntwo");
    ASSERT_EQ(run({"map", "to-xproto", at("a"), at("b"), "-o", at("o")}).code, 0);
    std::filesystem::copy_file(at("o/b/body"), at("o/a/body"), std::filesystem::copy_options::overwrite_existing);
    const auto body = run({"map", "to-smtp", at("o/a"), "-o", at("back")});
    EXPECT_EQ(body.code, negative);
    EXPECT_THAT(body.err, HasSubstr("message/body is not the one whose digest the envelope has"));
    EXPECT_FALSE(std::filesystem::exists(at("back")));
    std::filesystem::copy_file(at("o/a/headers.xml"), at("o/b/headers.xml"),
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(run({"map", "to-smtp", at("o/b"), "-o", at("back")}).code, negative);
}

TEST_F(Messages, AreVerifiedByTheFolder)
{
    std::filesystem::create_directories(at("mail/deeper"));
    std::size_t count = 0;
    for (const auto& [name, octets] : odd_messages)
        folder.put((count++ % 2 == 0 ? "mail/" : "mail/deeper/") + std::string(name), octets);
    const auto s = run({"map", "verify", at("mail")});
    EXPECT_EQ(s.code, 0) << s.out;
    EXPECT_THAT(s.out, HasSubstr("9 messages ("));
    EXPECT_THAT(s.out, HasSubstr("), 0 failures\n"));
    const auto j = json::parse(run({"map", "verify", "--json", "-j", "3", at("mail"), at("mail/plain")}).out);
    EXPECT_EQ(j.at("messages"), 10);
    EXPECT_TRUE(j.at("failures").as_array().empty());
}

TEST_F(Messages, FailVerificationOneLineEach)
{
    folder.put("plain", "Subject: x\r\n\r\ny");
    const auto s = run({"map", "verify", at("missing"), at("plain")});
    EXPECT_EQ(s.code, negative);
    EXPECT_THAT(s.out, HasSubstr(at("missing") + ": "));
    EXPECT_THAT(s.out, HasSubstr("2 messages"));
    EXPECT_THAT(s.out, HasSubstr("1 failure\n"));
}

// --- trace ----------------------------------------------------------------------------------------------------------

class Traces : public Messages {
  protected:
    // A message that mx1.edge.example took from an SMTP client and signed for mx1.carrier.example.
    xproto::envelope signed_message()
    {
        const auto now =
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
                .count();
        const xproto::validity period{now - 3600, now + 86'400};
        const auto ca = *xproto::make_ca("edge.example", period);
        folder.put("ca.pem", ca.own.to_pem());
        const auto key = xproto::private_key::generate();
        const auto host = *xproto::make_host(ca, "mx1.edge.example", key.public_part(), period);

        xproto::envelope e;
        e.id = "abc@edge.example";
        e.created = now;
        e.from.address = "ann@edge.example";
        e.recipients.resize(1);
        e.recipients[0].number = 1;
        e.recipients[0].address = "bob@carrier.example";
        e.objects = {{"message/headers", 10, xproto::sha256("<headers/>"), ""},
                     {"message/body", 4, xproto::sha256("Body"), ""}};
        xproto::salt_recipients(e);
        xproto::hop step;
        step.host = "mx1.edge.example";
        step.certificate = host.sha256();
        step.peer = "client\x1b.example";
        step.peer_address = "192.0.2.1";
        step.protocol = "ESMTP";
        step.id = "01hq8z2m4xk";
        step.time = now;
        step.next = "mx1.carrier.example";
        step.peer = "client.example";
        e.certificates.emplace_back(host.sha256(), host.der());
        xproto::sign_hop(e, step, e.recipients, key);
        e.trace.push_back(step);
        return e;
    }
};

TEST_F(Traces, AreShownToPeople)
{
    folder.put("envelope.xml", xproto::write(signed_message()));
    for (const auto& path : {at("envelope.xml"), folder.path().string()}) {
        const auto s = run({"trace", "show", path});
        EXPECT_EQ(s.code, 0) << s.err;
        EXPECT_THAT(s.out, HasSubstr("hop 1            mx1.edge.example took it at 20"));
        EXPECT_THAT(s.out, HasSubstr("from client.example [192.0.2.1] by ESMTP, as 01hq8z2m4xk\n"));
    }
    const auto j = json::parse(run({"trace", "show", "--json", at("envelope.xml")}).out);
    EXPECT_EQ(j.at("hops").at(0).at("next"), "mx1.carrier.example");
    EXPECT_EQ(j.at("recipients"), json::array{"bob@carrier.example"});
}

TEST_F(Traces, AreVerifiedAgainstTheCAsGiven)
{
    folder.put("envelope.xml", xproto::write(signed_message()));
    const auto good = run({"trace", "verify", at("envelope.xml"), "--ca", at("ca.pem")});
    EXPECT_EQ(good.code, 0) << good.out << good.err;
    EXPECT_THAT(good.out, HasSubstr("All signatures hold, and every signer is certified.\n"));
    EXPECT_EQ(json::parse(run({"trace", "verify", "--json", at("envelope.xml"), "--ca", at("ca.pem")}).out).at("valid"),
              true);

    const auto unknown = run({"trace", "verify", at("envelope.xml")});
    EXPECT_EQ(unknown.code, negative);
    EXPECT_THAT(unknown.out, HasSubstr("not every signer is certified"));
}

TEST_F(Traces, NameTheFirstBrokenLink)
{
    auto e = signed_message();
    e.trace[0].peer = "innocent.example";
    folder.put("envelope.xml", xproto::write(e));
    const auto s = run({"trace", "verify", at("envelope.xml"), "--ca", at("ca.pem")});
    EXPECT_EQ(s.code, negative);
    EXPECT_THAT(s.out, HasSubstr("BROKEN: "));
    EXPECT_THAT(s.out, HasSubstr("The first broken link: hop 1"));
    const auto j = json::parse(run({"trace", "verify", "--json", at("envelope.xml"), "--ca", at("ca.pem")}).out);
    EXPECT_EQ(j.at("intact"), false);
    EXPECT_EQ(j.at("hops").at(0).at("intact"), false);
}

TEST_F(Traces, AreHeldAgainstTheObjectsInTheFolder)
{
    folder.put("envelope.xml", xproto::write(signed_message()));
    folder.put("headers.xml", "<headers/>");
    folder.put("body", "Body");
    EXPECT_EQ(run({"trace", "verify", folder.path().string(), "--ca", at("ca.pem")}).code, 0);
    folder.put("body", "Evil");
    const auto s = run({"trace", "verify", folder.path().string(), "--ca", at("ca.pem")});
    EXPECT_EQ(s.code, negative);
    EXPECT_THAT(s.err, HasSubstr("body: message/body is not the one whose digest the envelope has"));
}

TEST_F(Traces, AreNotFoundInWhatIsNoEnvelope)
{
    folder.put("envelope.xml", "<envelope");
    EXPECT_EQ(run({"trace", "show", folder.path().string()}).code, negative);
    EXPECT_EQ(run({"trace", "verify", at("missing")}).code, negative);
}

} // namespace
} // namespace gateway::cli
