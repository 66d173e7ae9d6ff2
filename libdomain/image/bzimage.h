// SPDX-License-Identifier: LGPL-2.1-or-later
// Linux's boot file for x86: real-mode code, then a program with the packed kernel inside. Only
// that payload counts here.
#pragma once

#include "libdomain/core/bytes_view.h"
#include "libdomain/image/decompress.h"

#include <cstdint>
#include <optional>

namespace pvh::image {

/// The packed kernel within a bzImage.
struct Payload {
    std::uint64_t offset{}; // in the file
    BytesView bytes;
    std::optional<Codec> codec; // nothing: an ELF as it is
};

bool is_bzimage(BytesView file);

/// Finds the payload and tells its codec.
/// Throws Errc::invalid_kernel for a boot protocol before 2.08, which has no payload fields, and
/// for a payload outside of the file or of no known kind. Source: Linux
/// Documentation/arch/x86/boot.rst, payload_offset.
Payload find_payload(BytesView file);

/// Unpacks a payload that has a codec; the size that Linux's build appends is checked. Throws as
/// decompress does.
Bytes unpack_payload(const Payload& payload, const Limits& limits);

} // namespace pvh::image
