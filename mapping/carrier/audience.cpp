// The addresses are looked for as text: one that stands in a To field, wherever in it, is no secret.
#include "mapping/carrier/audience.hpp"

#include "mapping/header_section.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace mapping::carrier {

namespace {

constexpr std::array<std::string_view, 6> naming_fields{"To", "Cc", "Resent-To", "Resent-Cc", "From", "Reply-To"};

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string with_lower_domain(std::string_view address)
{
    std::string out(address);
    const auto at = out.rfind('@');
    std::transform(out.begin() + static_cast<std::ptrdiff_t>(std::min(at, out.size())), out.end(),
                   out.begin() + static_cast<std::ptrdiff_t>(std::min(at, out.size())), lower);
    return out;
}

// What may stand beside an address that is not part of a longer one.
bool is_border(char c)
{
    return c == '<' || c == '>' || c == ',' || c == ';' || c == ':' || c == ' ' || c == '\t' || c == '\r' ||
           c == '\n' || c == '(' || c == ')';
}

// The addresses in a text, roughly: what stands between borders and has an @.
void collect(std::string_view text, std::vector<std::string>& to)
{
    while (!text.empty()) {
        const auto end = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_border) - text.begin());
        const auto word = text.substr(0, end);
        if (word.find('@') != std::string_view::npos) to.push_back(with_lower_domain(word));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

} // namespace

std::vector<std::size_t> first_audience(const xproto::headers_object& headers,
                                        const std::vector<xproto::recipient>& recipients)
{
    std::vector<std::size_t> out;
    if (recipients.size() > 1) {
        std::vector<std::string> named;
        for (const auto& field : headers.fields)
            if (std::any_of(naming_fields.begin(), naming_fields.end(),
                            [&](std::string_view name) { return same_name(field.name, name); }))
                collect(field.raw ? field.octets : field.text, named);
        std::sort(named.begin(), named.end());
        for (std::size_t i = 0; i < recipients.size(); ++i)
            if (std::binary_search(named.begin(), named.end(), with_lower_domain(recipients[i].address)))
                out.push_back(i);
    }
    if (out.empty() && !recipients.empty()) out.push_back(0);
    return out;
}

} // namespace mapping::carrier
