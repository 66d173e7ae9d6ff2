// SPDX-License-Identifier: LGPL-2.1-or-later
// The only door to untrusted bytes: offsets are integers and every access is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace pvh {

using Bytes = std::vector<std::byte>;

/// A read-only view of bytes somebody else owns and nobody has vouched for.
class BytesView {
  public:
    constexpr BytesView() = default;

    constexpr BytesView(std::span<const std::byte> bytes)
        : bytes_{bytes} {} // NOLINT(google-explicit-constructor,hicpp-explicit-conversions)

    BytesView(const Bytes& bytes)
        : bytes_{bytes} {} // NOLINT(google-explicit-constructor,hicpp-explicit-conversions)

    [[nodiscard]] constexpr std::uint64_t size() const { return bytes_.size(); }

    [[nodiscard]] constexpr bool empty() const { return bytes_.empty(); }

    [[nodiscard]] constexpr const std::byte* data() const { return bytes_.data(); }

    [[nodiscard]] constexpr std::span<const std::byte> span() const { return bytes_; }

    /// Whether [offset, offset + length) lies inside; no value of either can overflow the check.
    [[nodiscard]] constexpr bool contains(std::uint64_t offset, std::uint64_t length) const {
        return offset <= size() && length <= size() - offset;
    }

    /// Nothing if the range does not lie inside.
    [[nodiscard]] constexpr std::optional<BytesView> sub(std::uint64_t offset,
                                                         std::uint64_t length) const {
        if (!contains(offset, length)) return std::nullopt;
        return BytesView{bytes_.subspan(offset, length)};
    }

    /// Copies a T out in host byte order (x86: little endian); nothing if it does not lie inside.
    template <class T> [[nodiscard]] std::optional<T> read(std::uint64_t offset) const {
        static_assert(std::is_trivially_copyable_v<T>);
        if (!contains(offset, sizeof(T))) return std::nullopt;
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof(T));
        return value;
    }

  private:
    std::span<const std::byte> bytes_;
};

} // namespace pvh
