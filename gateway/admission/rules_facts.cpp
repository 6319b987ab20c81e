// What rules ask for, taken out of envelopes and headers.
#include "gateway/admission/rules.hpp"

#include "mapping/parts/content_fields.hpp"
#include "mapping/view/encoded_word.hpp"

#include <algorithm>
#include <map>

namespace gateway::admission {

namespace {

bool is_asked_for(std::string_view name, std::span<const config::filter> rules)
{
    return std::any_of(rules.begin(), rules.end(),
                       [&](const auto& r) { return !r.field.empty() && mapping::same_name(name, r.field); });
}

std::string lower(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string without_line_ends(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text)
        if (c != '\r' && c != '\n') out += c;
    return out;
}

// Collects fields, and no more of those with one name than the limit.
class collector {
  public:
    explicit collector(std::span<const config::filter> rules) : rules_(rules) {}

    bool wants(std::string_view name) const { return is_asked_for(name, rules_); }
    void add(std::string_view name, std::string_view text)
    {
        auto& room = room_.try_emplace(lower(name), longest_field_text).first->second;
        text = text.substr(0, room);
        room -= text.size();
        field_facts made;
        made.name = name;
        made.text = without_line_ends(text);
        auto decoded = mapping::view::decode_words(made.text);
        if (decoded && *decoded != made.text) made.decoded = std::move(*decoded);
        found_.push_back(std::move(made));
    }
    std::vector<field_facts> take() { return std::move(found_); }

  private:
    std::span<const config::filter> rules_;
    std::map<std::string, std::size_t> room_; // by name
    std::vector<field_facts> found_;
};

// What follows the colon of a complete field.
std::string_view body_of(std::string_view octets)
{
    const auto colon = octets.find(':');
    return colon == octets.npos ? octets : octets.substr(colon + 1);
}

std::string media_type_of(std::string_view content_type)
{
    const auto found = mapping::parts::read_content_fields(content_type).media_type;
    return found.empty() ? "text/plain" : found;
}

} // namespace

std::vector<field_facts> facts_of(const xproto::headers_object& header, std::span<const config::filter> rules)
{
    collector found(rules);
    for (const auto& f : header.fields)
        if (found.wants(f.name)) found.add(f.name, f.raw ? body_of(f.octets) : std::string_view(f.text));
    return found.take();
}

std::vector<field_facts> facts_of(const mapping::header_section& header, std::span<const config::filter> rules)
{
    collector found(rules);
    for (std::size_t i = 0; i < header.size(); ++i)
        if (const auto f = header[i]; found.wants(f.name)) found.add(f.name, f.body);
    return found.take();
}

std::string media_type_of(const xproto::headers_object& header)
{
    for (const auto& f : header.fields)
        if (mapping::same_name(f.name, "Content-Type"))
            return media_type_of(f.raw ? f.octets : "Content-Type:" + f.text + "\r\n");
    return "text/plain";
}

std::string media_type_of(const mapping::header_section& header)
{
    return media_type_of(header.find("Content-Type").octets);
}

std::string media_type_of(const xproto::object_reference& body)
{
    return lower(body.media_type);
}

std::vector<std::string> options_of(const xproto::envelope& message)
{
    std::vector<std::string> found;
    for (const auto& e : message.extensions) found.push_back(e.oid);
    for (const auto& p : message.from.parameters) found.push_back(p.name);
    for (const auto& to : message.recipients)
        for (const auto& p : to.parameters)
            if (std::find(found.begin(), found.end(), p.name) == found.end()) found.push_back(p.name);
    return found;
}

} // namespace gateway::admission
