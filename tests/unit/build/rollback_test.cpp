// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever fails, nothing remains: for every k, the k-th call to Xen or xenstore fails.
#include "libdomain/build/build_domain.h"
#include "libdomain/core/error.h"
#include "tests/fake/fake_xen.h"
#include "tests/support/small_plan.h"

#include <gtest/gtest.h>

namespace pvh {
namespace {

/// Everything that costs a call of its own.
boot::BuildPlan rich_plan() {
    DomainSpec spec = test::small_spec();
    spec.max_memory_mib = 8; // populated on demand
    spec.hard_affinity = {{{CpuSetKind::cpus, false, 0, 0}}, {{CpuSetKind::all, false, 0, 0}}};
    spec.scheduling.weight = 512;
    spec.tsc_mode = TscMode::native;
    spec.rtc_offset_s = 60;
    spec.is_driver_domain = true;
    spec.init_seclabel = "building";
    spec.seclabel = "running";
    spec.disks = {{.target = "/disk", .vdev = "xvda", .is_writable = false},
                  {.target = "/disk", .vdev = "xvdb", .is_writable = false},
                  {.target = "/image", .format = DiskFormat::qcow2, .vdev = "xvdc"}};
    spec.p9 = {{.tag = "share", .path = "/share", .security_model = "none"}};
    spec.nics = {{}, {.mtu = 1400}};
    return test::plan_of(spec);
}

/// What populate on demand excludes.
boot::BuildPlan numa_plan() {
    DomainSpec spec = test::small_spec();
    spec.virtual_nodes = {{.pnode = 0, .size_mib = 3, .vcpus = {0}, .distances = {10, 20}},
                          {.pnode = 1, .size_mib = 1, .vcpus = {1}, .distances = {20, 10}}};
    return test::plan_of(spec);
}

using MakePlan = boot::BuildPlan (*)();

struct World {
    explicit World(MakePlan make) : make_plan{make} {
        xen.labels = {"building", "running"};
        xen.files = {"/disk", "/image", "/share"};
    }

    MakePlan make_plan;
    fake::FakeXen xen;
    fake::FakeHypervisor hypervisor{xen};
    fake::FakeStore store{xen};
    fake::FakeHostDevices devices{xen};
    Timeline timeline;

    Domain build() { return build_domain(hypervisor, store, devices, make_plan(), timeline); }
};

std::size_t calls_of_a_whole_build(MakePlan make) {
    World world{make};
    world.build();
    return world.xen.calls.size();
}

class Rollback : public ::testing::TestWithParam<MakePlan> {};

INSTANTIATE_TEST_SUITE_P(Plans, Rollback, ::testing::Values(rich_plan, numa_plan),
                         [](const auto& plan) { return plan.index == 0 ? "Rich" : "Numa"; });

TEST_P(Rollback, LeavesNothingWhicheverCallFails) {
    const std::size_t count = calls_of_a_whole_build(GetParam());
    ASSERT_GT(count, 60U);
    for (std::size_t k = 1; k <= count; ++k) {
        World world{GetParam()};
        const auto nodes_before = world.xen.nodes;
        const auto free_before = world.xen.free_pages;
        world.xen.fail_call(static_cast<int>(k));
        EXPECT_THROW(world.build(), Error) << "call " << k;
        const std::string which = "call " + std::to_string(k) + ": " + world.xen.calls.at(k - 1);
        EXPECT_EQ(world.xen.domains.size(), 1U) << which;
        EXPECT_EQ(world.xen.live_mappings, 0) << which;
        EXPECT_TRUE(world.xen.held_files.empty()) << which;
        EXPECT_TRUE(world.xen.served_files.empty()) << which;
        EXPECT_TRUE(world.xen.ports.empty()) << which;
        EXPECT_TRUE(world.xen.qemus.empty()) << which;
        EXPECT_EQ(world.xen.free_pages, free_before) << which;
        EXPECT_TRUE(world.xen.nodes == nodes_before) << which;
    }
}

TEST(RollbackStage, NamesTheStageThatFailed) {
    World world{numa_plan};
    const std::size_t count = calls_of_a_whole_build(numa_plan);
    world.xen.fail_call(static_cast<int>(count)); // the last call is the introduction
    try {
        world.build();
        FAIL() << "the build went through";
    } catch (const Error& e) {
        EXPECT_EQ(e.stage(), "introduce");
        EXPECT_NE(std::string{e.what()}.find("building \"tiny\""), std::string::npos) << e.what();
    }
}

TEST(RollbackStage, LeavesACommittedDomainAlone) {
    World world{rich_plan};
    const Domain domain = world.build();
    EXPECT_EQ(world.xen.domains.size(), 2U);
    EXPECT_EQ(world.xen.live_mappings, 0);
    destroy_domain(world.hypervisor, world.store, world.devices, domain);
    EXPECT_EQ(world.xen.domains.size(), 1U);
}

} // namespace
} // namespace pvh
