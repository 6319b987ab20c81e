// A table from names in mail to names for iconv. Where practice has extended a charset without a new name, the extended
// one is meant: what calls itself ISO-8859-1 may hold Windows-1252, GB2312 may hold GB18030, Shift_JIS may hold CP932.
#include "mapping/view/charset.hpp"

#include "smtp/command.hpp"
#include "xproto/utf8.hpp"

#include <algorithm>
#include <array>
#include <iconv.h>

namespace mapping::view {

namespace {

struct charset_name {
    std::string_view name;
    const char* iconv; // nullptr: UTF-8, which US-ASCII is part of
};

constexpr auto names = std::to_array<charset_name>({
    {"utf-8", nullptr},
    {"utf8", nullptr},
    {"us-ascii", nullptr},
    {"ascii", nullptr},
    {"ansi_x3.4-1968", nullptr},
    {"iso-8859-1", "CP1252"},
    {"iso8859-1", "CP1252"},
    {"latin1", "CP1252"},
    {"windows-1252", "CP1252"},
    {"cp1252", "CP1252"},
    {"iso-8859-2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "CP1254"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-11", "TIS-620"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"windows-1250", "CP1250"},
    {"cp1250", "CP1250"},
    {"windows-1251", "CP1251"},
    {"cp1251", "CP1251"},
    {"windows-1253", "CP1253"},
    {"windows-1254", "CP1254"},
    {"windows-1255", "CP1255"},
    {"windows-1256", "CP1256"},
    {"windows-1257", "CP1257"},
    {"windows-1258", "CP1258"},
    {"windows-874", "TIS-620"},
    {"tis-620", "TIS-620"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"ibm437", "CP437"},
    {"cp437", "CP437"},
    {"ibm850", "CP850"},
    {"cp850", "CP850"},
    {"ibm852", "CP852"},
    {"cp866", "CP866"},
    {"macintosh", "MACINTOSH"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"gb18030", "GB18030"},
    {"big5", "BIG5"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"euc-jp", "EUC-JP"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"windows-31j", "CP932"},
    {"cp932", "CP932"},
    {"euc-kr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"iso-2022-kr", "ISO-2022-KR"},
    {"utf-7", "UTF-7"},
    {"utf-16", "UTF-16"},
    {"utf-16be", "UTF-16BE"},
    {"utf-16le", "UTF-16LE"},
});

// A conversion, closed at the end.
class converter {
  public:
    explicit converter(const char* from) : native_(iconv_open("UTF-8", from)) {}
    ~converter()
    {
        if (is_open()) iconv_close(native_);
    }
    converter(const converter&) = delete;
    converter& operator=(const converter&) = delete;

    std::optional<std::string> convert(std::string_view octets)
    {
        if (!is_open()) return {};
        std::string in(octets); // iconv's interface wants octets that it could change
        std::string out(octets.size() * most_growth + 16, '\0');
        auto* from = in.data();
        auto* to = out.data();
        auto left = in.size();
        auto room = out.size();
        if (iconv(native_, &from, &left, &to, &room) == failed || left != 0) return {};
        if (iconv(native_, nullptr, nullptr, &to, &room) == failed) return {};
        out.resize(out.size() - room);
        return out;
    }

  private:
    static constexpr auto failed = static_cast<std::size_t>(-1);
    static constexpr std::size_t most_growth = 4; // one octet of a single-octet charset becomes four at the very most

    bool is_open() const { return native_ != iconv_t(-1); } // NOLINT: the value that iconv_open() documents

    iconv_t native_;
};

} // namespace

std::optional<std::string> to_utf8(std::string_view charset, std::string_view octets)
{
    const auto found = std::find_if(names.begin(), names.end(), [charset](const charset_name& row) {
        return smtp::equal_ignoring_case(row.name, charset);
    });
    if (found == names.end()) return {};
    if (found->iconv != nullptr) return converter(found->iconv).convert(octets);
    if (!xproto::is_utf8(octets)) return {};
    return std::string(octets);
}

} // namespace mapping::view
