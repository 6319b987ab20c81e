// The only file that knows libzstd.
#include "xproto/zstd.hpp"

#include <zstd.h>

#include <memory>
#include <new>

namespace xproto {

namespace {

// The library's own compromise of speed and size.
constexpr int level = 3;

struct context_free {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
    void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
};

// A context keeps nothing from one frame to the next but its memory, some hundred kilobytes: all sessions of a thread
// share one.
template <class Context, Context* (*make)()> Context& borrowed()
{
    thread_local const std::unique_ptr<Context, context_free> mine(make());
    if (!mine) throw std::bad_alloc();
    return *mine;
}

} // namespace

std::optional<std::string> zstd_pack(std::string_view octets)
{
    std::string frame(octets.size() - octets.size() / 16, '\0');
    const auto size = ZSTD_compressCCtx(&borrowed<ZSTD_CCtx, ZSTD_createCCtx>(), frame.data(), frame.size(),
                                        octets.data(), octets.size(), level);
    if (ZSTD_isError(size) || size >= octets.size()) return std::nullopt;
    frame.resize(size);
    return frame;
}

std::optional<std::string> zstd_unpack(std::string_view frame, std::size_t octets)
{
    if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != octets) return std::nullopt;
    if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) return std::nullopt;
    std::string content(octets, '\0');
    const auto size = ZSTD_decompressDCtx(&borrowed<ZSTD_DCtx, ZSTD_createDCtx>(), content.data(), content.size(),
                                          frame.data(), frame.size());
    if (ZSTD_isError(size) || size != octets) return std::nullopt;
    return content;
}

} // namespace xproto
