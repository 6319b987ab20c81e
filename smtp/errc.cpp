#include "smtp/errc.hpp"

#include <string>

namespace smtp {
namespace {

// The base's destructor is protected instead of virtual, which the warning does not see.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "smtp"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::bad_command: return "no command";
        case errc::bad_argument: return "bad argument";
        case errc::bad_path: return "no address between < and >";
        case errc::bad_local_part: return "bad local part";
        case errc::bad_domain: return "bad domain";
        case errc::address_too_long: return "address too long";
        case errc::bad_parameter: return "bad parameter";
        case errc::bad_chunk_size: return "bad chunk size";
        case errc::bad_reply: return "no reply";
        case errc::reply_too_long: return "reply too long";
        }
        return "unknown error";
    }
};
#pragma GCC diagnostic pop

} // namespace

const boost::system::error_category& error_category() noexcept
{
    static const category instance;
    return instance;
}

boost::system::error_code make_error_code(errc e) noexcept
{
    return {static_cast<int>(e), error_category()};
}

} // namespace smtp
