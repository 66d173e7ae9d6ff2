// SPDX-License-Identifier: LGPL-2.1-or-later
// How bytes for a guest are composed: into buffers that start as zeroes, from structs that are
// proven to have no padding. Then no byte of this process's stack or heap can reach a guest (the
// class of XSA-464).
#pragma once

#include "libdomain/core/bytes_view.h"

#include <cassert>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace pvh::boot {

/// Every bit of a T is part of its value: no padding.
template <class T>
concept FullyDefined =
    std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;

/// Writes a struct at an offset of a buffer that has room for it.
template <FullyDefined T> void put(Bytes& bytes, std::uint64_t offset, const T& value) {
    assert(offset <= bytes.size() && sizeof(T) <= bytes.size() - offset);
    std::memcpy(bytes.data() + offset, &value, sizeof(T));
}

/// Appends a struct, growing the buffer; returns the offset it got.
template <FullyDefined T> std::uint64_t append(Bytes& bytes, const T& value) {
    const std::uint64_t offset = bytes.size();
    bytes.resize(offset + sizeof(T));
    put(bytes, offset, value);
    return offset;
}

/// Appends bytes as they are; returns the offset they got.
inline std::uint64_t append_bytes(Bytes& bytes, BytesView more) {
    const std::uint64_t offset = bytes.size();
    bytes.insert(bytes.end(), more.span().begin(), more.span().end());
    return offset;
}

/// Appends zeroes up to the next multiple of `alignment`, a power of two.
inline void align_to(Bytes& bytes, std::uint64_t alignment) {
    bytes.resize((bytes.size() + alignment - 1) & ~(alignment - 1));
}

} // namespace pvh::boot
