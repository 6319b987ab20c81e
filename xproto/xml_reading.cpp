// The checks that every reader of objects shares.
#include "xproto/xml_reading.hpp"

#include "xproto/base64.hpp"
#include "xproto/codes.hpp"
#include "xproto/xml_text.hpp"

namespace xproto {

namespace {

std::string quoted(std::string_view name)
{
    return '"' + std::string(name) + '"';
}

} // namespace

bool reading::fail(const element& where, std::string what)
{
    return fail(where, std::move(what), codes::not_valid);
}

bool reading::fail(const element& where, std::string what, const result_code& code)
{
    if (!error_) error_ = {code, where.path() + " at octet " + std::to_string(where.octet()), std::move(what)};
    return false;
}

bool reading::over(const element& where, std::string_view what, std::string_view limit, std::size_t value)
{
    return fail(where,
                "the number of " + std::string(what) + " is over " + std::string(limit) + " (" + std::to_string(value) +
                    ")",
                codes::object_limit);
}

bool reading::only(const element& e, std::initializer_list<std::string_view> attributes)
{
    const auto unknown = e.unknown_attribute(attributes);
    return unknown.empty() || fail(e, "an attribute " + quoted(unknown) + " that this element does not have");
}

bool reading::empty(const element& e)
{
    const auto child = e.first();
    if (child) return fail(child, "an element that has no place here");
    return no_text(e);
}

bool reading::no_text(const element& e)
{
    return !e.has_text() || fail(e, "text where only elements have a place");
}

std::string_view reading::required(const element& e, std::string_view attribute)
{
    if (const auto value = e.attribute(attribute)) return *value;
    fail(e, "the attribute " + quoted(attribute) + " is missing");
    return {};
}

std::uint64_t reading::number(const element& e, std::string_view attribute, std::uint64_t most)
{
    const auto value = xml::number(required(e, attribute));
    if (value && *value <= most) return *value;
    fail(e, quoted(attribute) + " is no decimal number up to " + std::to_string(most));
    return 0;
}

digest reading::required_digest(const element& e, std::string_view attribute)
{
    const auto value = digest_from_text(required(e, attribute));
    if (!value) fail(e, quoted(attribute) + " is no digest (sha-256: and 64 lower-case hexadecimal digits)");
    return value.value_or(digest{});
}

std::optional<digest> reading::optional_digest(const element& e, std::string_view attribute)
{
    if (!e.attribute(attribute)) return std::nullopt;
    return required_digest(e, attribute);
}

std::int64_t reading::time(const element& e, std::string_view text)
{
    const auto value = xml::from_timestamp(text);
    if (!value) fail(e, "a time that is not of the form 2026-11-22T01:02:03Z");
    return value.value_or(0);
}

bool reading::is_base64(const element& e)
{
    const auto enc = e.attribute("enc");
    if (enc && *enc != "base64") fail(e, "an encoding other than base64");
    return enc.has_value();
}

std::string reading::decoded(const element& e, std::string_view value)
{
    if (!is_base64(e)) return std::string(value);
    auto octets = from_base64(value);
    if (!octets) fail(e, "base64 that is not complete, or has white space or unused bits in it");
    return std::move(octets).value_or(std::string());
}

std::string reading::text(const element& e)
{
    std::string room;
    return decoded(e, plain_text(e, room));
}

std::string_view reading::plain_text(const element& e, std::string& room)
{
    if (const auto child = e.first()) fail(child, "an element that has no place here");
    return e.text(room);
}

std::string reading::string_attribute(const element& e, std::string_view attribute)
{
    return decoded(e, required(e, attribute));
}

element children::take_if(std::string_view name)
{
    if (!next_ || next_.name() != name) return {};
    return any();
}

element children::take(std::string_view name)
{
    const auto found = take_if(name);
    if (!found) r_.fail(next_ ? next_ : parent_, "the element " + quoted(name) + " is missing here");
    return found;
}

element children::any()
{
    const auto found = next_;
    if (next_) next_ = next_.next();
    return found;
}

bool children::finish()
{
    return !next_ || r_.fail(next_, "an element that has no place here");
}

} // namespace xproto
