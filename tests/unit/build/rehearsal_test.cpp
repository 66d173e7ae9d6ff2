// SPDX-License-Identifier: LGPL-2.1-or-later
// What a rehearsal tells is what a build does.
#include "libdomain/build/build_domain.h"
#include "libdomain/core/error.h"
#include "libdomain/rehearsal.h"
#include "tests/fake/fake_xen.h"
#include "tests/support/small_plan.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh {
namespace {

using ::testing::Contains;

std::string permissions_text(const xen::Permissions& permissions) {
    std::string text;
    for (const xen::Permission& permission : permissions)
        text += (text.empty() ? "" : ",") +
                std::string{"nrwb"[static_cast<std::size_t>(permission.access)]} +
                std::to_string(permission.domain.value());
    return text;
}

TEST(Rehearsal, HasTheNodesThatABuildWrites) {
    fake::FakeXen rehearsed;
    fake::FakeStore store{rehearsed};
    const auto before = rehearsed.nodes;
    const Rehearsal rehearsal = rehearse_build(test::small_plan(), store);
    EXPECT_TRUE(rehearsed.nodes == before) << "a rehearsal wrote to the store";
    EXPECT_EQ(rehearsed.domains.size(), 1U);

    fake::FakeXen built;
    built.next_domid = kRehearsedDomain;
    fake::FakeHypervisor hypervisor{built};
    fake::FakeStore real{built};
    fake::FakeHostDevices devices{built};
    Timeline timeline;
    build_domain(hypervisor, real, devices, test::small_plan(), timeline);
    for (const RehearsedNode& node : rehearsal.nodes) {
        if (node.path.ends_with("/start_time")) continue;
        ASSERT_TRUE(built.nodes.contains(node.path)) << node.path;
        EXPECT_EQ(built.nodes.at(node.path).value, node.value) << node.path;
        EXPECT_EQ(permissions_text(built.nodes.at(node.path).permissions), node.permissions)
            << node.path;
    }
    EXPECT_GT(rehearsal.nodes.size(), 40U);
}

TEST(Rehearsal, NamesTheStepsInTheirOrder) {
    fake::FakeXen xen;
    fake::FakeStore store{xen};
    const Rehearsal rehearsal = rehearse_build(test::small_plan(), store);
    EXPECT_EQ(rehearsal.steps.front(),
              "domctl createdomain: 2 vCPUs, ports to 1023, grant version 2, CPU pool 0");
    EXPECT_THAT(rehearsal.steps, Contains("domctl max_vcpus: 2"));
    EXPECT_THAT(rehearsal.steps, Contains("memory_op claim_pages: 0"));
    EXPECT_TRUE(rehearsal.steps.back().starts_with("xenstore introduce: ring gfn 0xfeffc"))
        << rehearsal.steps.back();
}

TEST(Rehearsal, FailsAsABuildWould) {
    fake::FakeXen xen;
    fake::FakeStore store{xen};
    DomainSpec spec = test::small_spec();
    spec.pool = "nowhere";
    EXPECT_THROW(rehearse_build(test::plan_of(spec), store), Error);
}

} // namespace
} // namespace pvh
