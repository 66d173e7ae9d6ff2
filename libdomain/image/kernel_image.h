// SPDX-License-Identifier: LGPL-2.1-or-later
// From the bytes of a kernel file to what the builder copies into a guest. Pure: no files, no Xen.
#pragma once

#include "libdomain/core/bytes_view.h"
#include "libdomain/core/ids.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pvh::image {

/// A PT_LOAD segment: `data` is copied to `address`, the rest up to `memory_size` is zero.
struct Segment {
    GuestAddr address;
    std::uint64_t memory_size{};
    BytesView data; // into KernelImage::elf; never longer than memory_size
};

/// A kernel that is proven bootable by the PVH ABI and ready to be copied.
/// Segments are non-empty, ascending by address, disjoint, and end below 4 GiB; `entry` lies in one
/// of them.
struct KernelImage {
    KernelImage() = default;
    KernelImage(KernelImage&&) = default;
    KernelImage& operator=(KernelImage&&) = default;
    // A copy's segments would point into the original.
    KernelImage(const KernelImage&) = delete;
    KernelImage& operator=(const KernelImage&) = delete;
    ~KernelImage() = default;

    Bytes elf; // the unpacked ELF file: owner of what the segments show
    std::vector<Segment> segments;
    GuestAddr entry;                    // XEN_ELFNOTE_PHYS32_ENTRY
    GuestAddr begin;                    // of the first segment
    GuestAddr end;                      // one past the last
    std::string format;                 // for people: "bzImage (xz), ELF64"
    std::uint32_t supported_features{}; // XEN_ELFNOTE_SUPPORTED_FEATURES, 0 if absent
};

/// Limits on what a hostile file may cost.
struct Limits {
    std::uint64_t max_file = 512 * kMiB;   // compressed or not, as read from disk
    std::uint64_t max_unpacked = 1 * kGiB; // as XC_DOM_DECOMPRESS_MAX
    std::uint64_t max_decoder_memory =
        320 * kMiB; // xz: 128 MiB dictionaries work, 4 GiB ones are refused
};

/// Recognises the file by its content (ELF32, ELF64, bzImage, a whole-file gzip of either), unpacks
/// and parses it. Throws Errc::invalid_kernel with offset, value and bound of the first broken
/// rule.
KernelImage parse_kernel(Bytes file, const Limits& limits = {});

} // namespace pvh::image
