// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/layout.h"
#include "libdomain/boot/memory_map.h"
#include "libdomain/boot/start_info.h"
#include "libdomain/core/error.h"
#include "plan_fixture.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pvh::boot {

namespace {

using test::fake_kernel;
using test::find_load;
using test::linux_like;
using test::ramdisk_of;
using test::spec_of;

BuildPlan linux_plan() {
    return plan_build(spec_of(256), linux_like(), ramdisk_of(0x1e4610), {});
}

std::vector<std::string> names_of(const BuildPlan& plan) {
    std::vector<std::string> names;
    for (const Load& load : plan.loads)
        names.emplace_back(load.what);
    return names;
}

abi::StartInfo start_info_of(const BuildPlan& plan) {
    return find_load(plan, "start_info")->data.read<abi::StartInfo>(0).value();
}

TEST(PlanBuild, LoadsEverythingInAscendingOrder) {
    EXPECT_THAT(names_of(linux_plan()),
                testing::ElementsAre("kernel", "kernel", "start_info", "ramdisk", "ACPI tables",
                                     "RSDP", "paging ring", "monitor ring", "sharing ring",
                                     "bufioreq page", "xenstore ring", "ioreq page", "ident_pt",
                                     "console ring"));
}

TEST(PlanBuild, CopiesKernelSegmentsWhereTheirHeadersSay) {
    const auto plan = linux_plan();
    EXPECT_EQ(plan.loads[1].address, GuestAddr{0x3000000});
    EXPECT_EQ(plan.loads[1].size, 0x1a00000U);
    EXPECT_EQ(plan.loads[1].data.size(), 4U);
}

TEST(PlanBuild, TellsTheGuestWhereItsRamdiskIs) {
    const auto plan = linux_plan();
    const auto head = start_info_of(plan);
    ASSERT_EQ(head.nr_modules, 1U);
    const Load& start_info = *find_load(plan, "start_info");
    const auto module =
        start_info.data.read<abi::Module>(head.modlist_paddr - start_info.address.value()).value();
    const Load& ramdisk = *find_load(plan, "ramdisk");
    EXPECT_EQ(module.paddr, ramdisk.address.value());
    EXPECT_EQ(module.size, 0x1e4610U);
    EXPECT_EQ(ramdisk.size, 0x1e4610U);
    EXPECT_EQ(ramdisk.data.data(), plan.ramdisk->data());
}

TEST(PlanBuild, TellsTheGuestTheMapThatXenIsTold) {
    const auto plan = linux_plan();
    const auto head = start_info_of(plan);
    const Load& start_info = *find_load(plan, "start_info");
    ASSERT_EQ(head.memmap_entries, plan.memory_map.size());
    for (std::size_t i = 0; i < plan.memory_map.size(); ++i) {
        const std::uint64_t at =
            head.memmap_paddr - start_info.address.value() + i * sizeof(abi::MemmapEntry);
        const auto entry = start_info.data.read<abi::MemmapEntry>(at).value();
        EXPECT_EQ(
            (MemoryRange{GuestAddr{entry.addr}, entry.size, static_cast<MemoryType>(entry.type)}),
            plan.memory_map[i]);
    }
}

TEST(PlanBuild, StartsVcpu0AtTheEntryWithTheAddressOfStartInfo) {
    const auto plan = linux_plan();
    EXPECT_EQ(plan.boot_vcpu.rip, 0x1000000U);
    EXPECT_EQ(plan.boot_vcpu.rbx, find_load(plan, "start_info")->address.value());
}

TEST(PlanBuild, PointsToTheRsdpInItsOwnPage) {
    const auto plan = linux_plan();
    EXPECT_EQ(start_info_of(plan).rsdp_paddr, 0xfc008000U);
    EXPECT_EQ(find_load(plan, "RSDP")->address, GuestAddr{0xfc008000});
    EXPECT_EQ(find_load(plan, "RSDP copy"), nullptr);
}

TEST(PlanBuild, GivesAKernelThatScansForTheRsdpACopyInLowMemory) {
    const auto plan =
        plan_build(spec_of(64), fake_kernel({{0x1000000, 0x1000, "k"}}, 0), nullptr, {});
    const Load* copy = find_load(plan, "RSDP copy");
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(copy->address, GuestAddr{0xfffc0});
    EXPECT_EQ(std::memcmp(copy->data.data(), find_load(plan, "RSDP")->data.data(), 36), 0);
    EXPECT_EQ(start_info_of(plan).rsdp_paddr, 0xfc008000U);
}

TEST(PlanBuild, OfA48ByteKernelInFourMibWorks) {
    const auto plan =
        plan_build(spec_of(4), fake_kernel({{0x100000, 48, std::string(48, 'k')}}), nullptr, {});
    EXPECT_EQ(find_load(plan, "start_info")->address, GuestAddr{0x101000});
    EXPECT_EQ(find_load(plan, "ramdisk"), nullptr);
    EXPECT_EQ(start_info_of(plan).nr_modules, 0U);
}

TEST(PlanBuild, OfAKernelInOneMibWorks) {
    const auto plan = plan_build(spec_of(1), fake_kernel({{0x10000, 48, "k"}}), nullptr, {});
    EXPECT_EQ(find_load(plan, "start_info")->address, GuestAddr{0x1000});
}

TEST(PlanBuild, TakesAnEmptyRamdiskForNone) {
    const auto plan = plan_build(spec_of(256), linux_like(), ramdisk_of(0), {});
    EXPECT_EQ(find_load(plan, "ramdisk"), nullptr);
    EXPECT_EQ(start_info_of(plan).nr_modules, 0U);
}

TEST(PlanBuild, SizesMemoryAsXlDoes) {
    const auto plan = linux_plan();
    EXPECT_EQ(plan.max_memory_kib, 262144U + 1024U);
    EXPECT_EQ(plan.paging_pool_bytes, 3072U * 1024); // 256 MiB and 2 vCPUs
    EXPECT_EQ(plan.pages_needed, PageCount{65536 + 17});
    EXPECT_FALSE(plan.is_populated_on_demand);
}

TEST(PlanBuild, SizesThePagingPoolByTheVcpusAndMemoryThatMayCome) {
    auto spec = spec_of(64, 1024);
    spec.max_vcpus = 8;
    const auto plan = plan_build(spec, fake_kernel({{0x100000, 48, "k"}}), nullptr, {});
    EXPECT_EQ(plan.paging_pool_bytes, (256U * 8 + 1024) * 4096);
}

TEST(PlanBuild, OfABalloonedGuestMapsMaxmemAndNeedsMemory) {
    const auto plan = plan_build(spec_of(512, 1024), linux_like(), nullptr, {});
    EXPECT_TRUE(plan.is_populated_on_demand);
    EXPECT_EQ(plan.pod_target, PageCount{131072});
    EXPECT_EQ(plan.pages_needed, PageCount{131072 + 17});
    EXPECT_EQ(plan.max_memory_kib, 512U * 1024 + 1024);
    ASSERT_EQ(plan.ram.size(), 1U);
    EXPECT_EQ(plan.ram.front().extents, ram_extents(kGiB));
    EXPECT_EQ(plan.ram.front().pnode, std::nullopt);
    EXPECT_EQ(plan.memory_map, memory_map(kGiB));
}

TEST(PlanBuild, DealsRamOutToVirtualNodesAroundTheHole) {
    auto spec = spec_of(6144);
    spec.virtual_nodes = {{.pnode = 1, .size_mib = 1024, .vcpus = {1}, .distances = {10, 20}},
                          {.pnode = 0, .size_mib = 5120, .vcpus = {0}, .distances = {20, 10}}};
    const HostFacts host{.default_cpu_policy = {}, .cpu_nodes = {0U, 1U}, .nodes = 2};
    const auto plan = plan_build(spec, linux_like(), nullptr, host);
    ASSERT_TRUE(plan.numa.has_value());
    EXPECT_EQ(plan.numa->vcpus, (std::vector<unsigned>{1, 0}));
    EXPECT_EQ(plan.numa->pnodes, (std::vector<unsigned>{1, 0}));
    EXPECT_EQ(plan.numa->distances, (std::vector<unsigned>{10, 20, 20, 10}));
    const std::uint64_t below = layout::kMmioHole.value() - kGiB;
    EXPECT_EQ(plan.numa->memory,
              (std::vector<NodeMemory>{
                  {.node = 0, .address = GuestAddr{0}, .size = kGiB},
                  {.node = 1, .address = GuestAddr{kGiB}, .size = below},
                  {.node = 1, .address = layout::kHighRam, .size = 5 * kGiB - below}}));
    ASSERT_EQ(plan.ram.size(), 3U);
    EXPECT_EQ(plan.ram[0].pnode, 1U);
    EXPECT_EQ(plan.ram[0].extents, (std::vector<Extent>{{Gfn{0}, 18}}));
    EXPECT_EQ(plan.ram[2].pnode, 0U);
    EXPECT_EQ(plan.memory_map, memory_map(6 * kGiB));
    EXPECT_EQ(plan.affinity.size(), 2U);
}

TEST(PlanBuild, RefusesDevices) {
    auto spec = spec_of(64);
    spec.nics.emplace_back();
    EXPECT_THROW(plan_build(spec, linux_like(), nullptr, {}), Error);
}

TEST(PlanBuild, RefusesNumaNodesThatTheHostHasNot) {
    auto spec = spec_of(64);
    spec.virtual_nodes = {{.pnode = 1, .size_mib = 64, .vcpus = {0, 1}, .distances = {10}}};
    try {
        plan_build(spec, linux_like(), nullptr, {});
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::invalid_config);
        EXPECT_STREQ(e.what(), "vnuma node 0 is to be on NUMA node 1 of the host, which has 1");
    }
}

TEST(PlanBuild, TakesTheHighestGrantVersionOfTheHost) {
    EXPECT_EQ(linux_plan().grant_version, 1U);
    const HostFacts host{.default_cpu_policy = {}, .has_grant_v2 = true};
    EXPECT_EQ(plan_build(spec_of(256), linux_like(), nullptr, host).grant_version, 2U);
}

TEST(PlanBuild, HandsOutOnlyTheCpuidLeavesThatChange) {
    const HostFacts host{.default_cpu_policy = {{.leaf = 1, .subleaf = 0xffffffff},
                                                {.leaf = 2, .subleaf = 0xffffffff, .a = 9}},
                         .has_grant_v2 = false};
    const auto plan = plan_build(spec_of(256), linux_like(), nullptr, host);
    ASSERT_EQ(plan.cpu_policy.size(), 1U);
    EXPECT_EQ(plan.cpu_policy[0].leaf, 1U);
}

TEST(PlanBuild, ZeroesEverySpecialPageButTheIdentityMap) {
    const auto plan = linux_plan();
    std::set<std::uint64_t> zeroed;
    for (const Load& load : plan.loads)
        if (load.data.empty() && load.size == kPageSize)
            zeroed.insert(to_gfn(load.address).value());
    EXPECT_THAT(zeroed, testing::ElementsAre(0xfeff8, 0xfeff9, 0xfeffa, 0xfeffb, 0xfeffc, 0xfeffd,
                                             0xfefff));
    EXPECT_EQ(find_load(plan, "ident_pt")->data.size(), kPageSize);
}

TEST(PlanBuild, NamesTheSpecialPagesAsXlDoes) {
    const SpecialPages special = linux_plan().special;
    EXPECT_EQ(special.store, Gfn{0xfeffc});
    EXPECT_EQ(special.console, Gfn{0xfefff});
    EXPECT_EQ(special.ident_pt, Gfn{0xfeffe});
    EXPECT_EQ(special.ioreq, Gfn{0xfeffd});
    EXPECT_EQ(special.bufioreq, Gfn{0xfeffb});
}

TEST(PlanBuild, LoadsOnlyIntoPagesThatArePopulated) {
    const auto plan = linux_plan();
    const auto extra = extra_pages();
    for (const Load& load : plan.loads) {
        EXPECT_LE(load.data.size(), load.size) << load.what;
        const std::uint64_t last = (load.address + load.size).value() - 1;
        const bool in_ram = last < 256 * kMiB;
        const auto is_extra = [&](std::uint64_t address) {
            return std::binary_search(extra.begin(), extra.end(), to_gfn(GuestAddr{address}));
        };
        EXPECT_TRUE(in_ram || (is_extra(load.address.value()) && is_extra(last))) << load.what;
    }
}

TEST(PlanBuild, RefusesAGuestTooSmallForItsImagesWithNumbersAndAHint) {
    try {
        plan_build(spec_of(64), linux_like(), ramdisk_of(3 * kMiB), {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::invalid_config);
        EXPECT_THAT(error.what(),
                    testing::StartsWith("memory = 64 MiB is too little: the kernel ends at "
                                        "0x4a00000 (74 MiB), the ramdisk has 3145728 "
                                        "bytes (3 MiB), start_info has "));
        EXPECT_EQ(error.hint(),
                  "memory = 74 is the least that they fit into; the guest needs more to run");
    }
}

RC_GTEST_PROP(PlanBuildProperty, LoadsAreAscendingAndDisjointAndShareNoPageButKernelWithKernel,
              ()) {
    const std::uint64_t begin = *rc::gen::inRange<std::uint64_t>(0x1000, 8 * kMiB);
    const std::uint64_t gap = *rc::gen::inRange<std::uint64_t>(0, 0x3000);
    const std::uint64_t size = *rc::gen::inRange<std::uint64_t>(1, 0x5000);
    const auto kernel = fake_kernel({{begin, size, "a"}, {begin + size + gap, size, "b"}},
                                    *rc::gen::element(0U, 0x8000U));
    const auto ramdisk = ramdisk_of(*rc::gen::inRange<std::size_t>(0, 0x20000));
    const auto plan = plan_build(spec_of(16), kernel, ramdisk, {});
    for (std::size_t i = 1; i < plan.loads.size(); ++i) {
        const Load& before = plan.loads[i - 1];
        const Load& load = plan.loads[i];
        RC_ASSERT((before.address + before.size) <= load.address);
        const bool both_kernel =
            std::string_view{before.what} == "kernel" && std::string_view{load.what} == "kernel";
        if (!both_kernel)
            RC_ASSERT(page_round_up((before.address + before.size).value()) <=
                      page_round_down(load.address.value()));
    }
}

} // namespace

} // namespace pvh::boot
