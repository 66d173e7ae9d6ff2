// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/acpi.h"
#include "libdomain/boot/acpi_abi.h"
#include "libdomain/boot/ap_startup.h"
#include "libdomain/boot/ap_startup_abi.h"
#include "libdomain/boot/layout.h"
#include "libdomain/boot/memory_map.h"
#include "plan_fixture.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::boot {

namespace {

constexpr GuestAddr kEntry{0x1000850};

template <class T> T read_at(const Bytes& pages, GuestAddr address) {
    return BytesView{pages}.read<T>(address - layout::kApStartup).value();
}

abi::ApStartupData data_of(const Bytes& pages) {
    return read_at<abi::ApStartupData>(pages, layout::kApStartup + 0x800);
}

/// What the page tables say of an address, as a CPU walks them.
std::uint64_t translate(const Bytes& pages, std::uint64_t address) {
    constexpr std::uint64_t kFrame = 0xffffffffff000;
    std::uint64_t table = layout::kApPageTables.value();
    for (const unsigned shift : {39U, 30U}) {
        const auto entry =
            read_at<std::uint64_t>(pages, GuestAddr{table + (address >> shift & 0x1ff) * 8});
        EXPECT_EQ(entry & ~kFrame, 0x3U) << address;
        table = entry & kFrame;
    }
    const auto entry =
        read_at<std::uint64_t>(pages, GuestAddr{table + (address >> 21 & 0x1ff) * 8});
    EXPECT_EQ(entry & ~kFrame, 0x83U) << address;
    return (entry & kFrame) + (address & 0x1fffff);
}

void expect_64_bit_mode(const abi::VcpuContext64& context) {
    EXPECT_EQ(context.mode, 1U);
    EXPECT_EQ(context.pad, 0U);
    EXPECT_EQ(context.rflags, 2U);
    EXPECT_EQ(context.cr0, 0x80000011U);
    EXPECT_EQ(context.cr3, layout::kApPageTables.value());
    EXPECT_EQ(context.cr4, 0x20U);
    EXPECT_EQ(context.efer, 0x500U);
}

TEST(ApStartup, TellsItsCodeWhereTheKernelBeginsAndHowManyVcpusItKnowsOf) {
    const auto data = data_of(compose_ap_startup(3, kEntry));
    EXPECT_EQ(data.kernel_entry, kEntry.value());
    EXPECT_EQ(data.vcpus, 3U);
}

TEST(ApStartup, StartsVcpusIn64BitModeOnItsPageTablesWithInterruptsOff) {
    const auto data = data_of(compose_ap_startup(3, kEntry));
    expect_64_bit_mode(data.watchman);
    expect_64_bit_mode(data.ap);
    EXPECT_LT(ap_startup_entry().value(), data.watchman.rip);
    EXPECT_LT(data.watchman.rip, ap_wakeup().reset_vector.value());
    EXPECT_EQ(data.ap.rip, 0U); // what the mailbox says
}

TEST(ApStartup, MapsTheFirst4GibToThemselves) {
    const Bytes pages = compose_ap_startup(2, kEntry);
    for (const std::uint64_t address :
         {std::uint64_t{0}, kMiB + 1, kGiB - 1, kGiB, 3 * kGiB + 12345, layout::kApStartup.value(),
          layout::kLocalApic.value(), 4 * kGiB - 1})
        EXPECT_EQ(translate(pages, address), address);
}

TEST(ApStartup, BeginsWithAnEmptyMailboxAndHypercallPage) {
    const Bytes pages = compose_ap_startup(kMaxApStartupVcpus, kEntry);
    for (const GuestAddr page : {layout::kApMailbox, layout::kApHypercalls}) {
        const auto begin =
            pages.begin() + static_cast<std::ptrdiff_t>(page.value() - layout::kApStartup.value());
        EXPECT_TRUE(
            std::all_of(begin, begin + kPageSize, [](std::byte b) { return b == std::byte{}; }));
    }
}

TEST(ApStartup, IsToldByTheMadt) {
    const ApWakeup wakeup = ap_wakeup();
    const auto with = compose_acpi(1, 2, nullptr, &wakeup);
    const std::vector<std::uint8_t> entry{
        0x10, 24,   1,    0,    0, 0, 0, 0, // type, length, version
        0x00, 0xb0, 0x00, 0xfc, 0, 0, 0, 0};
    const auto as_bytes = std::as_bytes(std::span{entry});
    const auto found =
        std::search(with.tables.begin(), with.tables.end(), as_bytes.begin(), as_bytes.end());
    ASSERT_NE(found, with.tables.end());
    const auto at = static_cast<std::uint64_t>(found - with.tables.begin());
    EXPECT_EQ(BytesView{with.tables}.read<std::uint64_t>(at + 16), wakeup.reset_vector.value());
    EXPECT_EQ(std::to_integer<unsigned>(with.tables.at(at - 8)), 0U); // behind the last local APIC
    EXPECT_EQ(std::to_integer<unsigned>(with.tables.at(at - 5)), 2U);
    const auto without = compose_acpi(1, 2);
    EXPECT_EQ(
        std::search(without.tables.begin(), without.tables.end(), as_bytes.begin(), as_bytes.end()),
        without.tables.end());
}

TEST(ApStartup, HasItsPagesReservedAndPopulated) {
    const auto map = memory_map(kGiB, true, ApStartup::vcpuop);
    ASSERT_EQ(map.size(), 5U);
    EXPECT_EQ(map[3], (MemoryRange{GuestAddr{0xfc009000}, 9 * kPageSize, MemoryType::nvs}));
    const auto pages = extra_pages(true, ApStartup::vcpuop);
    EXPECT_TRUE(std::is_sorted(pages.begin(), pages.end()));
    EXPECT_EQ(pages.size(), extra_pages().size() + 9);
    EXPECT_TRUE(std::binary_search(pages.begin(), pages.end(), Gfn{0xfc011}));
}

TEST(ApStartup, IsPlannedInFrontOfTheKernel) {
    DomainSpec spec = test::spec_of(256);
    spec.ap_startup = ApStartup::vcpuop;
    spec.vcpus = 1;
    const auto plan = plan_build(spec, test::linux_like(), nullptr, {});
    EXPECT_EQ(plan.boot_vcpu.rip, ap_startup_entry().value());
    const Load* load = test::find_load(plan, "AP startup");
    ASSERT_NE(load, nullptr);
    EXPECT_EQ(load->address, layout::kApStartup);
    const Bytes pages{load->data.span().begin(), load->data.span().end()};
    EXPECT_EQ(data_of(pages).kernel_entry, plan.kernel->entry.value());
    EXPECT_EQ(data_of(pages).vcpus, 2U); // those to come as well
    EXPECT_EQ(all_vcpus(plan.spec), 3U);
}

TEST(ApStartup, HasTheOneThatStartsTheOthersWhereVcpu0Is) {
    DomainSpec spec = test::spec_of(256);
    spec.hard_affinity = {{{CpuSetKind::cpus, false, 1, 1}}};
    spec.ap_startup = ApStartup::vcpuop;
    spec.virtual_nodes = {{.pnode = 0, .size_mib = 256, .vcpus = {0, 1}, .distances = {10}}};
    HostFacts host;
    host.cpu_nodes = {0, 0};
    const auto plan = plan_build(spec, test::linux_like(), nullptr, host);
    ASSERT_EQ(plan.affinity.size(), 3U);
    EXPECT_EQ(plan.affinity.back().vcpu, 2U);
    EXPECT_EQ(plan.affinity.back().hard, (CpuMask{false, true}));
    EXPECT_EQ(plan.numa->vcpus, (std::vector<unsigned>{0, 0, 0}));
    // The SRAT is of the guest's alone: 2 vCPUs and a node's memory.
    const Load* tables = test::find_load(plan, "ACPI tables");
    const std::string text{reinterpret_cast<const char*>(tables->data.span().data()),
                           tables->data.size()};
    const std::size_t srat = text.find("SRAT");
    ASSERT_NE(srat, std::string::npos);
    EXPECT_EQ(tables->data.read<std::uint32_t>(srat + 4), 48U + 2 * 16 + 40);
}

TEST(ApStartup, OfTheGuestLeavesThePlanAsItWas) {
    const auto plan = plan_build(test::spec_of(256), test::linux_like(), nullptr, {});
    EXPECT_EQ(plan.boot_vcpu.rip, plan.kernel->entry.value());
    EXPECT_EQ(test::find_load(plan, "AP startup"), nullptr);
    EXPECT_EQ(plan.memory_map, memory_map(256 * kMiB));
    EXPECT_EQ(all_vcpus(plan.spec), 2U);
}

} // namespace

} // namespace pvh::boot
