// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/bzimage_builder.h"

#include "tests/support/elf_builder.h"
#include "tests/support/packer.h"

#include <algorithm>
#include <utility>

namespace pvh::test {

namespace {

void put(Bytes& file, std::uint64_t at, const Bytes& bytes) {
    std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
}

} // namespace

Bytes build(const BzImage& image) {
    const unsigned sectors = image.setup_sects == 0 ? 4 : image.setup_sects;
    Bytes file((sectors + 1) * 512 + image.stub_size);
    put(file, 0x1f1, bytes_of(image.setup_sects));
    put(file, 0x1fe, bytes_of(std::uint16_t{0xaa55}));
    put(file, 0x202, bytes_of_text("HdrS"));
    put(file, 0x206, bytes_of(image.version));
    put(file, 0x248, bytes_of(image.payload_offset.value_or(image.stub_size)));
    put(file, 0x24c,
        bytes_of(image.payload_length.value_or(static_cast<std::uint32_t>(image.payload.size()))));
    return join({file, image.payload});
}

Bytes with_size(Bytes stream, std::uint32_t size) {
    return join({std::move(stream), bytes_of(size)});
}

Bytes linux_payload(image::Codec codec, BytesView content) {
    Bytes packed = pack(codec, content);
    if (codec == image::Codec::gzip) return packed;
    return with_size(std::move(packed), static_cast<std::uint32_t>(content.size()));
}

Bytes bzimage_of(image::Codec codec, BytesView elf) {
    return build(BzImage{.payload = linux_payload(codec, elf)});
}

} // namespace pvh::test
