// Sending an envelope on: the octets that came, with recipients cut out and a hop spliced in, and what else changed.
// Nothing is written anew, so that what this host does not understand stays as it was.
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
    void put(std::string_view fresh) { out_ += fresh; }
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

// The outline of an envelope and what becomes of its lists, in document order.
class forwarder {
  public:
    forwarder(std::string_view xml, const std::vector<xml::span>& outline, const forwarding& how)
        : xml_(xml), outline_(outline), how_(how), out_(xml, 4096)
    {
    }

    parsed<std::string> run()
    {
        bool certificates = false, trace = false;
        for (std::size_t i = 0; i < outline_.size(); ++i) {
            const auto& list = outline_[i];
            if (!list.own || list.depth != list_depth - 1) continue;
            if (list.name == "recipients") change_recipients(i);
            if (list.name == "objects") change_objects(i);
            if (list.name == "certificates") certificates = add_certificates(i);
            if (list.name == "trace") trace = add_hop(i);
        }
        if (!certificates) return missing("certificates");
        if (!trace) return missing("trace");
        if (recipients_found_ != how_.keep.size())
            return object_error{codes::not_valid, "envelope/recipients",
                                "a recipient to send to is not in the envelope"};
        if (objects_found_ != how_.objects.size()) return missing("object");
        return out_.finish();
    }

  private:
    std::string_view tag(const xml::span& s) const { return xml_.substr(s.begin, s.content - s.begin); }

    // Calls `visit` with each element of the document's own of this name in the list.
    template <class Visit> void each(std::size_t list, std::string_view name, Visit visit) const
    {
        for (auto i = list + 1; i < outline_.size() && outline_[i].begin < outline_[list].end; ++i)
            if (outline_[i].own && outline_[i].depth == list_depth && outline_[i].name == name) visit(outline_[i]);
    }

    // With the line feed that follows it.
    void cut(const xml::span& s) { out_.cut(s.begin, s.end + (s.end < xml_.size() && xml_[s.end] == '\n' ? 1 : 0)); }

    void change_recipients(std::size_t list)
    {
        auto wanted = how_.keep;
        std::sort(wanted.begin(), wanted.end());
        each(list, "recipient", [&](const xml::span& s) {
            const auto number = xml::number(attribute(tag(s), "number"));
            if (number && std::binary_search(wanted.begin(), wanted.end(), *number))
                ++recipients_found_;
            else
                cut(s);
        });
        std::string fresh;
        for (const auto& one : how_.added) envelope_xml::append_recipient(fresh, one);
        if (!fresh.empty()) out_.put_into(outline_[list], fresh);
    }

    void change_objects(std::size_t list)
    {
        each(list, "object", [&](const xml::span& s) {
            const auto type = attribute(tag(s), "type");
            for (const auto& now : how_.objects) {
                if (now.type != type) continue;
                ++objects_found_;
                cut(s);
                std::string fresh;
                envelope_xml::append_object(fresh, now);
                out_.put(fresh);
            }
        });
    }

    bool add_certificates(std::size_t list)
    {
        std::string fresh;
        for (const auto& [name, der] : how_.certificates) {
            bool there = false;
            const auto written = to_text(name);
            each(list, "certificate",
                 [&](const xml::span& s) { there = there || attribute(tag(s), "digest") == written; });
            if (!there) envelope_xml::append_certificate(fresh, name, der);
        }
        if (!fresh.empty()) out_.put_into(outline_[list], fresh);
        return true;
    }

    bool add_hop(std::size_t list)
    {
        if (how_.instead_of_last) {
            const xml::span* last = nullptr;
            each(list, "hop", [&](const xml::span& s) { last = &s; });
            if (last != nullptr) cut(*last);
        }
        std::string fresh;
        envelope_xml::append_hop(fresh, how_.next);
        out_.put_into(outline_[list], fresh);
        return true;
    }

    std::string_view xml_;
    const std::vector<xml::span>& outline_;
    const forwarding& how_;
    splice out_;
    std::size_t recipients_found_ = 0, objects_found_ = 0;
};

} // namespace

parsed<std::string> forward(std::string_view xml, const forwarding& how)
{
    xml::outline noted;
    const auto& outline = noted.elements;
    xml::scan_limits bounds;
    bounds.octets = xml.size(); // it was measured when it was read
    if (const auto error = xml::scan(xml, envelope_xml::kind.root, envelope_xml::kind.uri, bounds, list_depth, &noted))
        return to_error(*error, envelope_xml::kind.root);
    return forwarder(xml, outline, how).run();
}

parsed<std::string> forward(std::string_view xml, const std::vector<std::uint32_t>& keep, const hop& next,
                            const std::vector<std::pair<digest, std::string>>& certificates)
{
    forwarding how;
    how.keep = keep;
    how.next = next;
    how.certificates = certificates;
    return forward(xml, how);
}

} // namespace xproto
