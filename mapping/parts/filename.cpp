// Pieces in whatever order they came; a gap in their numbers ends the value.
#include "mapping/parts/filename.hpp"

#include "mapping/parts/text.hpp"

#include <algorithm>
#include <charconv>

namespace mapping::parts {

namespace {

int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void append_decoded(std::string& out, std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high < 0 ? -1 : hex_value(text[i + 2]);
        if (low < 0) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
}

} // namespace

void filename_reader::add(std::string_view name, const parameter& p)
{
    auto rest = std::string_view(p.name);
    if (!rest.starts_with(name)) return;
    rest.remove_prefix(name.size());
    if (rest.empty()) {
        if (whole_.empty()) whole_ = p.value;
        return;
    }
    if (rest.front() != '*') return;
    rest.remove_prefix(1);
    piece fresh;
    if (rest.empty()) {
        fresh.is_encoded = true;
    } else {
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), fresh.number);
        const auto suffix = rest.substr(static_cast<std::size_t>(end - rest.data()));
        if (error != std::errc() || (!suffix.empty() && suffix != "*")) return;
        fresh.is_encoded = !suffix.empty();
    }
    fresh.value = p.value;
    pieces_.push_back(std::move(fresh));
}

bool filename_reader::finish(std::string& value, std::string& charset, std::size_t most) const
{
    auto pieces = pieces_;
    std::stable_sort(pieces.begin(), pieces.end(), [](const piece& a, const piece& b) { return a.number < b.number; });
    std::string out;
    std::size_t next = 0;
    for (const auto& p : pieces) {
        if (p.number + 1 == next) continue; // stands twice: the first one counts
        if (p.number != next) break;
        auto text = std::string_view(p.value);
        if (next++ == 0 && p.is_encoded) {
            const auto quote = text.find('\'');
            const auto second = quote == std::string_view::npos ? quote : text.find('\'', quote + 1);
            if (second != std::string_view::npos) {
                charset = lower(std::string(text.substr(0, quote)));
                text.remove_prefix(second + 1);
            }
        }
        if (p.is_encoded)
            append_decoded(out, text);
        else
            out += text;
    }
    if (out.empty()) out = whole_;
    if (out.size() > most) out.resize(most);
    value = std::move(out);
    return !value.empty();
}

} // namespace mapping::parts
