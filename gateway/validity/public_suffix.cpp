// libpsl, which only this file includes.
#include "gateway/validity/public_suffix.hpp"

#include <libpsl.h>

#include <stdexcept>

namespace gateway::validity {

namespace {

const psl_ctx_t* native(const std::shared_ptr<const void>& list)
{
    return static_cast<const psl_ctx_t*>(list.get());
}

} // namespace

public_suffix_list::public_suffix_list()
{
    auto* const newest = psl_latest(nullptr);
    if (newest == nullptr) throw std::runtime_error("there is no public suffix list (package publicsuffix)");
    list_.reset(newest, [](psl_ctx_t* list) { psl_free(list); });
}

std::optional<std::string> public_suffix_list::registrable_domain(std::string_view name) const
{
    const std::string text(name);
    const char* const found = psl_registrable_domain(native(list_), text.c_str());
    if (found == nullptr) return std::nullopt;
    return found;
}

} // namespace gateway::validity
