// The texts of the spool's errors.
#include "gateway/spool/errc.hpp"

namespace gateway::spool {
namespace {

// Boost's base has a protected, non-virtual destructor on purpose: categories are never destroyed through it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class spool_category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "spool"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::short_of_space: return "short of disk space";
        case errc::storage_failed: return "the disk reported an error";
        case errc::closed: return "the spool is shutting down";
        case errc::already_have: return "already have it";
        case errc::not_found: return "no such message";
        case errc::damaged: return "the message's octets on disk are missing or damaged";
        case errc::record_too_large: return "the message's record or an object is too large";
        case errc::malformed_record: return "malformed record";
        case errc::unknown_version: return "the record was written by another version of this program";
        }
        return "unknown spool error";
    }
};
#pragma GCC diagnostic pop

} // namespace

boost::system::error_code make_error_code(errc value)
{
    static const spool_category category;
    return {static_cast<int>(value), category};
}

} // namespace gateway::spool
