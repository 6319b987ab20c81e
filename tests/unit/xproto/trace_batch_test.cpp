// Signing many messages at once.
#include "xproto/trace_batch.hpp"

#include "tests/support/xproto_world.hpp"
#include "xproto/trace.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;
using namespace samples;

std::string octets_of_message(std::size_t i)
{
    return "what message " + std::to_string(i) + " says";
}

signature_batch batch_of(std::size_t count)
{
    signature_batch batch;
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(batch.add(octets_of_message(i)), i);
    return batch;
}

TEST(SignatureBatch, SignsEachOfAnyNumber)
{
    const auto key = private_key::generate();
    const auto reader = key.public_part();
    for (const std::size_t count : {1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 100}) {
        const auto made = batch_of(count).sign(key);
        ASSERT_EQ(made.size(), count);
        std::size_t depth = 0;
        while (std::size_t{1} << depth < count) ++depth;
        for (std::size_t i = 0; i < count; ++i) {
            const auto& s = made[i];
            EXPECT_EQ(s.path.size(), depth) << i << " of " << count;
            EXPECT_TRUE(reader.verify(s.algorithm, signed_octets(octets_of_message(i), s.leaf, s.path), s.value))
                << i << " of " << count;
            EXPECT_FALSE(reader.verify(s.algorithm, signed_octets(octets_of_message(i + 1), s.leaf, s.path), s.value))
                << i << " of " << count;
        }
    }
    EXPECT_TRUE(signature_batch().sign(key).empty());
}

TEST(SignatureBatch, OfOneIsAPlainSignature)
{
    const auto key = private_key::generate();
    const auto made = batch_of(1).sign(key);
    EXPECT_TRUE(made[0].path.empty());
    EXPECT_EQ(made[0].leaf, 0U);
    EXPECT_TRUE(key.public_part().verify(made[0].algorithm, octets_of_message(0), made[0].value));
}

TEST(SignatureBatch, LargestKeepsToTheLimitOfPaths)
{
    signature_batch batch;
    while (!batch.is_full()) batch.add("x");
    EXPECT_LE(batch.sign(private_key::generate()).back().path.size(), trace_limits{}.path);
}

// The memory says yes only to what was verified: the same key, algorithm, octets and signature.
TEST(VerifiedBatches, RememberWhatWasVerifiedAndNothingElse)
{
    const auto key = private_key::generate(), other = private_key::generate();
    const auto reader = key.public_part();
    const auto made = batch_of(8).sign(key);
    verified_batches memory;
    const auto what = [&](std::size_t i) { return signed_octets(octets_of_message(i), made[i].leaf, made[i].path); };
    for (std::size_t i = 0; i < made.size(); ++i) {
        EXPECT_TRUE(memory.verify(reader, made[i], what(i)));
        EXPECT_FALSE(memory.verify(reader, made[i], signed_octets("forged", made[i].leaf, made[i].path)));
        EXPECT_FALSE(memory.verify(other.public_part(), made[i], what(i)));
        auto altered = made[i];
        altered.value.back() ^= 1;
        EXPECT_FALSE(memory.verify(reader, altered, what(i)));
        altered = made[i];
        altered.algorithm = algorithm::rsa;
        EXPECT_FALSE(memory.verify(reader, altered, what(i)));
    }
}

TEST(VerifiedBatches, ServeATraceLikeVerifyingEach)
{
    constexpr std::size_t count = 5;
    std::vector<envelope> messages(count, samples::message());
    std::vector<hop> steps(count);
    signature_batch batch;
    for (std::size_t i = 0; i < count; ++i) {
        messages[i].id = std::to_string(i) + "@edge.example";
        add_certificate(messages[i], w().edge.host);
        steps[i].host = w().edge.name;
        steps[i].certificate = w().edge.host.sha256();
        steps[i].time = samples::noon + 1;
        steps[i].next = "mx1.home.example";
        steps[i].recipients = recipients_digest(messages[i].recipients);
        batch.add(hop_octets(messages[i], steps[i]));
    }
    const auto made = batch.sign(w().edge.key);
    verified_batches memory;
    auto x = expectations();
    x.peer = w().edge.name;
    x.batches = &memory;
    for (std::size_t i = 0; i < count; ++i) {
        steps[i].sign = made[i];
        messages[i].trace = {steps[i]};
        EXPECT_EQ(verify_trace(messages[i], x).broken, "") << i;
        messages[i].id += "x";
        EXPECT_FALSE(verify_trace(messages[i], x).intact()) << i;
    }
}

} // namespace
