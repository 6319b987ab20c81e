// Everything the spool writes reads back as it was, and nothing else reads at all.
#include "gateway/spool/checksum.hpp"
#include "gateway/spool/duplicates.hpp"
#include "gateway/spool/id.hpp"
#include "gateway/spool/octets.hpp"
#include "gateway/spool/record_codec.hpp"
#include "gateway/spool/segment_log.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace {

using namespace gateway::spool;

// --- ids ---

TEST(EntryId, ItsTextIsShortSortsAndReadsBack)
{
    struct row {
        std::uint64_t value;
        std::string text;
    };
    std::string last;
    for (const auto& [value, text] :
         {row{0, "00000000000"}, row{1, "00000000001"}, row{31, "0000000000z"}, row{32, "00000000010"},
          row{1'700'000'000'000'000, "1ga4gc1wg00"}, row{entry_id::largest, "zzzzzzzzzzz"}}) {
        EXPECT_EQ(entry_id(value).text(), text);
        EXPECT_EQ(entry_id::parse(text), entry_id(value));
        EXPECT_GT(text, last) << "texts sort as ids do";
        last = text;
    }
}

TEST(EntryId, OtherTextsAreNoIds)
{
    for (const auto* text : {"", "0", "0000000000", "000000000000", "0000000000l", "0000000000A", "0000000000 ",
                             "-0000000001", "0000000000\xff"})
        EXPECT_FALSE(entry_id::parse(text)) << text;
}

// --- checksums ---

TEST(Checksum, GivesThePublishedValues)
{
    // RFC 3720 B.4; the nine digits are the usual check value of the algorithm.
    std::string ascending(32, '\0'), descending(32, '\0');
    for (std::size_t i = 0; i < 32; ++i) {
        ascending[i] = static_cast<char>(i);
        descending[i] = static_cast<char>(31 - i);
    }
    struct row {
        std::string octets;
        std::uint32_t want;
    };
    for (const auto& [octets, want] :
         {row{"", 0}, row{"123456789", 0xe3069283}, row{std::string(32, '\0'), 0x8a9136aa},
          row{std::string(32, '\xff'), 0x62a8ab43}, row{ascending, 0x46dd794e}, row{descending, 0x113fdb5c}}) {
        EXPECT_EQ(crc32c(octets), want);
    }
}

TEST(Checksum, DoesNotCareHowTheOctetsArrive)
{
    std::string octets;
    for (int i = 0; i < 100; ++i) octets.push_back(static_cast<char>(i * 37));
    for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
        const std::string_view whole = octets;
        EXPECT_EQ(crc32c(whole.substr(cut), crc32c(whole.substr(0, cut))), crc32c(octets)) << cut;
    }
}

// --- numbers ---

TEST(Octets, NumbersReadBackAndHaveOneFormOnly)
{
    for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{16383},
                                      std::uint64_t{16384}, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
        std::string octets;
        put_number(octets, value);
        octet_source in(octets);
        EXPECT_EQ(in.number(), value);
        EXPECT_TRUE(in.at_end() && !in.failed());
    }
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, std::numeric_limits<std::int64_t>::min(),
          std::numeric_limits<std::int64_t>::max()}) {
        std::string octets;
        put_signed(octets, value);
        octet_source in(octets);
        EXPECT_EQ(in.signed_number(), value);
        EXPECT_FALSE(in.failed());
    }
    using namespace std::string_literals;
    for (const auto& wrong : {""s, "\x80"s, "\x80\x00"s, "\xff\x80\x00"s, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s,
                              "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s}) {
        octet_source in(wrong);
        EXPECT_EQ(in.number(), 0u);
        EXPECT_TRUE(in.failed());
    }
}

// --- records ---

record full()
{
    record r;
    r.id = entry_id(123456789);
    r.message_id = "id@example.org";
    r.from = origin::xproto;
    r.sender = "a\xc3\xa4@example.org";
    r.created = 1'700'000'000;
    r.expires = 1'700'432'000;
    r.peer_identity = "mx.peer.example";
    r.reception = {
        "helo.example", "2001:db8::1", "ESMTPS", 1'700'000'001, {"TLSv1.3", "AES", "mx.peer.example", true}, {}};
    r.content = {true, false, true};
    for (std::uint32_t i = 0; i < 3; ++i) {
        recipient to;
        to.number = i + 1;
        to.address = "user" + std::to_string(i) + "@example.net";
        to.parameters = {"NOTIFY=FAILURE", std::string("ORCPT=\0\xff", 8)};
        to.state = static_cast<recipient_state>(i);
        to.attempts = i * 7;
        to.next_attempt = i == 0 ? -1 : 1'700'000'060;
        to.last_code = "4.4.1";
        to.last_text = "no route\r\nto host";
        r.recipients.push_back(to);
    }
    r.held = true;
    r.place.body_octets = 600'000;
    r.place.envelope_octets = 700;
    r.place.headers_octets = 300;
    r.place.extents = {{3, 100, 262144}, {4, 0, 300'000}, {4, 400'000, 38'856}};
    r.place.envelope_check = 0xdeadbeef;
    r.place.headers_check = 1;
    r.place.body_checks = {1, 2, 0xffffffff};
    return r;
}

TEST(RecordCodec, AFullRecordReadsBack)
{
    const auto want = full();
    const auto octets = encode(want);
    ASSERT_TRUE(octets);
    const auto found = decode(*octets);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, want);
    EXPECT_EQ(*encode(*found), *octets);
}

TEST(RecordCodec, EveryFlagHasItsOwnPlace)
{
    for (int which = 0; which < 6; ++which) {
        record want;
        want.reception.tls.verified = which == 0;
        want.content = {which == 1, which == 2, which == 3};
        want.delay_notice_sent = which == 4;
        want.held = which == 5;
        EXPECT_EQ(*decode(*encode(want)), want) << which;
    }
}

TEST(RecordCodec, NoPartOfARecordReadsAsOne)
{
    const auto octets = *encode(full());
    for (std::size_t size = 0; size < octets.size(); ++size)
        EXPECT_EQ(decode(std::string_view(octets).substr(0, size)).error(), errc::malformed_record) << size;
    EXPECT_EQ(decode(octets + '\0').error(), errc::malformed_record) << "nor one with something behind it";
}

TEST(RecordCodec, AnotherVersionIsRefusedByName)
{
    auto octets = *encode(full());
    octets[0] = record_version + 1;
    EXPECT_EQ(decode(octets).error(), errc::unknown_version);
    octets[0] = 0;
    EXPECT_EQ(decode(octets).error(), errc::unknown_version);
}

TEST(RecordCodec, HowThePeerWasProvedIsKeptAndWhatWasWrittenBeforeIsRead)
{
    auto r = full();
    EXPECT_EQ((*encode(r))[0], 1) << "nothing was proved: readable by earlier versions";
    r.reception.proof = {"dns", "unknown", "sha-256:00", "ehsco.com"};
    const auto octets = *encode(r);
    EXPECT_EQ(octets[0], 2);
    EXPECT_EQ(*decode(octets), r);
    for (std::size_t size = 0; size < octets.size(); ++size)
        EXPECT_EQ(decode(std::string_view(octets).substr(0, size)).error(), errc::malformed_record) << size;
    auto empty = r;
    empty.reception.proof = {"x", "", "", ""};
    auto one = *encode(empty);
    one.erase(one.find("\1x"), 2);
    EXPECT_FALSE(decode(one)) << "version 2 without a proof would be a second form of version 1";
}

TEST(RecordCodec, WhatReadsAfterAnOctetWasChangedHasOneFormOnly)
{
    const auto octets = *encode(full());
    for (std::size_t at = 1; at < octets.size(); ++at) {
        for (const int bit : {0, 3, 7}) {
            auto changed = octets;
            changed[at] = static_cast<char>(changed[at] ^ 1 << bit);
            const auto found = decode(changed);
            if (!found) continue;
            EXPECT_NE(*found, full()) << at;
            EXPECT_EQ(*encode(*found), changed) << at;
        }
    }
}

TEST(RecordCodec, APlacementThatContradictsItselfIsRefused)
{
    struct row {
        const char* name;
        std::function<void(placement&)> change;
    };
    for (const auto& [name, change] : {
             row{"too few octets in the extents", [](placement& p) { p.extents.pop_back(); }},
             row{"too many",
                 [](placement& p) {
                     p.extents.push_back({9, 0, 1});
                 }},
             row{"an empty extent",
                 [](placement& p) {
                     p.extents.push_back({9, 0, 0});
                 }},
             row{"a checksum too few", [](placement& p) { p.body_checks.pop_back(); }},
             row{"a checksum too many", [](placement& p) { p.body_checks.push_back(0); }},
             row{"a sum that overflows", [](placement& p) { p.extents[0].octets = ~std::uint64_t{0}; }},
             row{"an offset that overflows", [](placement& p) { p.extents[0].offset = ~std::uint64_t{0}; }},
             row{"a size that overflows", [](placement& p) { p.body_octets = ~std::uint64_t{0}; }},
         }) {
        auto wrong = full();
        change(wrong.place);
        EXPECT_EQ(encode(wrong).error(), errc::malformed_record) << name;
        EXPECT_FALSE(consistent(wrong.place)) << name;
    }
}

TEST(RecordCodec, LimitsHoldInBothDirections)
{
    struct row {
        const char* name;
        record_limits limits;
    };
    const auto with = [](auto member, std::size_t value) {
        record_limits limits;
        limits.*member = value;
        return limits;
    };
    const auto octets = *encode(full());
    for (const auto& [name, limits] : {
             row{"octets", with(&record_limits::octets, octets.size() - 1)},
             row{"recipients", with(&record_limits::recipients, 2)},
             row{"parameters", with(&record_limits::parameters, 1)},
             row{"text", with(&record_limits::text_octets, 5)},
             row{"extents", with(&record_limits::extents, 2)},
             row{"checks", with(&record_limits::body_checks, 2)},
         }) {
        EXPECT_EQ(encode(full(), limits).error(), errc::record_too_large) << name;
        EXPECT_EQ(decode(octets, limits).error(), errc::malformed_record) << name;
    }
}

TEST(RecordCodec, APeersLongStatusIsCutBetweenCharacters)
{
    record r;
    r.recipients.resize(3);
    r.recipients[0].last_text = std::string(10'000, 'x');
    for (int i = 0; i < 600; ++i) r.recipients[1].last_text += "\xc3\xa4";
    r.recipients[1].last_text.insert(0, "x");
    r.recipients[2].last_text = "short";
    clip_status(r);
    EXPECT_EQ(r.recipients[0].last_text.size(), 1000u);
    EXPECT_EQ(r.recipients[1].last_text.size(), 999u);
    EXPECT_EQ(r.recipients[2].last_text, "short");
}

// --- duplicates ---

TEST(Duplicates, AnEntryReadsBack)
{
    const duplicate_entry want{1'700'000'000, {"a@example.org", "", "b@example.org"}};
    const auto octets = encode(want);
    EXPECT_EQ(decode_duplicate(octets), want);
    EXPECT_EQ(forgotten_at(octets), want.forgotten_at);
    for (std::size_t size = 0; size < octets.size(); ++size)
        EXPECT_FALSE(decode_duplicate(std::string_view(octets).substr(0, size)));
    EXPECT_FALSE(decode_duplicate(octets + "x"));
    EXPECT_EQ(forgotten_at("\x02nonsense"), 0);
}

TEST(Duplicates, DifferentPairsHaveDifferentKeys)
{
    EXPECT_NE(duplicate_key("ab", "c"), duplicate_key("a", "bc"));
    EXPECT_NE(duplicate_key("", "abc"), duplicate_key("abc", ""));
    EXPECT_NE(duplicate_key("a\1", "b"), duplicate_key("a", "\1b"));
    EXPECT_EQ(duplicate_key("a", "b"), duplicate_key("a", "b"));
}

TEST(Duplicates, RemembersEachRecipientOnceAndTheNewestWhenThereAreTooMany)
{
    std::vector<recipient> taken(3);
    taken[0].address = "a";
    taken[1].address = "b";
    taken[2].address = "b";
    const auto entry = remember({"b", "c"}, taken, 5);
    EXPECT_EQ(entry, (duplicate_entry{5, {"a", "b", "c"}}));

    std::vector<std::string> many;
    for (std::size_t i = 0; i < duplicate_entry::most_addresses; ++i) many.push_back("old" + std::to_string(i));
    const auto full_entry = remember(many, taken, 5);
    EXPECT_EQ(full_entry.addresses.size(), duplicate_entry::most_addresses);
    EXPECT_EQ(full_entry.addresses.front(), "a");
}

// --- names of segments ---

TEST(SegmentName, ReadsBackAndNothingElseDoes)
{
    for (const std::uint64_t number : {std::uint64_t{1}, std::uint64_t{999'999'999'999}, ~std::uint64_t{0}})
        EXPECT_EQ(segment_number(segment_name(number)), number);
    EXPECT_EQ(segment_name(42), "000000000042.seg");
    for (const auto* name : {"", "42.seg", "000000000000.seg", "000000000042", "000000000042.seg~", "x00000000042.seg",
                             "00000000004a.seg", "99999999999999999999999.seg", "LOCK"})
        EXPECT_FALSE(segment_number(name)) << name;
}

} // namespace
