// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes a bzImage, right or hostile. A field that is left empty tells the truth; one that is set,
// lies.
#pragma once

#include "libdomain/core/bytes_view.h"
#include "libdomain/image/decompress.h"

#include <cstdint>
#include <optional>

namespace pvh::test {

struct BzImage {
    Bytes payload{}; // with its trailing length, where it has one
    std::uint16_t version{0x20f};
    std::uint8_t setup_sects{1};
    std::uint32_t stub_size{64}; // protected-mode code before the payload
    std::optional<std::uint32_t> payload_offset{};
    std::optional<std::uint32_t> payload_length{};
};

Bytes build(const BzImage& image);

/// Appends an unpacked size, as Linux's build does.
Bytes with_size(Bytes stream, std::uint32_t size);

/// A payload as Linux's build makes it: packed, and followed by the size unless gzip tells it.
Bytes linux_payload(image::Codec codec, BytesView content);

/// A bzImage around that.
Bytes bzimage_of(image::Codec codec, BytesView elf);

} // namespace pvh::test
