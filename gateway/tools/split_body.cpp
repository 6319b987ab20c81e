#include "gateway/tools/split_body.hpp"

#include "mapping/field.hpp"
#include "mapping/parts/scan.hpp"
#include "xproto/headers_object.hpp"

#include <algorithm>

namespace gateway::tools {

cli::attempt<std::shared_ptr<const split_body>> split(std::string_view headers, std::string_view body,
                                                      std::uint64_t threshold)
{
    const auto fields = xproto::read_headers(headers);
    if (!fields) return cli::failure{"the headers cannot be read: " + fields.error().what};
    mapping::parts::scanner scanner(mapping::header_of(*fields));
    scanner.push(body);
    scanner.finish();
    mapping::parts::split_limits limits;
    limits.threshold = threshold;
    auto made = std::make_shared<split_body>();
    made->places = mapping::parts::large_leaves(scanner.parts(), limits);
    if (made->places.empty()) return std::shared_ptr<const split_body>();
    mapping::parts::body_splitter splitter(made->places);
    std::string rest;
    while (!body.empty()) {
        const auto piece = splitter.take(body);
        if (!piece.leaf) rest += piece.octets;
    }
    const auto table = splitter.finish();
    made->skeleton = xproto::write(table) + rest;
    for (const auto& leaf : table.leaves) {
        const auto part = std::find_if(scanner.parts().begin(), scanner.parts().end(),
                                       [&](const auto& p) { return p.is_leaf && p.content == leaf.offset; });
        made->leaves.push_back({leaf.octets, xproto::to_text(leaf.sha256), part->media_type, part->filename});
    }
    return std::shared_ptr<const split_body>(std::move(made));
}

} // namespace gateway::tools
