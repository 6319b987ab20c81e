// Law L3: bodies that legacy hosts encoded anew are decoded, where the digest proves that they are what was sent.
#include "mapping/carrier/undo_encoding.hpp"
#include "mapping/quoted_printable.hpp"
#include "tests/unit/mapping/carrier_support.hpp"
#include "xproto/base64.hpp"

#include <gtest/gtest.h>

namespace {

using namespace carrier_test;

std::string base64_lines(std::string_view octets)
{
    auto text = xproto::to_base64(octets);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += 76) out += text.substr(at, 76) + "\r\n";
    return out;
}

TEST(CarrierEncoding, ABodyEncodedAnewIsDecoded)
{
    const auto message = letter();
    const auto sent = send(message);
    const auto header = sent.octets.substr(0, sent.octets.find("\r\n\r\n") + 4);
    for (const auto& [encoding, body] :
         {std::pair<std::string, std::string>("quoted-printable", mapping::to_quoted_printable(message.body)),
          std::pair<std::string, std::string>("base64", base64_lines(message.body))}) {
        const auto octets = replaced(header, "Encoding: 8bit", "Encoding: " + encoding) + body;
        const auto came = receive(octets, sent.left.transaction);
        const auto undone = carrier::undo_encoding(*came.opening.what, came.splitter.header(), came.body);
        ASSERT_TRUE(undone) << encoding;
        EXPECT_EQ(*undone, message.body);
        carrier::arrived_body now;
        now.octets = undone->size();
        now.sha256 = xproto::sha256(*undone);
        const auto back = carrier::restore(*came.opening.what, sent.left.transaction, came.splitter.header(), now);
        ASSERT_TRUE(back.message);
        EXPECT_EQ(back.message->headers, message.headers_xml);
        EXPECT_EQ(back.message->undone, "body encoded anew");
    }
}

TEST(CarrierEncoding, PartsEncodedAnewAreDecoded)
{
    const std::string part = "Gr\xc3\xbc\xc3\x9f"
                             "e";
    const std::string body = "preamble\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
                             "Content-Transfer-Encoding: 8bit\r\nContent-Language: de\r\n\r\n" +
                             part + "\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain=20\r\n--b--\r\nepilogue\r\n";
    auto envelope = samples::message();
    xproto::headers_object headers;
    headers.fields = {samples::plain("From", " alice@edge.example"), samples::plain("MIME-Version", " 1.0"),
                      samples::plain("Content-Type", " multipart/mixed; boundary=\"b\"")};
    const auto message = finish(envelope, headers, body);
    const auto sent = send(message);
    const auto encoded = replaced(body, part, mapping::to_quoted_printable(part));
    for (const auto& arrived :
         {replaced(encoded, "Encoding: 8bit", "Encoding: quoted-printable"),
          replaced(replaced(encoded, "Content-Transfer-Encoding: 8bit\r\n", ""), "Content-Language: de\r\n",
                   "Content-Language: de\r\nContent-Transfer-Encoding: quoted-printable\r\n")}) {
        const auto came = receive(sent.left.carrier + sent.left.header + arrived, sent.left.transaction);
        ASSERT_TRUE(came.opening.what) << came.opening.reason;
        const auto undone = carrier::undo_encoding(*came.opening.what, came.splitter.header(), came.body);
        EXPECT_EQ(undone, body);
    }
}

TEST(CarrierEncoding, ALineEndAddedOrLostIsUndone)
{
    for (const std::string body : {"no line end", "a line end\r\n"}) {
        const auto message = letter(body);
        const auto sent = send(message);
        const auto octets = body.ends_with('\n') ? sent.octets.substr(0, sent.octets.size() - 2) : sent.octets + "\r\n";
        const auto came = receive(octets, sent.left.transaction);
        EXPECT_EQ(carrier::undo_encoding(*came.opening.what, came.splitter.header(), came.body), body);
    }
}

} // namespace
