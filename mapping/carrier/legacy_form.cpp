// Field by field, and what RFC 5322 3.6 demands in front.
#include "mapping/carrier/legacy_form.hpp"

#include "mapping/carrier/standard_field.hpp"
#include "mapping/date.hpp"
#include "mapping/folded_field.hpp"
#include "mapping/header_section.hpp"
#include "mapping/text.hpp"
#include "mapping/to_smtp.hpp"
#include "smtp/address.hpp"

#include <algorithm>
#include <string_view>

namespace mapping::carrier {

namespace {

constexpr std::size_t longest_id = 255;
constexpr std::size_t longest_address = 320;

class writer {
  public:
    writer(const xproto::envelope& envelope, const xproto::headers_object& headers)
        : envelope_(envelope), fields_(fields_in_order(envelope, headers))
    {
        made_.utf8 = is_utf8();
    }

    legacy_form run(bool eight_bit, bool is_control)
    {
        if (!has("Date")) add("Date", rfc5322_date(envelope_.created));
        if (!has("From")) add("From", sender());
        if (!has("Message-ID")) add("Message-ID", message_id());
        if (is_control) add_control_fields();
        if (eight_bit) add_mime();
        for (const auto* field : fields_)
            if (append_standard(made_.header, *field, made_.utf8) == view::edit::refused)
                made_.refused_edits.push_back(field->name);
        return std::move(made_);
    }

  private:
    bool has(std::string_view name) const
    {
        return std::any_of(fields_.begin(), fields_.end(), [&](const auto* f) { return same_name(f->name, name); });
    }

    // Is there an address that has no form in ASCII, in the envelope or the header, or did the sender say so?
    bool is_utf8() const
    {
        const bool said = asks_for(envelope_, "SMTPUTF8");
        const bool has_address = !smtp::is_ascii(envelope_.from.address) ||
                                 std::any_of(envelope_.recipients.begin(), envelope_.recipients.end(),
                                             [](const auto& to) { return !smtp::is_ascii(to.address); });
        return said || has_address ||
               std::any_of(fields_.begin(), fields_.end(), [](const auto* f) { return needs_utf8(*f); });
    }

    void add(std::string_view name, std::string_view value)
    {
        made_.header += folded_field(name).words(printable(value, made_.utf8, 900)).take();
        ++made_.added;
    }

    std::string host() const
    {
        const auto at = envelope_.id.rfind('@');
        const auto host = at == std::string::npos ? std::string() : envelope_.id.substr(at + 1);
        return smtp::is_domain_name(host) && smtp::is_ascii(host) ? host : "isthmus.invalid";
    }

    // The null sender's mail is from its host (docs/xproto.md, "Identity and certificates").
    std::string sender() const
    {
        const auto& address = envelope_.from.address;
        return "<" + (smtp::parse_mailbox(address) ? address : "process@" + host()) + ">";
    }

    std::string message_id() const
    {
        const auto id = atom(envelope_.id.substr(0, envelope_.id.rfind('@')), longest_id);
        return "<" + (id.empty() ? "xproto" : id) + "@" + host() + ">";
    }

    void add_control_fields()
    {
        if (!has("Subject")) add("Subject", "Control message of xproto");
        if (!has("To") && envelope_.recipients.size() == 1 && smtp::parse_mailbox(envelope_.recipients[0].address))
            add("To", "<" + envelope_.recipients[0].address + ">");
        add("MIME-Version", "1.0");
        add("Content-Type", made_.utf8 ? "text/plain; charset=utf-8" : "text/plain; charset=us-ascii");
        if (made_.utf8) add("Content-Transfer-Encoding", "8bit");
    }

    // RFC 2045: without these a body with octets above 127 says nothing.
    void add_mime()
    {
        if (!has("MIME-Version")) add("MIME-Version", "1.0");
        if (!has("Content-Type")) add("Content-Type", media_type());
        if (!has("Content-Transfer-Encoding")) add("Content-Transfer-Encoding", "8bit");
    }

    std::string media_type() const
    {
        for (const auto& object : envelope_.objects) {
            const auto& type = object.media_type;
            if (object.type != "message/body" || type.empty() || type == "text/plain") continue;
            // A multipart without its boundary could not be read: then it is octets.
            return type.starts_with("multipart/") ? "application/octet-stream"
                                                  : printable(type, false, longest_address);
        }
        return "text/plain; charset=utf-8";
    }

    const xproto::envelope& envelope_;
    std::vector<const xproto::field*> fields_;
    legacy_form made_;
};

} // namespace

legacy_form to_legacy_form(const xproto::envelope& envelope, const xproto::headers_object& headers, bool eight_bit)
{
    return writer(envelope, headers).run(eight_bit, envelope.objects.empty());
}

std::string control_text(const xproto::envelope& envelope)
{
    const bool utf8 = !smtp::is_ascii(envelope.from.address);
    std::string out = "This message is for mail systems: it tells one of them something about the mail\r\n"
                      "of another, and has no text of its own. There is nothing to be done about it.\r\n\r\n"
                      "Number: ";
    out += printable(envelope.id, utf8, longest_id) + "\r\nSender: ";
    out += envelope.from.address.empty() ? "the mail system" : printable(envelope.from.address, utf8, longest_address);
    for (const auto& extension : envelope.extensions) out += "\r\nExtension: " + printable(extension.oid, false, 256);
    return out + "\r\n";
}

} // namespace mapping::carrier
