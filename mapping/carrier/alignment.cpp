// One pass with an index of what was sent.
#include "mapping/carrier/alignment.hpp"

#include "mapping/text.hpp"

#include <algorithm>
#include <unordered_map>

namespace mapping::carrier {

namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return lower(c); });
    return text;
}

// Names and what happened to them, as long as there is room.
class sentence {
  public:
    void add(const std::string& name, std::string_view what)
    {
        if (++count_ > most) return;
        if (!text_.empty()) text_ += ", ";
        text_ += name.empty() ? "a line without a name" : printable(name, false, longest);
        text_ += ' ';
        text_ += what;
    }
    std::string take()
    {
        if (count_ > most) text_ += " and " + std::to_string(count_ - most) + " more";
        return std::move(text_);
    }

  private:
    static constexpr std::size_t most = 12, longest = 60;
    std::string text_;
    std::size_t count_ = 0;
};

} // namespace

std::string relaxed(const header_field& field)
{
    std::string out = lower(std::string(field.name));
    out += ':';
    const auto begin = out.size();
    for (const char c : field.body) {
        if (!is_blank(c))
            out += c;
        else if (out.size() > begin && out.back() != ' ')
            out += ' ';
    }
    if (out.size() > begin && out.back() == ' ') out.pop_back();
    return out;
}

alignment align(const std::vector<std::string>& arrived, const std::vector<std::string>& sent)
{
    std::unordered_map<std::string_view, std::vector<std::size_t>> index; // last first
    for (auto i = sent.size(); i-- > 0;) index[sent[i]].push_back(i);
    alignment out;
    std::vector<bool> used(sent.size());
    std::size_t last = 0;
    for (const auto& field : arrived) {
        const auto same = index.find(field);
        if (same == index.end() || same->second.empty()) {
            out.source.push_back(alignment::none);
            continue;
        }
        const auto at = same->second.back();
        same->second.pop_back();
        used[at] = true;
        out.moved = out.moved || at < last;
        last = std::max(last, at);
        out.source.push_back(at);
    }
    for (std::size_t i = 0; i < sent.size(); ++i)
        if (!used[i]) out.missing.push_back(i);
    return out;
}

std::string describe_changes(const std::vector<std::string>& added, const std::vector<std::string>& removed)
{
    std::unordered_map<std::string, std::size_t> gone; // by name in lower case
    for (const auto& name : removed) ++gone[lower(name)];
    sentence out;
    for (const auto& name : added) {
        const auto before = gone.find(lower(name));
        const bool changed = before != gone.end() && before->second > 0;
        if (changed) --before->second;
        out.add(name, changed ? "changed" : "added");
    }
    for (const auto& name : removed) {
        auto& left = gone[lower(name)];
        if (left == 0) continue;
        --left;
        out.add(name, "removed");
    }
    return out.take();
}

} // namespace mapping::carrier
