// What the tools send is what a gateway would send: objects that say the message again, and a trace that verifies.
#include "gateway/tools/parcel.hpp"

#include "mapping/to_smtp.hpp"
#include "xproto/headers_object.hpp"
#include "xproto/trace.hpp"

#include <gtest/gtest.h>

namespace gateway::tools {
namespace {

constexpr std::int64_t now = 1'763'770'000;

credentials make_credentials(bool certifies_users)
{
    credentials made;
    auto ca = xproto::make_ca("edge.example", {now - 3600, now + 86'400});
    made.key = xproto::private_key::generate();
    made.host = "mx1.edge.example";
    made.chain = {xproto::make_host(*ca, made.host, made.key.public_part(), {now - 3600, now + 86'000}).value()};
    made.anchors = xproto::certificate_store({ca->own});
    if (certifies_users) made.user_ca = std::make_shared<const xproto::certificate_authority>(std::move(*ca));
    return made;
}

xproto::trace_report verify(const parcel& message, const credentials& who)
{
    xproto::trace_expectations expected;
    expected.validate = [&](const auto& leaf, const auto& others, xproto::purpose use, xproto::unix_seconds at) {
        return who.anchors.validate(leaf, others, use, at);
    };
    expected.peer = who.host;
    expected.host = "mx1.carrier.example";
    expected.now = now;
    return xproto::verify_trace(xproto::read_envelope(message.envelope).value(), expected);
}

draft make(std::string message, std::string from = "alice@edge.example")
{
    smtp::transaction transaction;
    transaction.reverse_path = std::move(from);
    transaction.recipients = {{"bob@carrier.example", {}}, {"carol@carrier.example", {}}};
    return make_draft(std::make_shared<const std::string>(std::move(message)), std::move(transaction));
}

const std::string mail = "From: <alice@edge.example>\r\nSubject: hello\r\n\r\nThe body.\r\n";

TEST(Parcel, ASealedMessageIsItselfAgainAtTheOtherEnd)
{
    const auto who = make_credentials(true);
    packer signs(who, "mx1.carrier.example", now);
    const auto sealed = signs.seal(make(mail));
    ASSERT_TRUE(sealed);
    const auto report = verify(*sealed, who);
    EXPECT_TRUE(report.intact()) << report.broken;
    EXPECT_TRUE(report.valid());
    EXPECT_TRUE(report.originator);

    const auto envelope = xproto::read_envelope(sealed->envelope).value();
    const auto headers = xproto::read_headers(sealed->octets(xproto::object_type::headers)).value();
    const auto legacy = mapping::to_smtp(envelope, headers);
    EXPECT_EQ(legacy.header + std::string(sealed->octets(xproto::object_type::body)), mail);
    EXPECT_EQ(legacy.transaction.reverse_path, "alice@edge.example");
    EXPECT_EQ(legacy.transaction.recipients.size(), 2u);
    EXPECT_EQ(envelope.objects[1].sha256, xproto::sha256(sealed->octets(xproto::object_type::body)));
}

TEST(Parcel, EachSealIsAnotherMessage)
{
    const auto who = make_credentials(false);
    packer signs(who, "mx1.carrier.example", now);
    const auto message = make(mail);
    const auto one = signs.seal(message), two = signs.seal(message);
    ASSERT_TRUE(one && two);
    EXPECT_NE(one->id, two->id);
    EXPECT_TRUE(one->id.ends_with("@mx1.edge.example"));
    EXPECT_FALSE(verify(*one, who).originator) << "nobody certifies senders";
    EXPECT_TRUE(verify(*two, who).intact());
}

TEST(Parcel, TheNullSenderIsSignedForByTheProcessOfTheHost)
{
    const auto who = make_credentials(true);
    packer signs(who, "mx1.carrier.example", now);
    const auto sealed = signs.seal(make(mail, ""));
    ASSERT_TRUE(sealed);
    EXPECT_TRUE(verify(*sealed, who).valid());
}

TEST(Parcel, ASenderThatNoCertificateCanHoldIsAnError)
{
    const auto who = make_credentials(true);
    packer signs(who, "mx1.carrier.example", now);
    const auto sealed = signs.seal(make(mail, "postmaster"));
    ASSERT_FALSE(sealed);
    EXPECT_NE(sealed.error().what.find("cannot be certified"), std::string::npos);
}

TEST(Parcel, Smtputf8IsSaidWhenItIsNeeded)
{
    const auto said = [](const draft& message) {
        for (const auto& p : message.envelope.from.parameters)
            if (p.name == "SMTPUTF8") return true;
        return false;
    };
    EXPECT_FALSE(said(make(mail)));
    EXPECT_FALSE(said(make(mail + "\xc3\xa4 in the body\r\n")));
    EXPECT_TRUE(said(make("Subject: \xc3\xa4\r\n\r\n")));
    EXPECT_TRUE(said(make(mail, "\xc3\xa4@edge.example")));
}

TEST(Parcel, ForwardedObjectsGetOneMoreHop)
{
    const auto who = make_credentials(true);
    packer signs(who, "mx1.carrier.example", now);
    auto message = make(mail);
    message.envelope.id = "ready@edge.example";
    message.envelope.created = now;
    objects_on_disk objects{xproto::write(message.envelope), message.headers,
                            std::make_shared<const std::string>("The body.\r\n")};
    const auto forwarded = signs.forward(objects);
    ASSERT_TRUE(forwarded);
    EXPECT_EQ(forwarded->id, "ready@edge.example");
    EXPECT_TRUE(verify(*forwarded, who).valid());
    EXPECT_TRUE(verify(*forwarded, who).originator) << "nobody had signed before";

    objects.envelope = "<envelope";
    EXPECT_FALSE(signs.forward(objects));
    EXPECT_FALSE(as_it_is(objects, ""));
    const auto anyway = as_it_is(objects, "probe@edge.example");
    ASSERT_TRUE(anyway);
    EXPECT_EQ(anyway->id, "probe@edge.example");
    EXPECT_EQ(anyway->octets(xproto::object_type::envelope), "<envelope");
}

TEST(Parcel, WithoutHeadersAndBodyItIsAControlMessage)
{
    const auto control = as_it_is({"<x/>", nullptr, nullptr}, "probe@edge.example");
    ASSERT_TRUE(control);
    EXPECT_TRUE(control->envelope_only);
    EXPECT_EQ(control->outgoing(7, true).body_octets, 0u);
}

TEST(Parcel, IsSplitIntoPiecesThatMakeItsBodyAgain)
{
    const std::string leaf(500, 'x');
    const auto body = "--b\r\n\r\nshort\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\r\n" + leaf + "\r\n--b--\r\n";
    const std::string headers = "<headers xmlns=\"urn:xproto:headers:1\">"
                                "<RFC2045.Content-Type t=\" multipart/mixed; boundary=b\"/></headers>";
    parcel whole;
    whole.headers = std::make_shared<const std::string>(headers);
    whole.body = std::make_shared<const std::string>(body);
    whole.split = split(headers, body, 100).value();
    ASSERT_NE(whole.split, nullptr);
    EXPECT_EQ(whole.octets(xproto::object_type::leaf, 0), leaf);
    const auto skeleton = whole.octets(xproto::object_type::skeleton);
    const auto rest = std::string(skeleton.substr(skeleton.find("\n\n") + 2));
    EXPECT_EQ(rest.size() + leaf.size(), body.size());

    const auto told = whole.outgoing(1, true);
    EXPECT_EQ(told.skeleton_octets, skeleton.size());
    ASSERT_EQ(told.leaves.size(), 1u);
    EXPECT_EQ(told.leaves[0].digest, xproto::to_text(xproto::sha256(leaf)));
    EXPECT_EQ(told.leaves[0].media_type, "image/png");
    EXPECT_EQ(told.leaves[0].file_name, "a.png");
    EXPECT_TRUE(whole.outgoing(1, false).leaves.empty()) << "the session does not split";
    EXPECT_EQ(split(headers, body, 501).value(), nullptr) << "nothing is so large";
    EXPECT_FALSE(split("<headers", body, 100));
}

} // namespace
} // namespace gateway::tools
