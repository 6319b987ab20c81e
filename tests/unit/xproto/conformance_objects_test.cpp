// Holds envelope and headers objects against the language-neutral vectors that every implementation is held against.
#include "tests/unit/xproto/conformance_vectors.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace {

using namespace conformance;

std::string said_time(xproto::unix_seconds seconds)
{
    using namespace std::chrono;
    const sys_seconds at{std::chrono::seconds(seconds)};
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss time(at - day);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), int(time.hours().count()), int(time.minutes().count()),
                  int(time.seconds().count()));
    return text.data();
}

object said(const xproto::field& field)
{
    object said;
    if (!field.name.empty()) said["name"] = field.name;
    if (field.raw) {
        put(said, "raw", field.octets);
        return said;
    }
    put(said, "text", field.text);
    said["folds"] = array(field.folds.begin(), field.folds.end());
    return said;
}

array said(const std::vector<xproto::parameter>& parameters)
{
    array said;
    for (const auto& parameter : parameters) {
        object one;
        put(one, "name", parameter.name);
        if (parameter.value) put(one, "value", *parameter.value);
        said.push_back(one);
    }
    return said;
}

void put_signature(object& said, const xproto::signature& signature)
{
    said["algorithm"] = signature.algorithm;
    said["signature"] = xproto::to_base64(signature.value);
    said["leaf"] = signature.leaf;
    array path;
    for (const auto& beside : signature.path) path.emplace_back(xproto::to_text(beside));
    said["path"] = path;
}

object said(const xproto::originator& from)
{
    object said{{"parameters", ::said(from.parameters)}};
    put(said, "address", from.address);
    if (from.certificate) said["certificate"] = xproto::to_text(*from.certificate);
    if (from.sign) put_signature(said, *from.sign);
    return said;
}

object said(const xproto::recipient& recipient)
{
    object said{{"number", recipient.number}, {"parameters", ::said(recipient.parameters)}};
    put(said, "address", recipient.address);
    if (!recipient.salt.empty()) said["salt"] = xproto::to_base64(recipient.salt);
    return said;
}

object said(const xproto::object_reference& reference)
{
    object said{{"octets", reference.octets}, {"digest", xproto::to_text(reference.sha256)}};
    put(said, "type", reference.type);
    if (!reference.media_type.empty()) put(said, "media-type", reference.media_type);
    return said;
}

object said(const xproto::legacy_field& legacy)
{
    array understood;
    for (const auto& [name, value] : legacy.view) {
        object one;
        put(one, "name", name);
        put(one, "value", value);
        understood.push_back(one);
    }
    return {{"place", legacy.place}, {"field", said(legacy.octets)}, {"understood", understood}};
}

object said(const xproto::extension& extension)
{
    object said{{"oid", extension.oid}, {"critical", extension.critical}};
    put(said, "content", extension.content);
    return said;
}

object said(const xproto::hop& hop)
{
    object said{{"time", said_time(hop.time)}, {"recipients", xproto::to_text(hop.recipients)}};
    if (hop.certificate) said["certificate"] = xproto::to_text(*hop.certificate);
    if (const auto& r = hop.reception) {
        object told{{"by", r->by}, {"standing", r->standing}, {"certificate", xproto::to_text(r->certificate)}};
        put(told, "authority", r->authority);
        said["reception"] = told;
    }
    put(said, "host", hop.host);
    put(said, "peer", hop.peer);
    put(said, "peer-address", hop.peer_address);
    put(said, "protocol", hop.protocol);
    put(said, "id", hop.id);
    put(said, "next", hop.next);
    array changes;
    for (const auto& change : hop.changes) {
        object one{{"before", xproto::to_text(change.before)}, {"after", xproto::to_text(change.after)}};
        put(one, "object", change.object);
        put(one, "reason", change.reason);
        changes.push_back(one);
    }
    said["changes"] = changes;
    put_signature(said, hop.sign);
    return said;
}

template <class T> array said_all(const std::vector<T>& values)
{
    array all;
    for (const auto& one : values) all.push_back(said(one));
    return all;
}

object said(const xproto::envelope& envelope)
{
    object whole{{"created", said_time(envelope.created)},      {"originator", said(envelope.from)},
                 {"recipients", said_all(envelope.recipients)}, {"objects", said_all(envelope.objects)},
                 {"legacy", said_all(envelope.legacy)},         {"hops", said_all(envelope.trace)},
                 {"extensions", said_all(envelope.extensions)}};
    put(whole, "id", envelope.id);
    array certificates;
    for (const auto& [digest, der] : envelope.certificates) certificates.emplace_back(xproto::to_text(digest));
    whole["certificates"] = certificates;
    return whole;
}

// A field as it stands in a message.
std::string octets_of(const xproto::field& field)
{
    if (field.raw) return field.octets;
    const std::string line_end = field.bare_lf ? "\n" : "\r\n";
    auto octets = field.name + ":" + field.text + line_end;
    for (auto fold = field.folds.rbegin(); fold != field.folds.rend(); ++fold)
        octets.insert(field.name.size() + 1 + *fold, line_end);
    return octets;
}

object said(const xproto::headers_object& headers)
{
    constexpr std::string_view ends[] = {"crlf", "lf", "none"};
    constexpr std::string_view line_ends[] = {"\r\n", "\n", ""};
    const auto end = static_cast<std::size_t>(headers.end);
    object whole{{"end", ends[end]}, {"fields", said_all(headers.fields)}};
    std::string header;
    for (const auto& field : headers.fields) header += octets_of(field);
    put(whole, "header", header.append(line_ends[end]));
    return whole;
}

// A vector says what is read, or which codes a refusal may have.
template <class T> void expect_outcome(const xproto::parsed<T>& read, const object& vector)
{
    const auto name = text(vector, "name");
    const auto* codes = vector.if_contains("refused");
    if (read) {
        ASSERT_EQ(codes, nullptr) << name << ": accepted";
        return expect_same(said(*read), vector.at("value").as_object(), name);
    }
    ASSERT_NE(codes, nullptr) << name << ": " << read.error().where << ": " << read.error().what;
    const auto& allowed = codes->as_array();
    const value code(read.error().code.text());
    EXPECT_NE(std::find(allowed.begin(), allowed.end(), code), allowed.end()) << name << ": " << code;
}

TEST(ConformanceObjects, AreReadAsTheVectorsSay)
{
    for (const auto& vector : load("objects")) {
        const auto xml = octets(vector, "octets");
        if (text(vector, "type") == "message/envelope")
            expect_outcome(xproto::read_envelope(xml), vector);
        else
            expect_outcome(xproto::read_headers(xml), vector);
    }
}

} // namespace
