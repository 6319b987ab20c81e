// The zoo of addresses.txt: certificate -> MAIL FROM -> certificate is exact for every address that a certificate can
// hold, and the others are refused with the reason.
#include "mapping/sender_certificate.hpp"
#include "smtp/address.hpp"
#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

#include <sstream>

using mapping::assurance;
using mapping::sender_certificates;

namespace {

constexpr xproto::unix_seconds now = 1763775062;
const std::string host = "mx1.edge.example";

struct animal {
    std::string verdict;
    std::string address;
};

std::string unescaped(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
        } else if (text.substr(i + 1, 1) == "\\") {
            out += '\\';
            ++i;
        } else {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
            i += 3;
        }
    }
    return out;
}

std::vector<animal> zoo()
{
    std::vector<animal> all;
    std::istringstream lines(mapping_test::read_file(ISTHMUS_TESTS_DIR "/unit/mapping/addresses.txt"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('#')) continue;
        const auto verdict = line.substr(0, line.find(' '));
        all.push_back({verdict, unescaped(line.substr(line.find_first_not_of(' ', verdict.size())))});
    }
    return all;
}

sender_certificates issuer()
{
    auto ca = xproto::make_ca("edge.example", {now - 86400, now + 100 * 86400}).value();
    return {std::move(ca), xproto::private_key::generate(), host};
}

// What is read from MAIL FROM:<address>; nothing when it is no mailbox, and so is never sent (a source route, which
// would be read as another address, is none).
std::optional<std::string> through_mail_from(const std::string& address)
{
    if (!smtp::parse_mailbox(address)) return {};
    const auto argument = "<" + address + ">";
    auto rest = std::string_view(argument);
    const auto path = smtp::parse_reverse_path(rest);
    if (!path || !rest.empty()) return {};
    return std::string(path->address);
}

std::string reason_of(const std::string& verdict)
{
    if (verdict == "no-long") return "is longer than 254 octets";
    if (verdict == "no-half") return "has no local part or no domain";
    return verdict == "no-nul" ? "holds a NUL" : "is not UTF-8";
}

} // namespace

TEST(SenderAddresses, AreExactOrRefusedWithAReason)
{
    auto first = issuer(), second = issuer();
    std::size_t held = 0;
    const auto animals = zoo();
    ASSERT_GT(animals.size(), 900u);
    for (const auto& [verdict, address] : animals) {
        const auto made = first.find(address, assurance::nothing, now);
        if (verdict.starts_with("no-")) {
            ASSERT_FALSE(made) << address;
            EXPECT_EQ(made.error().fault, xproto::certificate_fault::unfit) << address;
            EXPECT_NE(made.error().what.find(reason_of(verdict)), std::string::npos) << address << made.error().what;
            continue;
        }
        ASSERT_TRUE(made) << address << ": " << made.error().what;
        ++held;
        const auto certificate = xproto::certificate::from_der((*made)->der).value();
        const auto back = mapping::reverse_path_of(certificate, host);
        const auto is_process = xproto::same_address(address, xproto::process_address(host));
        EXPECT_EQ(back, is_process ? std::string() : address);
        EXPECT_TRUE(certificate.names_address(address)) << address;

        const auto mail = through_mail_from(address);
        EXPECT_EQ(mail.has_value(), verdict == "mail") << address;
        if (!mail) continue;
        EXPECT_EQ(*mail, address);
        if (held % 8 != 0) continue;
        const auto again = second.find(*mail, assurance::nothing, now);
        ASSERT_TRUE(again) << address;
        EXPECT_EQ(xproto::certificate::from_der((*again)->der)->addresses(), certificate.addresses());
    }
    EXPECT_GT(held, 600u);
}

// No two addresses share a certificate, unless they are the same but for the letter case of the domain: and even then
// each gives back its own octets.
TEST(SenderAddresses, HaveCertificatesOfTheirOwn)
{
    auto one = issuer();
    for (const auto& [a, b] :
         std::vector<std::pair<std::string, std::string>>{{"Alice@x", "alice@x"},
                                                          {"alice@X", "alice@x"},
                                                          {"\"alice\"@x", "alice@x"},
                                                          {"\"\\a\"@x", "\"a\"@x"},
                                                          {"a@b\xC3\xBC\x63her.example", "a@xn--bcher-kva.example"},
                                                          {"e\xCC\x81@x", "\xC3\xA9@x"}}) {
        const auto first = *one.find(a, assurance::nothing, now), second = *one.find(b, assurance::nothing, now);
        EXPECT_NE(first->name, second->name) << a << " and " << b;
        EXPECT_EQ(mapping::reverse_path_of(xproto::certificate::from_der(first->der).value(), host), a);
        EXPECT_EQ(mapping::reverse_path_of(xproto::certificate::from_der(second->der).value(), host), b);
    }
}
