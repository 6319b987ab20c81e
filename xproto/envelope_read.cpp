// Envelopes from XML. Everything here has passed the wall of document.hpp; what remains is the shape, the limits, and
// that values say what they claim: a certificate's digest is recomputed.
#include "xproto/base64.hpp"
#include "xproto/codes.hpp"
#include "xproto/envelope_xml.hpp"
#include "xproto/field_names.hpp"
#include "xproto/xml_reading.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>
#include <limits>

namespace xproto {

namespace {

constexpr std::size_t longest_oid = 256;
constexpr std::size_t longest_word = 64;
constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();

// Dotted decimal, two arcs or more, no leading zeros; arcs of any size (2.25 arcs are 128 bits).
bool is_oid(std::string_view text)
{
    std::size_t arcs = 0;
    for (std::string_view rest = text; arcs == 0 || !rest.empty(); ++arcs) {
        const auto arc = rest.substr(0, rest.find('.'));
        if (arc.empty() || arc.find_first_not_of("0123456789") != std::string_view::npos) return false;
        if (arc.size() > 1 && arc.front() == '0') return false;
        if (arc.size() == rest.size()) return arcs > 0 && text.size() <= longest_oid;
        rest.remove_prefix(arc.size() + 1);
    }
    return false; // ends with a dot
}

bool is_word(std::string_view text)
{
    return !text.empty() && text.size() <= longest_word &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

class envelope_reader {
  public:
    envelope_reader(const document& source, const envelope_limits& limits) : source_(source), limits_(limits) {}

    parsed<envelope> run()
    {
        const auto root = source_.root();
        r_.only(root, {});
        r_.no_text(root);
        children inside(r_, root);
        envelope e;
        e.id = string(inside.take("id"));
        e.created = time(inside.take("created"));
        e.from = read_originator(inside.take("originator"));
        each(inside.take("recipients"), "recipient", [&](const element& x) { add_recipient(e.recipients, x); });
        each(inside.take("objects"), "object", [&](const element& x) { e.objects.push_back(read_object(x)); });
        if (const auto list = inside.take_if("legacy")) read_legacy_list(e.legacy, list);
        if (const auto list = inside.take_if("extensions"))
            each(list, "extension", [&](const element& x) { add_extension(e.extensions, x); });
        each(inside.take("certificates"), "certificate", [&](const element& x) { add_certificate(e, x); });
        each(inside.take("trace"), "hop", [&](const element& x) {
            if (e.trace.size() == limits_.hops) r_.over(x, "hops", "envelope.hops", limits_.hops);
            e.trace.push_back(read_hop(x));
        });
        inside.finish();
        if (r_.failed()) return r_.take_error();
        return e;
    }

  private:
    // An element that holds nothing but a list of elements of one name.
    template <class Read> void each(const element& list, std::string_view name, Read read)
    {
        if (r_.failed()) return;
        r_.only(list, {});
        r_.no_text(list);
        children inside(r_, list);
        for (auto e = inside.take_if(name); e && !r_.failed(); e = inside.take_if(name)) read(e);
        inside.finish();
    }

    // An element with a string of any octets in it, and no attribute but enc.
    std::string string(const element& e)
    {
        if (r_.failed()) return {};
        r_.only(e, {"enc"});
        return r_.text(e);
    }

    unix_seconds time(const element& e)
    {
        if (r_.failed()) return 0;
        r_.only(e, {});
        std::string room;
        return r_.time(e, r_.plain_text(e, room));
    }

    std::vector<parameter> read_parameters(children& inside);
    signature read_signature(const element& e);
    originator read_originator(const element& e);
    void add_recipient(std::vector<recipient>& to, const element& e);
    object_reference read_object(const element& e);
    void read_legacy_list(std::vector<legacy_field>& to, const element& list);
    legacy_field read_legacy(const element& e, std::string_view name);
    void add_extension(std::vector<extension>& to, const element& e);
    void add_certificate(envelope& to, const element& e);
    void read_reception(hop& to, const element& e);
    hop read_hop(const element& e);

    const document& source_;
    const envelope_limits& limits_;
    reading r_;
};

std::vector<parameter> envelope_reader::read_parameters(children& inside)
{
    std::vector<parameter> list;
    for (auto e = inside.take_if("parameter"); e && !r_.failed(); e = inside.take_if("parameter")) {
        r_.only(e, {"name", "value", "enc"});
        r_.empty(e);
        parameter p;
        p.name = r_.string_attribute(e, "name");
        if (e.attribute("value")) p.value = r_.string_attribute(e, "value");
        list.push_back(std::move(p));
    }
    return list;
}

signature envelope_reader::read_signature(const element& e)
{
    signature s;
    if (r_.failed()) return s;
    r_.only(e, {"algorithm", "leaf", "path"});
    s.algorithm = r_.required(e, "algorithm");
    if (!is_word(s.algorithm)) r_.fail(e, "\"algorithm\" is no name of lower-case letters, digits and hyphens");
    if (e.attribute("leaf")) s.leaf = r_.number(e, "leaf", any_number);
    if (auto path = e.attribute("path")) {
        for (;;) {
            const auto space = path->find(' ');
            const auto step = digest_from_text(path->substr(0, space));
            if (!step) {
                r_.fail(e, "\"path\" is no list of digests with one space between them");
                break;
            }
            s.path.push_back(*step);
            if (space == std::string_view::npos) break;
            path->remove_prefix(space + 1);
        }
    }
    std::string room;
    auto octets = from_base64(r_.plain_text(e, room));
    if (!octets) r_.fail(e, "a signature that is not base64");
    s.value = std::move(octets).value_or(std::string());
    return s;
}

originator envelope_reader::read_originator(const element& e)
{
    originator from;
    if (r_.failed()) return from;
    r_.only(e, {"certificate"});
    r_.no_text(e);
    from.certificate = r_.optional_digest(e, "certificate");
    children inside(r_, e);
    from.address = string(inside.take("address"));
    from.parameters = read_parameters(inside);
    if (const auto s = inside.take_if("signature")) from.sign = read_signature(s);
    inside.finish();
    return from;
}

void envelope_reader::add_recipient(std::vector<recipient>& to, const element& e)
{
    if (to.size() == limits_.recipients) r_.over(e, "recipients", "envelope.recipients", limits_.recipients);
    r_.only(e, {"number", "salt"});
    r_.no_text(e);
    recipient one;
    one.number = static_cast<std::uint32_t>(r_.number(e, "number", std::numeric_limits<std::uint32_t>::max()));
    if (one.number <= (to.empty() ? 0 : to.back().number)) r_.fail(e, "recipients are numbered from 1, ascending");
    if (const auto salt = e.attribute("salt")) {
        auto octets = from_base64(*salt);
        if (!octets || octets->empty()) r_.fail(e, "\"salt\" is not base64");
        one.salt = std::move(octets).value_or(std::string());
    }
    children inside(r_, e);
    one.address = string(inside.take("address"));
    one.parameters = read_parameters(inside);
    inside.finish();
    to.push_back(std::move(one));
}

object_reference envelope_reader::read_object(const element& e)
{
    r_.only(e, {"type", "octets", "digest", "media-type", "enc"});
    r_.empty(e);
    object_reference o;
    o.octets = r_.number(e, "octets", any_number);
    o.sha256 = r_.required_digest(e, "digest");
    o.type = r_.string_attribute(e, "type");
    if (e.attribute("media-type")) {
        o.media_type = r_.string_attribute(e, "media-type");
        if (o.media_type.empty()) r_.fail(e, "an empty \"media-type\"; one that is not known is left out");
    }
    return o;
}

void envelope_reader::read_legacy_list(std::vector<legacy_field>& to, const element& list)
{
    using namespace envelope_xml;
    if (r_.failed()) return;
    r_.only(list, {});
    r_.no_text(list);
    children inside(r_, list);
    for (auto e = inside.any(); e && !r_.failed(); e = inside.any()) {
        if (to.size() == limits_.legacy_fields)
            r_.over(e, "legacy fields", "envelope.legacy_fields", limits_.legacy_fields);
        const auto* as = e.name() == received.element      ? &received
                         : e.name() == return_path.element ? &return_path
                         : e.name() == other_field.element ? &other_field
                                                           : nullptr;
        if (as == nullptr)
            r_.fail(e, "an element that has no place here");
        else
            to.push_back(read_legacy(e, as->name));
    }
}

legacy_field envelope_reader::read_legacy(const element& e, std::string_view name)
{
    using envelope_xml::views;
    legacy_field f;
    r_.only(e, {"place"});
    r_.no_text(e);
    f.place = static_cast<std::uint32_t>(r_.number(e, "place", std::numeric_limits<std::uint32_t>::max()));
    children inside(r_, e);
    const auto line = inside.take("field");
    if (r_.failed()) return f;
    f.octets = read_field(r_, line, name);
    if (!name.empty() && !same_field_name(f.octets.name, name)) r_.fail(line, "an \"n\" that is another field's");
    f.view.reserve(views.size());
    for (auto v = inside.any(); v && !r_.failed(); v = inside.any()) {
        if (v.name() == "view") {
            r_.only(v, {"name", "enc"});
            auto key = r_.string_attribute(v, "name");
            f.view.emplace_back(std::move(key), r_.text(v));
        } else if (std::find(views.begin(), views.end(), v.name()) != views.end()) {
            f.view.emplace_back(v.name(), string(v));
        } else {
            r_.fail(v, "an element that has no place here");
        }
    }
    return f;
}

void envelope_reader::add_extension(std::vector<extension>& to, const element& e)
{
    if (to.size() == limits_.extensions) r_.over(e, "extensions", "envelope.extensions", limits_.extensions);
    r_.only(e, {"oid", "critical"});
    extension x;
    x.oid = r_.required(e, "oid");
    if (!is_oid(x.oid)) r_.fail(e, "\"oid\" is no object identifier in dotted decimal");
    const auto critical = e.attribute("critical");
    if (critical && *critical != "true" && *critical != "false") r_.fail(e, "\"critical\" is neither true nor false");
    x.critical = critical == "true";
    if (const auto own = e.first()) r_.fail(own, "an element of the envelope's namespace inside an extension");
    x.content = source_.inner(e);
    to.push_back(std::move(x));
}

void envelope_reader::add_certificate(envelope& to, const element& e)
{
    auto& list = to.certificates;
    if (list.size() == limits_.certificates) r_.over(e, "certificates", "envelope.certificates", limits_.certificates);
    r_.only(e, {"digest"});
    const auto name = r_.required_digest(e, "digest");
    for (const auto& earlier : list)
        if (earlier.first == name) r_.fail(e, "a certificate that stands twice");
    std::string room;
    auto der = from_base64(r_.plain_text(e, room));
    if (!der) r_.fail(e, "a certificate that is not base64");
    if (r_.failed()) return;
    if (sha256(*der) != name) r_.fail(e, "a certificate whose octets have another digest", codes::digest_mismatch);
    list.emplace_back(name, *std::move(der));
}

void envelope_reader::read_reception(hop& to, const element& e)
{
    using namespace envelope_xml;
    if (e.local_name() != reception_kind.root || to.reception) {
        r_.fail(e, "a hop has one \"reception\" at most, and nothing else of its namespace");
        return;
    }
    r_.only(e, {"by", "standing", "certificate", "authority", "enc"});
    r_.empty(e);
    reception said;
    said.by = r_.required(e, "by");
    said.standing = r_.required(e, "standing");
    if (!is_word(said.by) || !is_word(said.standing))
        r_.fail(e, "\"by\" and \"standing\" are words of lower-case letters, digits and hyphens");
    said.certificate = r_.required_digest(e, "certificate");
    said.authority = r_.string_attribute(e, "authority");
    if (said.authority.size() > longest_authority) r_.over(e, "octets", "reception.authority", longest_authority);
    to.reception = std::move(said);
}

hop envelope_reader::read_hop(const element& e)
{
    hop h;
    r_.only(e, {"certificate", "time", "recipients"});
    r_.no_text(e);
    h.certificate = r_.optional_digest(e, "certificate");
    h.time = r_.time(e, r_.required(e, "time"));
    h.recipients = r_.required_digest(e, "recipients");
    children inside(r_, e);
    h.host = string(inside.take("host"));
    h.peer = string(inside.take("peer"));
    h.peer_address = string(inside.take("peer-address"));
    h.protocol = string(inside.take("protocol"));
    h.id = string(inside.take("id"));
    h.next = string(inside.take("next"));
    if (const auto list = inside.take_if("legacy")) read_legacy_list(h.legacy, list);
    for (auto c = inside.take_if("change"); c && !r_.failed(); c = inside.take_if("change")) {
        r_.only(c, {"before", "after", "object", "reason", "enc"});
        r_.empty(c);
        change one;
        one.before = r_.required_digest(c, "before");
        one.after = r_.required_digest(c, "after");
        one.object = r_.string_attribute(c, "object");
        one.reason = r_.string_attribute(c, "reason");
        h.changes.push_back(std::move(one));
    }
    h.sign = read_signature(inside.take("signature"));
    inside.finish();
    for (const auto& said : e.foreigners(envelope_xml::reception_kind.uri))
        if (!r_.failed()) read_reception(h, said);
    return h;
}

} // namespace

parsed<envelope> read_envelope(std::string_view xml, const envelope_limits& limits)
{
    xml::scan_limits bounds;
    bounds.octets = limits.octets;
    auto source = document::read(xml, envelope_xml::kind, bounds);
    if (!source) return std::move(source).error();
    return envelope_reader(*source, limits).run();
}

} // namespace xproto
