// The resolver, held against a name server that answers what the test tells it to.
#include "gateway/net/unbound.hpp"

#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include <map>

namespace gateway::net {
namespace {

namespace asio = boost::asio;
using outcome = dns_answer::outcome;

// Answers questions about the names it knows with one TXT record, and others with NXDOMAIN; names that begin with
// "fails" with SERVFAIL, and those that begin with "silent" not at all.
class name_server {
  public:
    explicit name_server(asio::io_context& context)
        : socket_(context, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0))
    {
        receive();
    }
    std::string address() const { return "127.0.0.1@" + std::to_string(socket_.local_endpoint().port()); }

    std::map<std::string, std::string> texts; // by name, in lower case
    int questions = 0;

  private:
    void receive()
    {
        socket_.async_receive_from(asio::buffer(octets_), from_, [this](boost::system::error_code ec, std::size_t n) {
            if (ec) return;
            answer({octets_.data(), n});
            receive();
        });
    }

    void answer(const std::string& query)
    {
        if (query.size() < 17) return;
        std::string name;
        std::size_t i = 12;
        while (i < query.size() && query[i] != 0) {
            const auto size = static_cast<unsigned char>(query[i]);
            for (std::size_t k = 1; k <= size; ++k)
                name += static_cast<char>(std::tolower(static_cast<unsigned char>(query.at(i + k))));
            name += '.';
            i += size + 1;
        }
        if (name.starts_with("silent")) return;
        ++questions;
        const auto question = query.substr(12, i + 5 - 12);
        const auto known = texts.find(name);
        const char rcode = name.starts_with("fails") ? 2 : known == texts.end() ? 3 : 0;
        std::string reply = query.substr(0, 2) + std::string("\x85", 1) + static_cast<char>(0x80 | rcode);
        reply += std::string("\0\1\0", 3) + (rcode == 0 ? '\1' : '\0') + std::string(4, '\0') + question;
        if (rcode == 0) {
            const auto text = static_cast<char>(known->second.size()) + known->second;
            reply += std::string("\xc0\x0c\0\x10\0\1\0\0\1\x2c\0", 11) + static_cast<char>(text.size()) + text;
        }
        socket_.send_to(asio::buffer(reply), from_);
    }

    asio::ip::udp::socket socket_;
    asio::ip::udp::endpoint from_;
    std::array<char, 512> octets_{};
};

class Resolver : public testing::Test {
  protected:
    std::unique_ptr<resolver> make(dns_settings wanted = {})
    {
        wanted.servers = {server.address()};
        auto made = make_resolver(context, wanted);
        EXPECT_TRUE(made) << made.error().what;
        return std::move(*made);
    }
    dns_answer ask(resolver& dns, const std::string& name)
    {
        dns_answer got;
        bool done = false;
        dns.look_up(name, dns_type::txt, [&](dns_answer answer) {
            got = std::move(answer);
            done = true;
        });
        while (!done) context.run_one();
        return got;
    }

    asio::io_context context;
    name_server server{context};
};

TEST_F(Resolver, TellsWhatIsThereFromWhatIsNotAndFromWhatNobodyKnows)
{
    server.texts["here.example."] = "hello";
    auto dns = make();
    const auto found = ask(*dns, "here.example");
    EXPECT_EQ(found.what, outcome::found);
    ASSERT_EQ(found.records.size(), 1u);
    EXPECT_EQ(txt_text(found.records[0]), "hello");
    EXPECT_EQ(found.ttl.count(), 300);
    EXPECT_TRUE(found.definite());
    EXPECT_FALSE(found.secure());
    const auto absent = ask(*dns, "absent.example");
    EXPECT_EQ(absent.what, outcome::nxdomain);
    EXPECT_TRUE(absent.definite());
    const auto failed = ask(*dns, "fails.example");
    EXPECT_EQ(failed.what, outcome::failed);
    EXPECT_FALSE(failed.definite());
    EXPECT_EQ(failed.why, "SERVFAIL");
}

TEST_F(Resolver, AsksOnceForWhatItStillKnows)
{
    server.texts["here.example."] = "hello";
    auto dns = make();
    ask(*dns, "here.example");
    const auto asked = server.questions;
    EXPECT_TRUE(ask(*dns, "HERE.example").found());
    EXPECT_EQ(server.questions, asked);
}

TEST_F(Resolver, GivesUpInTime)
{
    dns_settings impatient;
    impatient.patience = std::chrono::seconds(1);
    auto dns = make(impatient);
    const auto got = ask(*dns, "silent.example");
    EXPECT_EQ(got.what, outcome::failed);
    EXPECT_EQ(got.why, "no answer in time");
}

TEST_F(Resolver, BoundsWhatIsUnderWay)
{
    dns_settings few;
    few.questions = 2;
    auto dns = make(few);
    int ignored = 0;
    for (const auto* name : {"silent1.example", "silent2.example"})
        dns->look_up(name, dns_type::txt, [&](auto) { ++ignored; });
    EXPECT_EQ(ask(*dns, "here.example").why, "too many questions at once");
    EXPECT_EQ(ignored, 0);
}

TEST_F(Resolver, RefusesWhatIsNoName)
{
    auto dns = make();
    for (const auto& name : {std::string(), std::string("a\0b", 3), std::string(300, 'a')})
        EXPECT_EQ(ask(*dns, name).what, outcome::failed);
}

TEST_F(Resolver, CanBeTakenAwayWithQuestionsOpen)
{
    auto dns = make();
    dns->look_up("silent.example", dns_type::txt, [](auto) { FAIL() << "answered after its end"; });
    context.run_for(std::chrono::milliseconds(50));
    dns.reset();
    context.restart();
    context.run_for(std::chrono::milliseconds(50));
}

TEST(TxtText, PutsCharacterStringsTogether)
{
    EXPECT_EQ(txt_text(std::string("\3one\3two", 8)), "onetwo");
    EXPECT_EQ(txt_text(std::string("\0", 1)), "");
    EXPECT_EQ(txt_text(std::string("\5short", 4)), "") << "shorter than it says";
    EXPECT_EQ(txt_text(""), "");
}

} // namespace
} // namespace gateway::net
