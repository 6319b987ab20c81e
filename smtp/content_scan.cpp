#include "smtp/content_scan.hpp"

#include "smtp/octet_scan.hpp"

namespace smtp {

void content_scan::push(std::string_view octets)
{
    if (octets.empty()) return;
    facts_.octets += octets.size();

    octet_block signs{}; // bit 7 of any octet seen; signed char makes it the sign
    octet_block nuls{};
    octet_block unpaired{};
    const auto look = [&](octet_block before, octet_block block) {
        signs |= block;
        nuls |= block == 0;
        unpaired |= unpaired_newline::found(before, block);
    };
    const auto look_at_one = [&](char before, char octet) {
        facts_.eight_bit |= static_cast<unsigned char>(octet) > 127;
        facts_.nul |= octet == 0;
        facts_.bare_newline |= unpaired_newline::found(before, octet);
    };

    look_at_one(last_, octets.front());
    std::size_t i = 1;
    for (; i + sizeof(octet_block) <= octets.size(); i += sizeof(octet_block)) {
        look(load_block(octets.data() + i - 1), load_block(octets.data() + i));
    }
    for (; i < octets.size(); ++i) look_at_one(octets[i - 1], octets[i]);

    facts_.eight_bit |= any(signs < 0);
    facts_.nul |= any(nuls);
    facts_.bare_newline |= any(unpaired);
    facts_.ends_in_crlf = octets.back() == '\n' && (octets.size() > 1 ? octets[octets.size() - 2] : last_) == '\r';
    last_ = octets.back();
}

content_facts content_scan::facts() const
{
    auto all = facts_;
    all.bare_newline |= last_ == '\r';
    return all;
}

} // namespace smtp
