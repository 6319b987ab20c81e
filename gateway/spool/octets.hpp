// The elements of the spool's binary formats: numbers of variable length (seven bits an octet, lowest first, the top
// bit says that more follow), texts after their length. There is one way to write each value, and reading accepts no
// other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::spool {

inline void put_number(std::string& out, std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
}

// Small negative numbers are short too: 0, -1, 1, -2... become 0, 1, 2, 3...
inline void put_signed(std::string& out, std::int64_t value)
{
    const auto bits = static_cast<std::uint64_t>(value);
    put_number(out, value < 0 ? ~(bits << 1) : bits << 1);
}

inline void put_text(std::string& out, std::string_view text)
{
    put_number(out, text.size());
    out += text;
}

inline void put_word(std::string& out, std::uint32_t value)
{
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift & 0xff));
}

// Takes values off the front of some octets. After the first that cannot be read every further one is zero or empty,
// and failed() tells: so a reader of a format checks once, at its end.
class octet_source {
  public:
    explicit octet_source(std::string_view octets) : rest_(octets) {}

    bool failed() const { return failed_; }
    bool at_end() const { return rest_.empty(); }
    void fail()
    {
        failed_ = true;
        rest_ = {};
    }

    // At most `most`; a larger number is an error.
    std::uint64_t number(std::uint64_t most = ~std::uint64_t{0})
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto octet = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            const std::uint64_t bits = octet & 0x7f;
            if (shift == 63 && bits > 1) break; // more than 64 bits
            if (shift > 0 && octet == 0) break; // could have been shorter
            value |= bits << shift;
            if ((octet & 0x80) != 0) continue;
            if (value > most) break;
            return value;
        }
        fail();
        return 0;
    }

    std::int64_t signed_number()
    {
        const auto bits = number();
        return static_cast<std::int64_t>(bits & 1 ? ~(bits >> 1) : bits >> 1);
    }

    std::string text(std::size_t most)
    {
        const auto size = number(most);
        if (size > rest_.size()) fail();
        if (failed_) return {};
        std::string value(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return value;
    }

    std::uint32_t word()
    {
        if (rest_.size() < 4) fail();
        if (failed_) return 0;
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value |= static_cast<std::uint32_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
        rest_.remove_prefix(4);
        return value;
    }

    // How many elements follow: at most `most`, and no more than the octets that are left could hold at `each`.
    std::size_t count(std::size_t most, std::size_t each)
    {
        const auto value = number(most);
        if (value * each > rest_.size()) fail();
        return failed_ ? 0 : static_cast<std::size_t>(value);
    }

  private:
    std::string_view rest_;
    bool failed_ = false;
};

} // namespace gateway::spool
