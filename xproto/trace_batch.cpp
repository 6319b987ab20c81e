// A complete binary tree over what is signed, and the way from each leaf to its root.
#include "xproto/trace_batch.hpp"

#include "xproto/trace_records.hpp"

#include <cassert>

namespace xproto {

std::size_t signature_batch::add(std::string_view octets, std::string_view beside)
{
    assert(!is_full());
    if (leaves_.empty()) first_ = octets;
    auto top = trace_records::leaf_of(octets);
    auto& other = beside_.emplace_back();
    if (!beside.empty()) {
        other = trace_records::leaf_of(beside);
        top = trace_records::node_of(top, *other);
    }
    leaves_.push_back(top);
    return leaves_.size() - 1;
}

std::vector<signature> signature_batch::sign(const private_key& key) const
{
    signature blank;
    blank.algorithm = key.algorithm();
    std::vector<signature> made(leaves_.size(), blank);
    if (made.size() == 1 && !beside_.front()) made.front().value = key.sign(first_);
    if (made.empty() || !made.front().value.empty()) return made;

    for (std::size_t i = 0; i < made.size(); ++i)
        if (beside_[i]) made[i].path.push_back(*beside_[i]);
    auto row = leaves_;
    for (std::size_t level = 0; row.size() > 1; ++level) {
        // What is missing in a complete tree: leaves of zeros, and what stands over nothing but such leaves.
        if (row.size() % 2 != 0) row.push_back(trace_records::empty_node(level));
        for (std::size_t i = 0; i < made.size(); ++i) made[i].path.push_back(row[(i >> level) ^ 1]);
        for (std::size_t i = 0; i < row.size(); i += 2) row[i / 2] = trace_records::node_of(row[i], row[i + 1]);
        row.resize(row.size() / 2);
    }
    const auto value = key.sign(trace_records::batch(row.front()));
    for (std::size_t i = 0; i < made.size(); ++i) {
        made[i].value = value;
        made[i].leaf = beside_[i] ? 2 * i : i;
    }
    return made;
}

bool verified_batches::verify(const public_key& key, const signature& s, std::string_view signed_octets)
{
    if (s.path.empty()) return key.verify(s.algorithm, signed_octets, s.value);
    sha256_stream all;
    const auto add = [&](std::string_view part) {
        all.update(std::to_string(part.size()) + ' ');
        all.update(part);
    };
    add(key.to_der());
    add(s.algorithm);
    add(signed_octets);
    add(s.value);
    const auto name = all.finish();
    if (known_.find(name) != nullptr) return true;
    if (!key.verify(s.algorithm, signed_octets, s.value)) return false;
    known_.put(name, true);
    return true;
}

} // namespace xproto
