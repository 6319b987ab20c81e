// The public suffix list (publicsuffix.org), by libpsl: which domains are shared by many, and so nobody's own. Both its
// sections count, ICANN's and the private one: whoever runs `github.io` is not its users.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::validity {

class public_suffix_list {
  public:
    // The newest that the system has: the file of the package `publicsuffix`, or what libpsl was built with.
    public_suffix_list();

    // "ehsco.com" for "mail.ehsco.com"; nothing for a public suffix. Names in A-labels, lower case.
    std::optional<std::string> registrable_domain(std::string_view name) const;

  private:
    std::shared_ptr<const void> list_;
};

} // namespace gateway::validity
