// A regular expression of the configuration, in the syntax of RE2: matching takes time linear in the text, whatever the
// expression and whoever wrote the text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace gateway::config {

class expression {
  public:
    // Why it is none; empty: it is one now.
    std::string set(const std::string& text);

    bool empty() const { return text_.empty(); }
    const std::string& text() const { return text_; }
    // Does it match anywhere in the text? An empty one matches everything.
    bool found_in(std::string_view text) const;

    bool operator==(const expression& other) const { return text_ == other.text_; }

  private:
    std::string text_;
    std::shared_ptr<const re2::RE2> compiled_;
};

} // namespace gateway::config
