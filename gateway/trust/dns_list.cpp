// RFC 5782.
#include "gateway/trust/dns_list.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace gateway::trust {

namespace {

constexpr std::size_t longest_name = 253;

std::string reversed(const boost::asio::ip::address& address)
{
    std::string out;
    if (address.is_v4() || address.to_v6().is_v4_mapped()) {
        const auto v4 = address.is_v4() ? address.to_v4()
                                        : boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
        for (const auto octet : v4.to_bytes()) out = std::to_string(octet) + "." + out;
        return out;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    for (const auto octet : address.to_v6().to_bytes())
        out = std::string{digits[octet & 15], '.', digits[octet >> 4], '.'} + out;
    return out;
}

bool is_listing(const std::string& rdata)
{
    return rdata.size() == 4 && rdata[0] == 127 && rdata.compare(1, 2, "\xff\xff") != 0;
}

} // namespace

std::vector<std::string> dns_names(config::list_by by, std::string_view what, std::string_view zone)
{
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
        if (name.size() <= longest_name) names.push_back(name);
    };
    if (by == config::list_by::address) {
        boost::system::error_code ec;
        const auto address = boost::asio::ip::make_address(std::string(what), ec);
        if (!ec) add(reversed(address) + std::string(zone));
        return names;
    }
    auto name = config::canonical_domain(what);
    if (name.empty() || name.find('.') == name.npos) return names;
    for (std::size_t i = 0; i < most_names; ++i) {
        add(name + "." + std::string(zone));
        const auto dot = name.find('.');
        if (by != config::list_by::domain || name.find('.', dot + 1) == name.npos) break;
        name.erase(0, dot + 1);
    }
    return names;
}

dns_opinion read_dns_list(const net::dns_answer& answer)
{
    if (!answer.definite()) return dns_opinion::no_answer;
    if (!answer.found()) return dns_opinion::not_listed;
    if (std::any_of(answer.records.begin(), answer.records.end(), is_listing)) return dns_opinion::listed;
    return dns_opinion::no_answer;
}

} // namespace gateway::trust
