// Values to records to digests. Nothing here can fail: whatever the values are, different values give different octets.
#include "xproto/trace_records.hpp"

#include "xproto/base64.hpp"
#include "xproto/trace.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>

namespace xproto {

namespace {

// `name SP octets-in-decimal SP value LF`, after a first line that says what kind of thing is signed.
class records {
  public:
    explicit records(std::string_view kind) : out_(kind)
    {
        out_.reserve(1024);
        out_ += '\n';
    }

    void add(std::string_view name, std::string_view value)
    {
        out_ += name;
        out_ += ' ';
        xml::append_number(out_, value.size());
        out_ += ' ';
        out_ += value;
        out_ += '\n';
    }
    void add(std::string_view name, const digest& value) { add(name, to_text(value)); }
    void add(std::string_view name, std::uint64_t value) { add(name, std::to_string(value)); }
    void add(const std::vector<parameter>& list)
    {
        for (const auto& p : list) {
            add("parameter", p.name);
            if (p.value) add("value", *p.value);
        }
    }
    void add(const trace_records::object_states& objects)
    {
        for (const auto& o : objects) {
            add("object", o.type);
            add("digest", o.sha256);
        }
    }
    void add(const field& f)
    {
        add("name", f.name);
        if (f.raw) {
            add("octets", f.octets);
            return;
        }
        add("text", f.text);
        std::string folds;
        for (const auto offset : f.folds) folds += (folds.empty() ? "" : " ") + std::to_string(offset);
        if (!folds.empty()) add("fold", folds);
    }

    void add(const std::vector<legacy_field>& list)
    {
        for (const auto& f : list) {
            add("legacy", f.place);
            add(f.octets);
            for (const auto& [name, value] : f.view) {
                add("view", name);
                add("value", value);
            }
        }
    }

    std::string finish() { return std::move(out_); }

  private:
    std::string out_;
};

// RFC 9162's hashes: a leaf cannot be taken for a node.
digest hash_of(char kind, std::string_view first, std::string_view second = {})
{
    sha256_stream all;
    all.update({&kind, 1});
    all.update(first);
    all.update(second);
    return all.finish();
}

std::string_view octets_of(const digest& d)
{
    return {reinterpret_cast<const char*>(d.data()), d.size()};
}

} // namespace

namespace trace_records {

object_states states_of(const std::vector<object_reference>& objects)
{
    object_states states;
    for (const auto& o : objects) states.push_back({o.type, o.sha256});
    return states;
}

bool undo(object_states& states, const std::vector<change>& changes)
{
    for (auto c = changes.rbegin(); c != changes.rend(); ++c) {
        const object_state after{c->object, c->after};
        const auto changed = std::find(states.begin(), states.end(), after);
        if (changed == states.end()) return false;
        changed->sha256 = c->before;
    }
    return true;
}

std::string origin(const envelope& message, const object_states& born)
{
    records r("xproto-origin-v1");
    r.add("id", message.id);
    r.add("created", xml::timestamp(message.created));
    r.add("address", message.from.address);
    if (message.from.certificate) r.add("certificate", *message.from.certificate);
    r.add(message.from.parameters);
    r.add(born);
    r.add(message.legacy);
    for (const auto& e : message.extensions) {
        r.add("extension", e.oid);
        r.add("critical", std::string_view(e.critical ? "true" : "false"));
        r.add("content", e.content);
    }
    return r.finish();
}

std::string hop_step(std::size_t number, const digest& origin, const signature* previous, const object_states& after,
                     const hop& step)
{
    records r("xproto-hop-v1");
    r.add("hop", number);
    r.add("origin", origin);
    if (previous != nullptr) r.add("previous", to_base64(previous->value));
    if (previous != nullptr && !previous->path.empty()) r.add("previous-leaf", previous->leaf);
    r.add(after);
    r.add("recipients", step.recipients);
    r.add("host", step.host);
    if (step.certificate) r.add("certificate", *step.certificate);
    r.add("peer", step.peer);
    r.add("peer-address", step.peer_address);
    r.add("protocol", step.protocol);
    r.add("id", step.id);
    r.add("time", xml::timestamp(step.time));
    r.add("next", step.next);
    r.add(step.legacy);
    for (const auto& c : step.changes) {
        r.add("change", c.object);
        r.add("before", c.before);
        r.add("after", c.after);
        r.add("reason", c.reason);
    }
    return r.finish();
}

digest leaf_of(std::string_view octets)
{
    return hash_of('\0', octets);
}

digest node_of(const digest& left, const digest& right)
{
    return hash_of('\1', octets_of(left), octets_of(right));
}

digest empty_node(std::size_t level)
{
    digest node{};
    for (; level > 0; --level) node = node_of(node, node);
    return node;
}

std::string batch(const digest& root)
{
    records r("xproto-batch-v1");
    r.add("root", root);
    return r.finish();
}

} // namespace trace_records

std::string reception_octets(const reception& said)
{
    records r("xproto-reception-v1");
    r.add("by", said.by);
    r.add("standing", said.standing);
    r.add("certificate", said.certificate);
    r.add("authority", said.authority);
    return r.finish();
}

digest recipients_digest(const std::vector<recipient>& recipients)
{
    records r("xproto-recipients-v1");
    for (const auto& one : recipients) {
        r.add("recipient", one.number);
        if (!one.salt.empty()) r.add("salt", to_base64(one.salt));
        r.add("address", one.address);
        r.add(one.parameters);
    }
    return sha256(r.finish());
}

std::string signed_octets(std::string_view octets, std::uint64_t leaf, const std::vector<digest>& path)
{
    if (path.empty()) return std::string(octets);
    auto node = trace_records::leaf_of(octets);
    for (const auto& beside : path) {
        node = (leaf & 1) != 0 ? trace_records::node_of(beside, node) : trace_records::node_of(node, beside);
        leaf >>= 1;
    }
    return trace_records::batch(node);
}

} // namespace xproto
