// What arrived is held against what was sent, field by field.
#include "mapping/carrier/restore.hpp"

#include "mapping/carrier/alignment.hpp"
#include "mapping/carrier/standard_field.hpp"
#include "mapping/field.hpp"
#include "mapping/message_splitter.hpp"
#include "mapping/received.hpp"
#include "mapping/to_smtp.hpp"
#include "mapping/to_xproto.hpp"
#include "xproto/digest.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace mapping::carrier {

namespace {

constexpr auto none = alignment::none;

header_section split(std::string_view header)
{
    message_splitter splitter({header.size() + 1, header.size() + 1});
    splitter.push(header);
    splitter.finish();
    return splitter.header();
}

std::vector<std::string> relaxed_fields(const header_section& header)
{
    std::vector<std::string> out;
    out.reserve(header.size());
    for (std::size_t i = 0; i < header.size(); ++i) out.push_back(relaxed(header[i]));
    return out;
}

// A multiset of fields: Received lines that the carried trace accounts for.
class known_fields {
  public:
    explicit known_fields(const header_section& header)
    {
        for (std::size_t i = 0; i < header.size(); ++i) ++left_[relaxed(header[i])];
    }
    bool take(const std::string& field)
    {
        const auto found = left_.find(field);
        if (found == left_.end() || found->second == 0) return false;
        --found->second;
        return true;
    }

  private:
    std::unordered_map<std::string, std::size_t> left_;
};

// Is it one of the trace? Received lines may stand anywhere, the others only where passing hosts put them.
bool is_trace(const header_field& field, bool on_top)
{
    if (on_top) return is_passing_field(field.name);
    return same_name(field.name, "Received") || same_name(field.name, "Return-Path");
}

// Fields that software rewrites together with the body, and that are right again when the body is.
bool is_about_encoding(std::string_view name)
{
    return same_name(name, "Content-Transfer-Encoding") || same_name(name, "MIME-Version");
}

bool same_address(std::string_view one, std::string_view other)
{
    const auto at = one.rfind('@');
    if (at == std::string_view::npos || other.rfind('@') != at) return one == other;
    return one.substr(0, at) == other.substr(0, at) && same_name(one.substr(at), other.substr(at));
}

// --- one message ----------------------------------------------------------------------------------------------------

class restorer {
  public:
    restorer(const opened& carried, const smtp::transaction& transaction, const header_section& arrived,
             const arrived_body& body, const mapping_options& options)
        : carried_(carried), transaction_(transaction), arrived_(arrived), body_(body), options_(options)
    {
    }

    restoration run()
    {
        if (transaction_.reverse_path != carried_.envelope.from.address)
            return fail("it comes from another sender than its originator");
        if (!read_sent()) return fail("it does not say what was sent");
        sort_arrived();
        compare();
        const auto intact = sent_.size() - alignment_.missing.size();
        if (intact * 2 < sent_.size()) return fail("it belongs to another message");
        const bool header_changed = !added_.empty() || !removed_.empty();
        if ((is_another_header() || sent_.empty()) && !is_body_intact() && !body_.begins_as_sent)
            return fail("neither header nor body are those it was made for");
        put_headers(header_changed);
        put_body();
        put_recipients();
        restoration out;
        out.message = std::move(made_);
        return out;
    }

  private:
    static restoration fail(std::string why)
    {
        restoration out;
        out.reason = std::move(why);
        return out;
    }

    // Did the header go out as the octets that the objects stand for?
    bool is_as_it_is() const { return carried_.what.header.empty() && carried_.what.added == 0; }

    // Is it one of the headers object? Trace is in the envelope, and what was put in for legacy software nobody misses.
    bool is_ordinary(const xproto::field* own) const
    {
        const auto& list = carried_.headers.fields;
        const std::less<> before; // which compares pointers into different places, too
        return own != nullptr && !list.empty() && !before(own, &list.front()) && !before(&list.back(), own);
    }

    // What is changed when a body is put into another charset is none of this.
    bool is_another_header() const
    {
        const auto is_other = [](const std::string& name) {
            return !is_about_encoding(name) && !same_name(name, "Content-Type");
        };
        return std::any_of(added_.begin(), added_.end(), is_other) ||
               std::any_of(removed_.begin(), removed_.end(), is_other);
    }

    bool is_body_intact() const
    {
        const auto* sent = carried_.body();
        return sent == nullptr || (body_.octets == sent->octets && body_.sha256 == sent->sha256);
    }

    bool read_sent();
    void sort_arrived();
    void compare();
    void put_headers(bool changed);
    void put_body();
    void put_recipients();
    bool put_legacy(const header_field& field);
    std::string changed_headers() const;

    const opened& carried_;
    const smtp::transaction& transaction_;
    const header_section& arrived_;
    const arrived_body& body_;
    const mapping_options& options_;

    header_section sent_;
    std::vector<const xproto::field*> own_;    // for each field sent: whose form it is; null: added for legacy software
    std::vector<std::size_t> mine_;            // indexes in arrived_ of what is not carrier or trace
    alignment alignment_;                      // of these
    std::vector<std::string> added_, removed_; // names
    std::size_t legacy_octets_ = 0;
    restored made_;
};

// The header as it was sent, and which fields of the objects its fields stand for.
bool restorer::read_sent()
{
    const auto fields = fields_in_order(carried_.envelope, carried_.headers);
    if (is_as_it_is()) {
        sent_ = split(to_smtp(carried_.envelope, carried_.headers).header);
        own_ = fields;
    } else {
        sent_ = split(carried_.what.header);
        if (carried_.what.added > sent_.size()) return false;
        own_.assign(carried_.what.added, nullptr);
        for (const auto* field : fields)
            if (is_sendable(*field)) own_.push_back(field);
    }
    return own_.size() == sent_.size();
}

// Sets aside the carrier, and the trace: what the carried hops account for, and what other hosts put on since.
void restorer::sort_arrived()
{
    auto lines = trace_header(carried_.envelope, false);
    if (const auto other = trace_header(carried_.envelope, true); other != lines) lines += other; // one of the two
    known_fields accounted(split(lines));
    known_fields sent(sent_);
    auto carrier = carried_.where.begin();
    for (std::size_t i = 0; i < arrived_.size(); ++i) {
        if (carrier != carried_.where.end() && *carrier == i) {
            ++carrier;
            continue;
        }
        const auto field = arrived_[i];
        const auto form = relaxed(field);
        // Above the carrier stands what the hops account for, below it what the message had: the same line may be both.
        const bool on_top = carrier == carried_.where.begin();
        if (is_trace(field, on_top)) {
            // The same line may be among the message's own fields: which of both this is, its place tells.
            if (on_top && accounted.take(form)) continue;
            if (!sent.take(form) && (accounted.take(form) || put_legacy(field))) continue;
        }
        mine_.push_back(i);
    }
}

// False: there is no room for more of them in a hop.
bool restorer::put_legacy(const header_field& field)
{
    auto& list = made_.envelope.next.legacy;
    legacy_octets_ += field.octets.size();
    if (list.size() == mapping_limits{}.legacy_fields || legacy_octets_ > mapping_limits{}.legacy_octets) return false;
    xproto::legacy_field line;
    line.place = static_cast<std::uint32_t>(list.size());
    line.octets = to_field(field);
    if (same_name(field.name, "Received")) line.view = read_received(field.body);
    if (same_name(field.name, "Return-Path")) line.view = read_return_path(field.body);
    list.push_back(std::move(line));
    return true;
}

void restorer::compare()
{
    std::vector<std::string> forms;
    for (const auto i : mine_) forms.push_back(relaxed(arrived_[i]));
    alignment_ = align(forms, relaxed_fields(sent_));
    bool encoding = false, folding = false;
    for (std::size_t i = 0; i < mine_.size(); ++i) {
        const auto field = arrived_[mine_[i]];
        if (alignment_.source[i] != none)
            folding = folding || sent_[alignment_.source[i]].octets != field.octets;
        else if (is_about_encoding(field.name) && is_body_intact())
            encoding = true;
        else
            added_.emplace_back(field.name);
    }
    for (const auto i : alignment_.missing) {
        if (!is_ordinary(own_[i])) continue;
        if (is_about_encoding(sent_[i].name) && is_body_intact())
            encoding = true;
        else
            removed_.emplace_back(sent_[i].name);
    }
    const auto note = [&](bool there, std::string_view what) {
        if (there) made_.undone += (made_.undone.empty() ? "" : ", ") + std::string(what);
    };
    note(folding, "fields folded anew");
    note(alignment_.moved, "fields in another order");
    note(encoding, "body encoded anew");
}

// The fields as they arrived; those that are as they were sent in the form that they had before.
std::string restorer::changed_headers() const
{
    xproto::headers_object now;
    now.end = xproto::separator::crlf;
    const auto& list = carried_.headers.fields;
    std::size_t next = 0; // of them: those before it are done with
    auto room_for_views = mapping_limits{}.view_octets;
    // Fields that could not be sent at all stay where they were.
    const auto keep_unsent = [&](std::size_t end) {
        for (; next < end; ++next)
            if (!is_sendable(list[next])) now.fields.push_back(list[next]);
    };
    for (std::size_t i = 0; i < mine_.size(); ++i) {
        const auto field = arrived_[mine_[i]];
        const auto source = alignment_.source[i];
        if (source == none) {
            now.fields.push_back(to_field(field));
            now.fields.back().view = view::describe(now.fields.back(), options_.views, room_for_views);
            continue;
        }
        const auto* own = own_[source];
        if (!is_ordinary(own)) continue;
        if (!is_as_it_is()) keep_unsent(static_cast<std::size_t>(own - list.data()));
        now.fields.push_back(*own);
    }
    if (!is_as_it_is()) keep_unsent(list.size());
    for (auto& field : now.fields) {
        field.bare_lf = false;
        if (field.raw && !field.octets.ends_with('\n')) field.octets += "\r\n"; // the last one may lack its line end
    }
    return xproto::write(now);
}

void restorer::put_headers(bool changed)
{
    if (!changed || carried_.is_control()) { // what a control message looked like in mail is nobody's
        made_.headers = carried_.what.headers;
        return;
    }
    made_.headers = changed_headers();
    if (made_.headers == carried_.what.headers) return;
    auto object = *carried_.object("message/headers");
    xproto::change change;
    change.object = object.type;
    change.before = object.sha256;
    change.after = xproto::sha256(made_.headers);
    change.reason = describe_changes(added_, removed_);
    object.octets = made_.headers.size();
    object.sha256 = change.after;
    made_.envelope.objects.push_back(std::move(object));
    made_.envelope.next.changes.push_back(std::move(change));
}

void restorer::put_body()
{
    if (is_body_intact()) return;
    auto object = *carried_.body();
    xproto::change change;
    change.object = object.type;
    change.before = object.sha256;
    change.after = body_.sha256;
    if (body_.begins_as_sent)
        change.reason = std::to_string(body_.octets - object.octets) + " octets appended";
    else
        change.reason = std::to_string(object.octets) + " octets became " + std::to_string(body_.octets) + " others";
    object.octets = body_.octets;
    object.sha256 = body_.sha256;
    if (arrived_.count("Content-Type") == 1) object.media_type = media_type_of(arrived_.find("Content-Type").body);
    made_.envelope.objects.push_back(std::move(object));
    made_.envelope.next.changes.push_back(std::move(change));
}

// RCPT says who gets it: carried recipients keep their numbers, others follow.
void restorer::put_recipients()
{
    const auto& known = carried_.envelope.recipients;
    auto number = known.empty() ? 0 : known.back().number;
    for (const auto& to : transaction_.recipients) {
        const auto found = std::find_if(known.begin(), known.end(), [&](const auto& one) {
            return same_address(one.address, to.address) &&
                   std::find(made_.envelope.keep.begin(), made_.envelope.keep.end(), one.number) ==
                       made_.envelope.keep.end();
        });
        if (found != known.end()) {
            made_.envelope.keep.push_back(found->number);
            continue;
        }
        xproto::recipient fresh;
        fresh.number = ++number;
        fresh.address = to.address;
        for (const auto& p : to.parameters) fresh.parameters.push_back({p.keyword, p.value});
        made_.envelope.added.push_back(std::move(fresh));
    }
}

} // namespace

restoration restore(const opened& carried, const smtp::transaction& transaction, const header_section& arrived,
                    const arrived_body& body, const mapping_options& options)
{
    return restorer(carried, transaction, arrived, body, options).run();
}

} // namespace mapping::carrier
