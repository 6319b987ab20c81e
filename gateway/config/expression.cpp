// RE2 behind its wall: nobody else includes it.
#include "gateway/config/expression.hpp"

#include <re2/re2.h>

namespace gateway::config {

namespace {
constexpr std::int64_t most_memory = 1 << 20; // of one compiled expression
}

std::string expression::set(const std::string& text)
{
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(most_memory);
    auto made = std::make_shared<const RE2>(text, options);
    if (!made->ok()) return made->error();
    text_ = text;
    compiled_ = std::move(made);
    return {};
}

bool expression::found_in(std::string_view text) const
{
    return !compiled_ || RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

} // namespace gateway::config
