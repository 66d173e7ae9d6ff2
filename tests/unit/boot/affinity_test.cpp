// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/affinity.h"
#include "libdomain/core/error.h"

#include <gtest/gtest.h>

namespace pvh::boot {
namespace {

// CPUs 0 and 1 in node 0, 2 in no node: offline, 3 in node 1.
const CpuNodes kHost{0, 0, std::nullopt, 1};

CpuMask only(const CpuList& list) {
    DomainSpec spec;
    spec.hard_affinity = {list};
    const auto plan = plan_affinity(spec, kHost);
    return plan.at(0).hard.value();
}

constexpr CpuSet kAll{CpuSetKind::all, false, 0, 0};

TEST(Affinity, ReadsFromLeftToRight) {
    EXPECT_EQ(only({{CpuSetKind::cpus, false, 0, 3}, {CpuSetKind::cpus, true, 1, 1}}),
              (CpuMask{true, false, false, true}));
    EXPECT_EQ(only({{CpuSetKind::cpus, true, 1, 1}, {CpuSetKind::cpus, false, 0, 1}}),
              (CpuMask{true, true, false, false}));
}

TEST(Affinity, KnowsNodesAndAll) {
    EXPECT_EQ(only({{CpuSetKind::nodes, false, 1, 9}}), (CpuMask{false, false, false, true}));
    EXPECT_EQ(only({kAll}), (CpuMask{true, true, false, true}));
    EXPECT_EQ(only({kAll, {CpuSetKind::nodes, true, 0, 0}}), (CpuMask{false, false, false, true}));
}

TEST(Affinity, PassesOverWhatTheHostHasNot) {
    EXPECT_EQ(only({{CpuSetKind::cpus, false, 1, 4096}}), (CpuMask{false, true, false, true}));
}

TEST(Affinity, OfNoCpuAtAllIsAnError) {
    DomainSpec spec;
    spec.max_vcpus = 2;
    spec.soft_affinity = {{kAll}, {{CpuSetKind::cpus, false, 2, 2}}};
    try {
        plan_affinity(spec, kHost);
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::invalid_config);
        EXPECT_STREQ(e.what(), "cpus_soft of vCPU 1 names no CPU that this host has");
    }
}

TEST(Affinity, IsSoftlyNearTheMemoryOfItsVirtualNode) {
    DomainSpec spec;
    spec.max_vcpus = 3;
    spec.virtual_nodes = {{.pnode = 1, .size_mib = 1, .vcpus = {0, 2}},
                          {.pnode = 7, .size_mib = 1, .vcpus = {1}}}; // no CPUs there: anywhere
    const auto plan = plan_affinity(spec, kHost);
    ASSERT_EQ(plan.size(), 2U);
    EXPECT_EQ(plan[1].vcpu, 2U);
    EXPECT_EQ(plan[1].soft, (CpuMask{false, false, false, true}));
    EXPECT_FALSE(plan[1].hard.has_value());

    spec.soft_affinity = {{kAll}};
    EXPECT_EQ(plan_affinity(spec, kHost).size(), 1U);
    EXPECT_EQ(plan_affinity(spec, kHost)[0].soft, (CpuMask{true, true, false, true}));
}

TEST(Affinity, IsPlannedForVcpusThatThereAreAndHaveAny) {
    DomainSpec spec;
    spec.max_vcpus = 2;
    spec.hard_affinity = {{}, {kAll}, {kAll}};
    const auto plan = plan_affinity(spec, kHost);
    ASSERT_EQ(plan.size(), 1U);
    EXPECT_EQ(plan[0].vcpu, 1U);
    EXPECT_FALSE(plan[0].soft.has_value());
    EXPECT_TRUE(plan_affinity(DomainSpec{}, kHost).empty());
}

} // namespace
} // namespace pvh::boot
