// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pvh {

/// A domain's identity: Xen keeps these 16 bytes as the domain's handle. Never reused.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    friend auto operator<=>(const Uuid&, const Uuid&) = default;

    [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }
};

/// 8-4-4-4-12 hex digits of either case; nothing else.
std::optional<Uuid> parse_uuid(std::string_view text);
/// Lower case, 8-4-4-4-12.
std::string to_string(const Uuid& uuid);
/// Version 4, from the kernel's random source.
Uuid random_uuid();

} // namespace pvh

template <> struct std::hash<pvh::Uuid> {
    std::size_t operator()(const pvh::Uuid& uuid) const {
        return std::hash<std::string_view>{}(
            {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()});
    }
};
