// Sending an envelope on: the octets that came, with recipients cut out and a hop spliced in. Nothing is written anew,
// so that what this host does not understand stays as it was.
#include "xproto/codes.hpp"
#include "xproto/envelope_xml.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>

namespace xproto {

namespace {

constexpr std::size_t list_depth = 3; // envelope/recipients/recipient

// The value of an attribute in a start tag that the scan has passed, when it holds no references.
std::string_view attribute(std::string_view tag, std::string_view name)
{
    for (auto at = tag.find_first_of("\"'"); at != std::string_view::npos; at = tag.find_first_of("\"'")) {
        const auto end = tag.find(tag[at], at + 1);
        auto key = tag.substr(0, tag.find_last_not_of("= \t\n", at - 1) + 1);
        key.remove_prefix(key.find_last_of(" \t\n") + 1);
        if (key == name) return tag.substr(at + 1, end - at - 1);
        tag.remove_prefix(end + 1);
    }
    return {};
}

// The octets of `source` with pieces left out and put in, in ascending order.
class splice {
  public:
    splice(std::string_view source, std::size_t extra) : source_(source) { out_.reserve(source.size() + extra); }

    void cut(std::size_t begin, std::size_t end)
    {
        out_.append(source_, at_, begin - at_);
        at_ = end;
    }
    // Before the end tag of a list; `<list/>` is opened for it.
    void put_into(const xml::span& list, std::string_view fresh)
    {
        if (!list.is_empty_tag()) {
            cut(list.content_end, list.content_end);
            out_ += fresh;
            return;
        }
        cut(source_.rfind('/', list.end - 1), list.end);
        out_ += ">\n";
        out_ += fresh;
        out_ += "</";
        out_ += list.name;
        out_ += '>';
    }
    std::string finish()
    {
        out_.append(source_, at_);
        return std::move(out_);
    }

  private:
    std::string_view source_;
    std::string out_;
    std::size_t at_ = 0;
};

object_error missing(std::string_view what)
{
    return {codes::not_valid, "envelope", "the element \"" + std::string(what) + "\" is missing here"};
}

} // namespace

parsed<std::string> forward(std::string_view xml, const std::vector<std::uint32_t>& keep, const hop& next,
                            const std::vector<std::pair<digest, std::string>>& certificates)
{
    xml::outline noted;
    const auto& outline = noted.elements;
    xml::scan_limits bounds;
    bounds.octets = xml.size(); // it was measured when it was read
    if (const auto error =
            xml::scan(xml, envelope_xml::kind.root, envelope_xml::kind.uri, bounds, list_depth, &noted))
        return to_error(*error, envelope_xml::kind.root);
    const auto tag = [&](const xml::span& s) { return xml.substr(s.begin, s.content - s.begin); };

    std::string fresh_certificates, fresh_hop;
    envelope_xml::append_hop(fresh_hop, next);
    for (const auto& [name, der] : certificates) {
        const auto written = to_text(name);
        const bool there = std::any_of(outline.begin(), outline.end(), [&](const xml::span& s) {
            return s.own && s.name == "certificate" && attribute(tag(s), "digest") == written;
        });
        if (!there) envelope_xml::append_certificate(fresh_certificates, name, der);
    }

    auto wanted = keep;
    std::sort(wanted.begin(), wanted.end());
    std::size_t found = 0;
    bool certificates_found = false, trace_found = false;
    splice out(xml, fresh_hop.size() + fresh_certificates.size() + 64);
    for (const auto& s : outline) {
        if (!s.own) continue;
        if (s.depth == 2 && s.name == "certificates") {
            certificates_found = true;
            if (!fresh_certificates.empty()) out.put_into(s, fresh_certificates);
        } else if (s.depth == 2 && s.name == "trace") {
            trace_found = true;
            out.put_into(s, fresh_hop);
        } else if (s.depth == list_depth && s.name == "recipient") {
            const auto number = xml::number(attribute(tag(s), "number"));
            const bool kept = number && std::binary_search(wanted.begin(), wanted.end(), *number);
            if (kept) {
                ++found;
                continue;
            }
            const bool line_feed = s.end < xml.size() && xml[s.end] == '\n';
            out.cut(s.begin, s.end + (line_feed ? 1 : 0));
        }
    }
    if (!certificates_found) return missing("certificates");
    if (!trace_found) return missing("trace");
    if (found != keep.size())
        return object_error{codes::not_valid, "envelope/recipients", "a recipient to send to is not in the envelope"};
    return out.finish();
}

} // namespace xproto
