// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/decoders.h"
#include "libdomain/image/invalid_kernel.h"
#include "libdomain/image/kernel_image.h"

#include <memory>

#include <zstd.h>
#include <zstd_errors.h>

namespace pvh::image {

namespace {

struct FreeContext {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

} // namespace

// In one call: the output itself is then the window, so that no window size, be it 2 GiB, costs
// memory of its own. Takes frames one behind the other and skippable ones between them, as pzstd
// writes; anything else behind a frame is an error.
void decode_zstd(const PackedStream& in, OutputBuffer& out, const Limits& limits) {
    const std::unique_ptr<ZSTD_DCtx, FreeContext> context{ZSTD_createDCtx()};
    if (!context) throw Error{Errc::no_memory, "libzstd cannot allocate its state"};
    const auto room = out.room(limits.max_unpacked);
    const std::size_t produced = ZSTD_decompressDCtx(context.get(), room.data(), room.size(),
                                                     in.bytes.data(), in.bytes.size());
    switch (ZSTD_getErrorCode(produced)) {
    case ZSTD_error_no_error:
        return out.wrote(produced);
    case ZSTD_error_dstSize_tooSmall:
        out.overflow();
    case ZSTD_error_srcSize_wrong:
        throw invalid_kernel("truncated, or followed by something else, before offset {:#x}",
                             in.offset + in.bytes.size());
    case ZSTD_error_memory_allocation:
        throw Error{Errc::no_memory, "libzstd cannot allocate its tables"};
    default:
        throw invalid_kernel("corrupt: {}", ZSTD_getErrorName(produced));
    }
}

} // namespace pvh::image
