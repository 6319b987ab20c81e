// Law L3: what legacy hosts do to a message on its way. What verifies is restored, the rest is said to have changed,
// and nothing is half restored.
#include "tests/unit/mapping/carrier_support.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace {

using namespace carrier_test;

using damage = std::function<std::string(std::string)>;

std::string after(const std::string& octets, std::string_view mark, std::string_view text)
{
    const auto at = octets.find(mark) + mark.size();
    return octets.substr(0, at) + std::string(text) + octets.substr(at);
}

// Every fold of the carrier elsewhere, as software that breaks or joins lines does.
std::string refolded(const std::string& octets)
{
    const auto end = octets.find("\r\n\r\n");
    std::string out;
    for (std::size_t i = 0; i < end; ++i) {
        if (octets.compare(i, 3, "\r\n\t") == 0) {
            out += ' ';
            i += 2;
        } else {
            out += octets[i];
        }
    }
    return out + octets.substr(end);
}

// The fields of the header, last first.
std::string reversed(const std::string& octets)
{
    mapping::message_splitter splitter;
    splitter.push(octets);
    splitter.finish();
    std::string out;
    const auto& header = splitter.header();
    for (auto i = header.size(); i-- > 0;) out += header[i].octets;
    return out + octets.substr(octets.find("\r\n\r\n") + 2);
}

TEST(CarrierDamage, ThatChangesNothingIsUndone)
{
    const std::vector<std::pair<const char*, damage>> cases{
        {"nothing", [](std::string m) { return m; }},
        {"trace on top",
         [](std::string m) {
             return "Return-Path: <alice@edge.example>\r\nDKIM-Signature: v=1\r\nReceived: from a by b; c\r\n" + m;
         }},
        {"folds anew", refolded},
        {"white space", [](std::string m) { return replaced(m, "X-Ordinary: a  b\tc", "X-ORDINARY:   a b c "); }},
        {"order", reversed},
        {"our Received taken out", [](std::string m) { return m.substr(m.find("Xproto-Carrier")); }},
        {"our Date taken out",
         [](std::string m) { return replaced(m, "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n", ""); }},
    };
    const auto message = letter();
    const auto sent = send(message);
    for (const auto& [name, change] : cases) {
        const auto came = receive(change(sent.octets), sent.left.transaction);
        EXPECT_TRUE(is_whole(came, message)) << name << ": " << came.opening.reason << came.back.reason;
    }
}

TEST(CarrierDamage, KeepsTheTraceOfOtherHosts)
{
    const auto sent = send(letter());
    const auto came =
        receive("Return-Path: <alice@edge.example>\r\nReceived: from a.example by b.example; now\r\n" + sent.octets,
                sent.left.transaction);
    ASSERT_TRUE(came.back.message) << came.back.reason;
    const auto& legacy = came.back.message->envelope.next.legacy;
    ASSERT_EQ(legacy.size(), 2u);
    EXPECT_EQ(legacy[0].octets.name, "Return-Path");
    EXPECT_EQ(legacy[1].place, 1u);
    EXPECT_EQ(legacy[1].view.front(), (std::pair<std::string, std::string>("from", "a.example")));
}

struct header_case {
    const char* name;
    damage change;
    std::string reason;
};

TEST(CarrierDamage, ToTheHeaderIsDeclared)
{
    const std::vector<header_case> cases{
        {"tag", [](std::string m) { return replaced(m, "Subject: ", "Subject: [list] "); }, "Subject changed"},
        {"list", [](std::string m) { return after(m, "X-Ordinary: a  b\tc\r\n", "List-Id: <l.example>\r\n"); },
         "List-Id added"},
        {"removed", [](std::string m) { return replaced(m, "X-Ordinary: a  b\tc\r\n", ""); }, "X-Ordinary removed"},
        {"several",
         [](std::string m) {
             m = replaced(m, "Subject: ", "Subject: [list] ");
             return after(m, "X-Ordinary: a  b\tc\r\n", "Precedence: list\r\n");
         },
         "Subject changed, Precedence added"},
    };
    const auto message = letter();
    const auto sent = send(message);
    for (const auto& one : cases) {
        const auto came = receive(one.change(sent.octets), sent.left.transaction);
        ASSERT_TRUE(came.back.message) << one.name << ": " << came.back.reason;
        const auto& made = *came.back.message;
        ASSERT_EQ(made.envelope.next.changes.size(), 1u) << one.name;
        const auto& change = made.envelope.next.changes[0];
        EXPECT_EQ(change.object, "message/headers");
        EXPECT_EQ(change.before, message.envelope.objects[0].sha256);
        EXPECT_EQ(change.after, xproto::sha256(made.headers));
        EXPECT_EQ(change.reason, one.reason) << one.name;
        const auto now = xproto::read_headers(made.headers);
        ASSERT_TRUE(now);
        // What did not change has the form that it was born with, not the one that legacy software was shown.
        EXPECT_EQ(now->fields.front(), message.headers.fields.front()) << one.name;
    }
}

TEST(CarrierDamage, ToTheBodyIsDeclared)
{
    const auto message = letter();
    const auto sent = send(message);
    const auto footer = receive(sent.octets + "-- \r\nlist\r\n", sent.left.transaction);
    ASSERT_TRUE(footer.back.message) << footer.back.reason;
    ASSERT_EQ(footer.back.message->envelope.next.changes.size(), 1u);
    EXPECT_EQ(footer.back.message->envelope.next.changes[0].reason, "11 octets appended");
    EXPECT_EQ(footer.back.message->envelope.next.changes[0].after, xproto::sha256(footer.body));
    EXPECT_EQ(footer.back.message->headers, message.headers_xml);
    const auto other = receive(replaced(sent.octets, "von Alice", "von Mallory"), sent.left.transaction);
    ASSERT_TRUE(other.back.message);
    EXPECT_EQ(other.back.message->envelope.next.changes[0].reason, "20 octets became 22 others");
}

// The text is the same to people, and neither its octets nor Content-Type are what was signed: both are declared.
TEST(CarrierDamage, ByAnotherCharsetIsDeclared)
{
    const auto born = letter();
    auto headers = born.headers;
    headers.fields.push_back(samples::plain("MIME-Version", " 1.0"));
    headers.fields.push_back(samples::plain("Content-Type", " text/plain; charset=utf-8"));
    auto envelope = samples::message();
    envelope.legacy.clear();
    const auto message = carrier_test::finish(std::move(envelope), std::move(headers), born.body);
    const auto sent = send(message);
    auto changed = replaced(sent.octets, "charset=utf-8", "charset=iso-8859-1");
    changed = replaced(changed, "\r\n\r\nGr\xc3\xbc\xc3\x9f", "\r\n\r\nGr\xfc\xdf");
    const auto came = receive(changed, sent.left.transaction);
    ASSERT_TRUE(came.back.message) << came.back.reason;
    const auto& changes = came.back.message->envelope.next.changes;
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(changes[0].reason, "Content-Type changed");
    EXPECT_EQ(changes[1].reason, "20 octets became 18 others");
    const auto now = xproto::read_headers(came.back.message->headers);
    ASSERT_TRUE(now);
    EXPECT_EQ(now->fields.front(), message.headers.fields.front());
    EXPECT_EQ(now->fields.back().text, " text/plain; charset=iso-8859-1");
}

// Fields that are mapped afresh say what they mean like those of any legacy message.
TEST(CarrierDamage, FreshFieldsHaveViews)
{
    const auto message = letter();
    const auto sent = send(message);
    const auto came = receive(after(sent.octets, "X-Ordinary: a  b\tc\r\n", "X-List: =?utf-8?q?L=C3=BC?=\r\n"),
                              sent.left.transaction);
    ASSERT_TRUE(came.back.message) << came.back.reason;
    const auto now = xproto::read_headers(came.back.message->headers);
    ASSERT_TRUE(now);
    EXPECT_EQ(now->fields.back().view, "<v:text>Lü</v:text>");
}

TEST(CarrierDamage, OfAnotherMessageIsIgnored)
{
    const auto sent = send(letter());
    auto list = sent.left.transaction;
    list.reverse_path = "list-bounces@edge.example";
    EXPECT_FALSE(receive(sent.octets, list).back.message);
    const auto elsewhere = sent.left.carrier + "From: x@y.example\r\nSubject: other\r\n\r\nother\r\n";
    const auto came = receive(elsewhere, sent.left.transaction);
    EXPECT_TRUE(came.opening.what);
    EXPECT_FALSE(came.back.message);
    const auto both = receive(replaced(sent.octets, "Subject: ", "Subject: [x] ") + "x", sent.left.transaction);
    EXPECT_TRUE(both.back.message); // the body begins as it was
    const auto nothing =
        receive(replaced(replaced(sent.octets, "Subject: ", "Subject: [x] "), "von", "fon"), sent.left.transaction);
    EXPECT_FALSE(nothing.back.message);
}

TEST(CarrierDamage, RecipientsAreThoseOfTheTransaction)
{
    const auto message = letter();
    const auto sent = send(message);
    auto t = sent.left.transaction;
    t.recipients = {{"carol@ELSEWHERE.example", {}}, {"dave@new.example", {{"NOTIFY", "NEVER"}}}};
    const auto came = receive(sent.octets, t);
    ASSERT_TRUE(came.back.message);
    const auto& how = came.back.message->envelope;
    EXPECT_EQ(how.keep, std::vector<std::uint32_t>{2});
    ASSERT_EQ(how.added.size(), 1u);
    EXPECT_EQ(how.added[0].number, 3u);
    EXPECT_EQ(how.added[0].address, "dave@new.example");
}

// One octet after the other: the message is restored as it was, or the carrier is not understood.
TEST(CarrierDamage, ToAnyOctetOfTheCarrierIsFoundOut)
{
    const auto message = letter();
    const auto sent = send(message);
    const auto begin = sent.left.trace.size();
    const auto end = begin + sent.left.carrier.size();
    std::size_t restored = 0;
    for (auto at = begin; at < end; ++at) {
        auto octets = sent.octets;
        octets[at] = static_cast<char>(octets[at] ^ (1 << at % 7));
        const auto came = receive(octets, sent.left.transaction);
        if (!came.back.message) continue;
        ++restored;
        EXPECT_EQ(came.opening.what->what.envelope, message.envelope_xml) << "octet " << at - begin;
        const auto& changes = came.back.message->envelope.next.changes;
        EXPECT_TRUE(changes.empty() || changes[0].object == "message/headers") << "octet " << at - begin;
    }
    EXPECT_LT(restored, 300u); // white space and letter case
}

TEST(CarrierDamage, CutOffIsFoundOut)
{
    const auto message = letter();
    const auto sent = send(message);
    const auto begin = sent.left.trace.size();
    for (std::size_t cut = 1; cut < sent.left.carrier.size() - 2; cut += 7) {
        auto octets = sent.octets;
        octets.erase(begin + sent.left.carrier.size() - 2 - cut, cut);
        EXPECT_FALSE(receive(octets, sent.left.transaction).back.message) << cut;
    }
}

TEST(CarrierDamage, PiecesOfManyAreLookedForAndCounted)
{
    carrier::content what;
    samples::random_values random(2);
    while (what.envelope.size() < 40'000) what.envelope += random.octets();
    const auto fields = *carrier::write_fields(what, 1 << 20);
    const auto read = [](const std::string& header) {
        mapping::message_splitter splitter;
        splitter.push(header + "\r\n");
        splitter.finish();
        return carrier::find_fields(splitter.header());
    };
    EXPECT_EQ(*read(fields).what, what);
    EXPECT_EQ(*read(reversed(fields + "\r\n")).what, what);
    const auto second = fields.find("Xproto-Carrier", 1);
    EXPECT_EQ(read(fields.substr(second)).reason.substr(0, 8), "1 of its");
    EXPECT_EQ(read(fields.substr(0, second) + fields).reason, "a field of it stands twice");
    EXPECT_FALSE(read("Subject: x\r\n").any);
    // Another one below counts as what it is: fields of the message.
    carrier::content other;
    other.envelope = "x";
    const auto both = read(fields + *carrier::write_fields(other, 1000));
    EXPECT_EQ(*both.what, what);
}

TEST(CarrierDamage, LargePromisesAreNotKept)
{
    carrier::content what;
    what.envelope.assign(50'000'000, 'x');
    mapping::message_splitter splitter;
    splitter.push(*carrier::write_fields(what, 1 << 20) + "\r\n");
    splitter.finish();
    EXPECT_EQ(carrier::find_fields(splitter.header()).reason, "it is damaged");
}

// Lines of the message taken out, doubled, exchanged and changed, by a seed.
std::string mangled(const std::string& octets, unsigned seed)
{
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < octets.size();) {
        const auto end = std::min(octets.find("\r\n", at), octets.size() - 2) + 2;
        lines.push_back(octets.substr(at, end - at));
        at = end;
    }
    samples::random_values random(seed);
    for (auto n = 1 + random.below(3); n > 0; --n) {
        const auto at = random.below(lines.size());
        const auto other = random.below(lines.size());
        switch (random.below(4)) {
        case 0: lines[at].clear(); break;
        case 1: lines[at] += lines[at]; break;
        case 2: std::swap(lines[at], lines[other]); break;
        default: lines[at].insert(random.below(lines[at].size() + 1), random.octets()); break;
        }
    }
    std::string out;
    for (const auto& line : lines) out += line;
    return out;
}

// What is restored is what was sent, or is declared: there is no third way.
TEST(CarrierDamage, IsNeverSilent)
{
    const auto message = letter();
    const auto sent = send(message);
    std::size_t whole = 0, changed = 0;
    for (unsigned seed = 0; seed < 3000; ++seed) {
        const auto came = receive(mangled(sent.octets, seed), sent.left.transaction);
        if (!came.back.message) continue;
        const auto& made = *came.back.message;
        auto headers = message.envelope.objects[0].sha256;
        auto body = message.envelope.objects[1].sha256;
        for (const auto& change : made.envelope.next.changes) {
            auto& object = change.object == "message/headers" ? headers : body;
            EXPECT_EQ(change.before, object) << seed;
            object = change.after;
        }
        EXPECT_EQ(headers, xproto::sha256(made.headers)) << seed;
        EXPECT_EQ(body, xproto::sha256(came.body)) << seed;
        EXPECT_EQ(came.opening.what->what.envelope, message.envelope_xml) << seed;
        ++(made.envelope.next.changes.empty() ? whole : changed);
    }
    EXPECT_GT(whole, 50u);
    EXPECT_GT(changed, 50u);
}

} // namespace
