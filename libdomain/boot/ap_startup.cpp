// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/ap_startup.h"

#include "libdomain/boot/ap_startup_abi.h"
#include "libdomain/boot/compose.h"
#include "libdomain/boot/layout.h"

#include <array>
#include <cassert>

namespace pvh::boot {

namespace {

constexpr auto kStub = std::to_array<std::uint8_t>({
#include "ap_stub.inc"
});

/// The stub begins with addresses that it was linked with.
constexpr GuestAddr address_in_stub(std::size_t index) {
    std::uint32_t word = 0;
    for (std::size_t byte = 4; byte-- > 0;)
        word = word << 8 | kStub.at(index * 4 + byte);
    return GuestAddr{word};
}

constexpr GuestAddr kBspEntry = address_in_stub(0);
constexpr GuestAddr kWatchman = address_in_stub(1);
constexpr GuestAddr kGivenBack = address_in_stub(2);
constexpr GuestAddr kData = address_in_stub(3);
static_assert(layout::kApStartup < kBspEntry && kBspEntry < kWatchman && kWatchman < kGivenBack);
static_assert(kGivenBack < layout::kApStartup + kStub.size());
static_assert(layout::kApStartup + kStub.size() <= kData);
static_assert(address_in_stub(4) == layout::kApHypercalls);
static_assert(address_in_stub(5) == layout::kApMailbox);

constexpr std::uint64_t kCr0 = 1U << 0 | 1U << 4 | 1U << 31; // PE, ET, PG
constexpr std::uint64_t kCr4Pae = 1U << 5;
constexpr std::uint64_t kEfer = 1U << 8 | 1U << 10; // LME, LMA
constexpr std::uint64_t kRflagsReserved = 1U << 1;  // hard-wired to 1

/// 64-bit mode on our page tables, interrupts off.
abi::VcpuContext64 context_at(GuestAddr rip) {
    return {.mode = abi::kMode64,
            .rip = rip.value(),
            .rflags = kRflagsReserved,
            .cr0 = kCr0,
            .cr3 = layout::kApPageTables.value(),
            .cr4 = kCr4Pae,
            .efer = kEfer};
}

std::uint64_t offset_of(GuestAddr address) {
    return address - layout::kApStartup;
}

// Present and writable; bit 7 of a directory's entry: a page of 2 MiB.   [Intel SDM vol. 3A
// section 4.5]
constexpr std::uint64_t kTable = 0x3;
constexpr std::uint64_t kLargePage = 0x83;
constexpr unsigned kLargePageShift = 21;
constexpr std::uint64_t kEntries = kPageSize / sizeof(std::uint64_t);
constexpr std::uint64_t kDirectories = 4; // of 1 GiB each

/// The first 4 GiB, mapped to themselves: a page for each of the two upper levels, then the
/// directories.
void put_page_tables(Bytes& pages) {
    const GuestAddr pointers = layout::kApPageTables + kPageSize;
    const GuestAddr directories = pointers + kPageSize;
    put(pages, offset_of(layout::kApPageTables), pointers.value() | kTable);
    for (std::uint64_t i = 0; i < kDirectories; ++i)
        put(pages, offset_of(pointers) + i * sizeof(std::uint64_t),
            (directories + i * kPageSize).value() | kTable);
    for (std::uint64_t i = 0; i < kDirectories * kEntries; ++i)
        put(pages, offset_of(directories) + i * sizeof(std::uint64_t),
            i << kLargePageShift | kLargePage);
}

} // namespace

ApWakeup ap_wakeup() {
    return {.mailbox = layout::kApMailbox, .reset_vector = kGivenBack};
}

GuestAddr ap_startup_entry() {
    return kBspEntry;
}

unsigned all_vcpus(const DomainSpec& spec) {
    return spec.max_vcpus + (spec.ap_startup == ApStartup::vcpuop ? 1 : 0);
}

Bytes compose_ap_startup(unsigned vcpus, GuestAddr kernel_entry) {
    assert(vcpus <= kMaxApStartupVcpus && kernel_entry < layout::kHighRam);
    Bytes pages(layout::kApStartupPages.value() * kPageSize);
    put(pages, 0, kStub);
    put(pages, offset_of(kData),
        abi::ApStartupData{.watchman = context_at(kWatchman),
                           .ap = context_at(GuestAddr{0}),
                           .kernel_entry = static_cast<std::uint32_t>(kernel_entry.value()),
                           .vcpus = vcpus});
    put_page_tables(pages);
    return pages;
}

} // namespace pvh::boot
