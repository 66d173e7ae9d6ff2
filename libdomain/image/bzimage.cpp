// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/bzimage.h"

#include "libdomain/image/elf.h"
#include "libdomain/image/invalid_kernel.h"

namespace pvh::image {

namespace {

// Fields of the setup header.   [Linux Documentation/arch/x86/boot.rst, "Details of Header Fields"]
constexpr std::uint64_t kSetupSects = 0x1f1;    // u8
constexpr std::uint64_t kHeader = 0x202;        // u32, "HdrS"
constexpr std::uint64_t kVersion = 0x206;       // u16
constexpr std::uint64_t kPayloadOffset = 0x248; // u32, from the start of the protected-mode code
constexpr std::uint64_t kPayloadLength = 0x24c; // u32

constexpr std::uint16_t kPayloadVersion = 0x208; // the first with payload fields
constexpr std::uint64_t kSector = 512;

using TrailingSize = std::uint32_t;

template <class T> T field(BytesView file, std::uint64_t offset) {
    const auto value = file.read<T>(offset);
    if (!value)
        throw invalid_kernel("bzImage of {} bytes ends before its header field at offset {:#x}",
                             file.size(), offset);
    return *value;
}

void check_version(BytesView file) {
    const auto version = field<std::uint16_t>(file, kVersion);
    if (version < kPayloadVersion)
        throw invalid_kernel(
            "bzImage boot protocol at offset {:#x} is {}.{:02}, at least 2.08 is needed", kVersion,
            version >> 8U, version & 0xffU)
            .with_hint("kernels before Linux 2.6.26 tell nobody where their payload is");
}

std::uint64_t protected_mode_start(BytesView file) {
    const std::uint64_t sectors = field<std::uint8_t>(file, kSetupSects);
    // setup_sects == 0 means 4.   [Linux Documentation/arch/x86/boot.rst, setup_sects]
    return ((sectors == 0 ? 4 : sectors) + 1) * kSector;
}

TrailingSize trailing_size(const Payload& payload) {
    if (payload.bytes.size() < sizeof(TrailingSize))
        throw invalid_kernel(
            "bzImage payload at offset {:#x} has {} bytes, its trailing length alone has 4",
            payload.offset, payload.bytes.size());
    return *payload.bytes.read<TrailingSize>(payload.bytes.size() - sizeof(TrailingSize));
}

// The build appends the unpacked size behind every stream but gzip's, which ends with it by itself.
// [Linux scripts/Makefile.lib size_append; arch/x86/boot/compressed/Makefile *_with_size;
// mkpiggy.c]
BytesView stream_of(const Payload& payload) {
    if (payload.codec == Codec::gzip) return payload.bytes;
    return *payload.bytes.sub(0, payload.bytes.size() - sizeof(TrailingSize));
}

} // namespace

bool is_bzimage(BytesView file) {
    return has_magic(file, "HdrS", kHeader);
}

Payload find_payload(BytesView file) {
    check_version(file);
    const std::uint64_t offset =
        protected_mode_start(file) + field<std::uint32_t>(file, kPayloadOffset);
    const auto length = field<std::uint32_t>(file, kPayloadLength);
    const auto bytes = file.sub(offset, length);
    if (!bytes)
        throw invalid_kernel("bzImage payload {:#x}+{:#x} exceeds file size {:#x}", offset, length,
                             file.size())
            .with_hint("the file may be truncated");
    const auto codec = sniff_codec(*bytes);
    if (!codec && !is_elf(*bytes))
        throw invalid_kernel(
            "bzImage payload at offset {:#x} begins with {}, which is no known compression", offset,
            bytes->empty() ? "nothing" : first_bytes(*bytes));
    return {.offset = offset, .bytes = *bytes, .codec = codec};
}

Bytes unpack_payload(const Payload& payload, const Limits& limits) {
    const TrailingSize size = trailing_size(payload);
    return decompress(*payload.codec, {.bytes = stream_of(payload), .offset = payload.offset}, size,
                      limits);
}

} // namespace pvh::image
