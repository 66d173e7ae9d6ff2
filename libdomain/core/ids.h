// SPDX-License-Identifier: LGPL-2.1-or-later
// The numbers of the Xen world as types: a domid cannot be passed where a frame number is wanted.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <ostream>

#include <fmt/format.h>

namespace pvh {

template <class Tag, class Rep> class Strong {
  public:
    using rep = Rep;

    constexpr Strong() = default;

    constexpr explicit Strong(Rep value) : value_{value} {}

    [[nodiscard]] constexpr Rep value() const { return value_; }

    friend constexpr bool operator==(Strong, Strong) = default;

    friend constexpr std::strong_ordering operator<=>(Strong a, Strong b) {
        return a.value_ <=> b.value_;
    }

  private:
    Rep value_{};
};

/// A domain's number on this host; reused after death, so never an identity.
using DomId = Strong<struct DomIdTag, std::uint16_t>;
/// Guest frame number: a page of the guest's physical address space.
using Gfn = Strong<struct GfnTag, std::uint64_t>;
/// A number of 4 KiB pages.
using PageCount = Strong<struct PageCountTag, std::uint64_t>;
/// Guest physical address in bytes.
using GuestAddr = Strong<struct GuestAddrTag, std::uint64_t>;
/// Event channel port, in the domain that owns it.
using Port = Strong<struct PortTag, std::uint32_t>;
using GrantRef = Strong<struct GrantRefTag, std::uint32_t>;
using VcpuId = Strong<struct VcpuIdTag, std::uint32_t>;

inline constexpr DomId kDom0{0};
/// Where there is none yet, or none any more.   [xen/include/public/xen.h DOMID_INVALID]
inline constexpr DomId kNoDomain{0x7FF4};
inline constexpr std::uint64_t kPageSize = 4096;
inline constexpr unsigned kPageShift = 12;
inline constexpr std::uint64_t kMiB = 1024ULL * 1024;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;

constexpr Gfn operator+(Gfn gfn, PageCount pages) {
    return Gfn{gfn.value() + pages.value()};
}

constexpr PageCount operator-(Gfn a, Gfn b) {
    return PageCount{a.value() - b.value()};
}

constexpr GuestAddr operator+(GuestAddr addr, std::uint64_t bytes) {
    return GuestAddr{addr.value() + bytes};
}

constexpr std::uint64_t operator-(GuestAddr a, GuestAddr b) {
    return a.value() - b.value();
}

constexpr GuestAddr to_addr(Gfn gfn) {
    return GuestAddr{gfn.value() << kPageShift};
}

/// The frame that holds this byte.
constexpr Gfn to_gfn(GuestAddr addr) {
    return Gfn{addr.value() >> kPageShift};
}

constexpr std::uint64_t page_round_down(std::uint64_t bytes) {
    return bytes & ~(kPageSize - 1);
}

/// Callers guarantee bytes <= 2^64 - 4096.
constexpr std::uint64_t page_round_up(std::uint64_t bytes) {
    return page_round_down(bytes + kPageSize - 1);
}

inline std::ostream& operator<<(std::ostream& out, DomId id) {
    return out << 'd' << id.value();
}

} // namespace pvh

template <class Tag, class Rep> struct std::hash<pvh::Strong<Tag, Rep>> {
    std::size_t operator()(pvh::Strong<Tag, Rep> v) const { return std::hash<Rep>{}(v.value()); }
};

// How each is written in messages: d7, gfn 0x10f, 0x1000850, port 3.
template <> struct fmt::formatter<pvh::DomId> : fmt::formatter<std::string_view> {
    static auto format(pvh::DomId id, format_context& ctx) {
        return fmt::format_to(ctx.out(), "d{}", id.value());
    }
};

template <> struct fmt::formatter<pvh::Gfn> : fmt::formatter<std::string_view> {
    static auto format(pvh::Gfn gfn, format_context& ctx) {
        return fmt::format_to(ctx.out(), "gfn {:#x}", gfn.value());
    }
};

template <> struct fmt::formatter<pvh::GuestAddr> : fmt::formatter<std::string_view> {
    static auto format(pvh::GuestAddr addr, format_context& ctx) {
        return fmt::format_to(ctx.out(), "{:#x}", addr.value());
    }
};

template <> struct fmt::formatter<pvh::Port> : fmt::formatter<std::string_view> {
    static auto format(pvh::Port port, format_context& ctx) {
        return fmt::format_to(ctx.out(), "port {}", port.value());
    }
};
