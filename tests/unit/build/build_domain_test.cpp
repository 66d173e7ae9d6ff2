// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/build_domain.h"
#include "libdomain/core/error.h"
#include "tests/fake/fake_xen.h"
#include "tests/support/small_plan.h"

#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

namespace pvh {
namespace {

/// What the plan says of a page: its loads, and zeroes where none is.
fake::Page planned_page(const boot::BuildPlan& plan, std::uint64_t gfn) {
    fake::Page page{};
    const std::uint64_t begin = gfn * kPageSize;
    for (const boot::Load& load : plan.loads)
        for (std::size_t i = 0; i < load.data.size(); ++i) {
            const std::uint64_t at = load.address.value() + i;
            if (at >= begin && at < begin + kPageSize) page.at(at - begin) = load.data.span()[i];
        }
    return page;
}

class BuildDomain : public testing::Test {
  protected:
    Domain build(const boot::BuildPlan& plan) {
        return build_domain(hypervisor_, store_, devices_, plan, timeline_);
    }

    std::string node(const Domain& domain, const std::string& path) {
        return store_.read("/local/domain/" + std::to_string(domain.id.value()) + path)
            .value_or("<none>");
    }

    fake::FakeXen xen_;
    fake::FakeHypervisor hypervisor_{xen_};
    fake::FakeStore store_{xen_};
    fake::FakeHostDevices devices_{xen_};
    Timeline timeline_;
};

TEST_F(BuildDomain, GivesAPausedDomainThatIsIntroducedAndHasItsMemory) {
    const Domain domain = build(test::small_plan());
    const fake::FakeDomain& built = xen_.domain(domain.id);
    EXPECT_EQ(built.pause_count, 1);
    EXPECT_TRUE(built.is_introduced);
    EXPECT_TRUE(built.boot_vcpu.has_value());
    EXPECT_GE(built.pages, 1024U);
    EXPECT_EQ(built.claimed, 0U) << "a claim outlived the build";
}

TEST_F(BuildDomain, CopiesTheKernelAndZeroesTheRestOfItsPages) {
    const Domain domain = build(test::small_plan());
    const fake::Page page = xen_.domain(domain.id).page(Gfn{kMiB / kPageSize});
    EXPECT_EQ(page[0], std::byte{0xf4});
    EXPECT_EQ(page[63], std::byte{0xf4});
    EXPECT_EQ(page[64], std::byte{0});
    EXPECT_EQ(page[kPageSize - 1], std::byte{0});
}

TEST_F(BuildDomain, PointsTheBootVcpuAtAStartInfoWithTheMagic) {
    const Domain domain = build(test::small_plan());
    const fake::FakeDomain& built = xen_.domain(domain.id);
    const GuestAddr start_info{built.boot_vcpu->rbx};
    const fake::Page page = built.page(to_gfn(start_info));
    std::uint32_t magic = 0;
    std::memcpy(&magic, page.data() + start_info.value() % kPageSize, sizeof(magic));
    EXPECT_EQ(magic, 0x336ec578U);
}

TEST_F(BuildDomain, TellsRingsTheSameToParamsGrantsAndNodes) {
    const Domain domain = build(test::small_plan());
    fake::FakeDomain& built = xen_.domain(domain.id);
    EXPECT_EQ(node(domain, "/store/ring-ref"),
              std::to_string(built.params[xen::HvmParam::store_pfn]));
    EXPECT_EQ(node(domain, "/store/port"),
              std::to_string(built.params[xen::HvmParam::store_evtchn]));
    EXPECT_EQ(node(domain, "/console/ring-ref"),
              std::to_string(built.params[xen::HvmParam::console_pfn]));
    EXPECT_EQ(node(domain, "/console/port"),
              std::to_string(built.params[xen::HvmParam::console_evtchn]));
    EXPECT_EQ(built.grants.at(0).gfn.value(), built.params[xen::HvmParam::console_pfn]);
}

TEST_F(BuildDomain, LeavesNoStalePageAmongThoseOutsideRam) {
    const boot::BuildPlan plan = test::small_plan();
    const Domain domain = build(plan);
    for (const Gfn gfn : plan.extra_pages)
        EXPECT_TRUE(xen_.domain(domain.id).touched.contains(gfn.value())) << gfn.value();
}

TEST_F(BuildDomain, FillsEachTouchedPageWithItsLoadsAndZeroes) {
    const boot::BuildPlan plan = test::small_plan();
    const Domain domain = build(plan);
    const auto& touched = xen_.domain(domain.id).touched;
    ASSERT_GT(touched.size(), plan.extra_pages.size());
    for (const auto& [gfn, page] : touched)
        EXPECT_TRUE(page == planned_page(plan, gfn)) << "gfn " << gfn;
}

TEST_F(BuildDomain, SaysHowMuchMemoryIsWantingBeforeAnyIsTaken) {
    xen_.free_pages = 100;
    try {
        build(test::small_plan());
        FAIL() << "4 MiB came out of 400 KiB";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::no_memory);
        EXPECT_EQ(e.stage(), "limits");
    }
    EXPECT_EQ(xen_.free_pages, 100U);
}

TEST_F(BuildDomain, PopulatesOnDemandWhenItMayGrow) {
    DomainSpec spec = test::small_spec();
    spec.max_memory_mib = 64;
    const Domain domain = build(test::plan_of(spec));
    EXPECT_EQ(xen_.domain(domain.id).pod_target, 1024U); // 4 MiB
    const auto call = [&](const char* name) {
        return std::find(xen_.calls.begin(), xen_.calls.end(), name) - xen_.calls.begin();
    };
    EXPECT_LT(call("set_pod_target"), call("populate")); // Xen takes the pool from it
    EXPECT_EQ(node(domain, "/memory/static-max"), "65536");
    EXPECT_EQ(node(domain, "/memory/target"), "4096");
}

TEST_F(BuildDomain, ClearsWhatAnEarlierDomainOfThatIdLeftBehind) {
    store_.write("/local/domain/1/device/vbd/51712/state", "4");
    store_.set_permissions("/local/domain/1", {{DomId{9}, xen::Access::both}});
    const Domain domain = build(test::small_plan());
    ASSERT_EQ(domain.id, DomId{1});
    EXPECT_EQ(node(domain, "/device/vbd/51712/state"), "<none>");
    const xen::Permissions wanted{{kDom0, xen::Access::none}, {domain.id, xen::Access::read}};
    EXPECT_EQ(xen_.nodes.at("/local/domain/1").permissions, wanted);
}

TEST_F(BuildDomain, MarksVcpusBeyondTheFirstAsOffline) {
    DomainSpec spec = test::small_spec();
    spec.vcpus = 1;
    spec.max_vcpus = 3;
    const Domain domain = build(test::plan_of(spec));
    EXPECT_EQ(node(domain, "/cpu/0/availability"), "online");
    EXPECT_EQ(node(domain, "/cpu/1/availability"), "offline");
    EXPECT_EQ(node(domain, "/cpu/2/availability"), "offline");
    EXPECT_EQ(node(domain, "/cpu/3/availability"), "<none>");
}

TEST_F(BuildDomain, LetsTheGuestWriteWhatIsItsOwnAndNothingThatToolsTrust) {
    const Domain domain = build(test::small_plan());
    const xen::Permissions guests{{domain.id, xen::Access::none}};
    const xen::Permissions readable{{kDom0, xen::Access::none}, {domain.id, xen::Access::read}};
    const auto permissions = [&](const std::string& path) {
        return xen_.nodes.at("/local/domain/1" + path).permissions;
    };
    for (const char* path :
         {"/control/shutdown", "/control/feature-poweroff", "/data", "/attr", "/error", "/drivers"})
        EXPECT_EQ(permissions(path), guests) << path;
    for (const char* path : {"", "/name", "/vm", "/console", "/console/tty", "/console/limit",
                             "/console/type", "/memory/target"})
        EXPECT_EQ(permissions(path), readable) << path;
    const xen::Permissions dom0s{{kDom0, xen::Access::none}};
    EXPECT_EQ(xen_.nodes.at("/libxl/1/type").permissions, dom0s);
}

TEST_F(BuildDomain, TunesWhatTheSpecAsksFor) {
    DomainSpec spec = test::small_plan().spec;
    spec.hard_affinity = {{{CpuSetKind::cpus, false, 1, 1}}};
    spec.scheduling = {.weight = 512, .cap = 50};
    spec.pool = "blue";
    spec.tsc_mode = TscMode::native;
    spec.timer_mode = TimerMode::one_missed_tick_pending;
    spec.rtc_offset_s = -60;
    spec.max_grant_frames = 8;
    spec.max_event_channels = 127;
    spec.has_nested_hvm = true;
    spec.is_driver_domain = true;
    store_.write("/local/pool/3/name", "blue");
    const Domain domain = build(test::plan_of(spec));
    const fake::FakeDomain& built = xen_.domain(domain.id);
    EXPECT_EQ(built.affinity.at(0).first, (CpuMask{false, true}));
    EXPECT_TRUE(built.affinity.at(0).second.empty());
    EXPECT_EQ(built.scheduling.weight, 512U);
    EXPECT_EQ(built.scheduling.cap, 50U);
    EXPECT_EQ(built.args.cpupool, 3U);
    EXPECT_EQ(built.tsc_mode, 2U);
    EXPECT_EQ(built.params.at(xen::HvmParam::timer_mode), 3U);
    EXPECT_EQ(built.time_offset, -60);
    EXPECT_EQ(built.args.max_grant_frames, 8);
    EXPECT_EQ(built.args.max_maptrack_frames, -1);
    EXPECT_EQ(built.args.max_event_channel_port, 127U);
    EXPECT_TRUE(built.args.has_nested_hvm);
    EXPECT_EQ(node(domain, "/device-model"), "");
}

TEST_F(BuildDomain, GivesVirtualNodesTheirMemoryAndTellsXen) {
    DomainSpec spec = test::small_plan().spec;
    spec.memory_mib = spec.max_memory_mib = 64;
    spec.max_vcpus = 2;
    spec.virtual_nodes = {{.pnode = 0, .size_mib = 24, .vcpus = {1}, .distances = {10, 20}},
                          {.pnode = 1, .size_mib = 40, .vcpus = {0}, .distances = {20, 10}}};
    const fake::FakeDomain& built = xen_.domain(build(test::plan_of(spec)).id);
    ASSERT_TRUE(built.numa.has_value());
    EXPECT_EQ(built.numa->vcpus, (std::vector<unsigned>{1, 0}));
    EXPECT_EQ(built.pages_of_node.at(0), 24U * 256);
    EXPECT_EQ(built.pages_of_node.at(1), 40U * 256);
}

TEST_F(BuildDomain, LabelsADomainAtOnceOrOnceItIsBuilt) {
    xen_.labels = {"building", "running"};
    DomainSpec spec = test::small_plan().spec;
    spec.seclabel = "running";
    const fake::FakeDomain one = xen_.domain(build(test::plan_of(spec)).id);
    EXPECT_EQ(one.args.label, 1U);
    EXPECT_EQ(one.label, std::nullopt);
    spec.init_seclabel = "building";
    const fake::FakeDomain two = xen_.domain(build(test::plan_of(spec)).id);
    EXPECT_EQ(two.args.label, 0U);
    EXPECT_EQ(two.label, 1U);
    spec.seclabel = "unheard of";
    const auto before = xen_.domains.size();
    EXPECT_THROW(build(test::plan_of(spec)), Error);
    EXPECT_EQ(xen_.domains.size(), before);
}

TEST_F(BuildDomain, OfAnUnknownPoolNamesThoseThereAre) {
    DomainSpec spec = test::small_plan().spec;
    store_.write("/local/pool/0/name", "Pool-0");
    for (const char* pool : {"green", "7"}) {
        spec.pool = pool;
        try {
            build(test::plan_of(spec));
            FAIL();
        } catch (const Error& e) {
            EXPECT_EQ(e.code(), Errc::not_found);
            EXPECT_EQ(e.hint(), "there are: Pool-0 (0)");
        }
    }
    EXPECT_EQ(xen_.domains.size(), 1U);
}

TEST_F(BuildDomain, WithoutAcpiHasNoPagesForIt) {
    DomainSpec spec = test::small_plan().spec;
    const Domain with = build(test::plan_of(spec));
    spec.has_acpi = false;
    spec.uuid = random_uuid();
    const Domain without = build(test::plan_of(spec));
    EXPECT_EQ(xen_.domain(with.id).pages - xen_.domain(without.id).pages, 9U);
    for (const MemoryRange& range : xen_.domain(without.id).memory_map)
        EXPECT_NE(range.type, MemoryType::acpi);
}

} // namespace
} // namespace pvh
