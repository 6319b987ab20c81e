// One site's authority and what it issues, for tests of certificates.
#pragma once

#include "xproto/certificate_issue.hpp"
#include "xproto/certificate_store.hpp"

#include <string>
#include <string_view>

namespace authority {

using xproto::certificate;
using xproto::certificate_authority;
using xproto::certificate_store;
using xproto::checked;
using xproto::make_ca;
using xproto::make_host;
using xproto::make_user;
using xproto::private_key;
using xproto::unix_seconds;
using xproto::validity;

constexpr unix_seconds now = 1'795'348'800;
constexpr unix_seconds day = 86400;
constexpr validity year{now - day, now + 365 * day};
constexpr validity week{now, now + 7 * day};
constexpr std::string_view policy = "2.25.1.2.3";

inline const certificate_authority& ca()
{
    static const auto made = *make_ca("edge.example", year);
    return made;
}

inline certificate host(std::string_view name, const private_key& key = private_key::generate())
{
    return *make_host(ca(), name, key.public_part(), week);
}

inline certificate user(std::string_view address)
{
    return *make_user(ca(), address, private_key::generate().public_part(), policy, week);
}

inline certificate_store trusting(const certificate& anchor)
{
    return certificate_store({anchor});
}

template <class T> std::string fault_of(const checked<T>& outcome)
{
    static const char* const names[] = {"malformed",     "limit", "expired",    "untrusted", "wrong_name",
                                        "wrong_purpose", "weak",  "not_signed", "unfit"};
    return outcome ? "none" : names[static_cast<int>(outcome.error().fault)];
}

} // namespace authority
