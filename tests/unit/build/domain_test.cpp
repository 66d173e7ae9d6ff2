// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/build_domain.h"
#include "libdomain/core/error.h"
#include "libdomain/list.h"
#include "tests/fake/fake_xen.h"
#include "tests/support/small_plan.h"

#include <gtest/gtest.h>

namespace pvh {
namespace {

class ADomain : public testing::Test {
  protected:
    fake::FakeXen xen_;
    fake::FakeHypervisor hypervisor_{xen_};
    fake::FakeStore store_{xen_};
    Timeline timeline_;
    std::map<std::string, fake::FakeNode> nodes_before_ = xen_.nodes;
    Domain domain_ = build_domain(hypervisor_, store_, test::small_plan(), timeline_);
};

TEST_F(ADomain, LeavesNothingWhenDestroyed) {
    destroy_domain(hypervisor_, store_, domain_);
    EXPECT_EQ(xen_.domains.size(), 1U);
    EXPECT_TRUE(xen_.nodes == nodes_before_);
}

TEST_F(ADomain, IsDestroyedOnceEvenIfAskedTwice) {
    destroy_domain(hypervisor_, store_, domain_);
    EXPECT_NO_THROW(destroy_domain(hypervisor_, store_, domain_));
}

TEST_F(ADomain, IsNotTakenForAnotherThatReusesItsDomid) {
    destroy_domain(hypervisor_, store_, domain_);
    xen_.next_domid = domain_.id;
    DomainSpec other = test::small_spec();
    other.uuid = random_uuid();
    const Domain successor = build_domain(hypervisor_, store_, test::plan_of(other), timeline_);
    ASSERT_EQ(successor.id, domain_.id);
    destroy_domain(hypervisor_, store_, domain_);
    EXPECT_EQ(xen_.domains.size(), 2U) << "the successor was destroyed in its predecessor's place";
    EXPECT_THROW(require_alive(hypervisor_, domain_), Error);
}

TEST_F(ADomain, SharesTheConsoleFolderWithOthersUntilTheLastLeaves) {
    DomainSpec other = test::small_spec();
    other.uuid = random_uuid();
    const Domain second = build_domain(hypervisor_, store_, test::plan_of(other), timeline_);
    destroy_domain(hypervisor_, store_, domain_);
    EXPECT_TRUE(xen_.nodes.contains("/local/domain/0/backend/console/2/0/state"));
    xen_.conflicts_to_come = 2;
    destroy_domain(hypervisor_, store_, second);
    EXPECT_FALSE(xen_.nodes.contains("/local/domain/0/backend/console"));
}

TEST_F(ADomain, IsAskedToPowerOffOnlyIfItListens) {
    EXPECT_THROW(request_shutdown(hypervisor_, store_, domain_, GuestRequest::poweroff), Error);
    store_.write("/local/domain/1/control/feature-poweroff", "1");
    request_shutdown(hypervisor_, store_, domain_, GuestRequest::poweroff);
    EXPECT_EQ(store_.read("/local/domain/1/control/shutdown"), "poweroff");
}

TEST_F(ADomain, IsListedWithItsNameBesideDomainZero) {
    const auto list = list_domains(hypervisor_, store_);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].name, "Domain-0");
    EXPECT_EQ(list[1].name, "tiny");
    EXPECT_EQ(list[1].info.handle, domain_.uuid);
}

TEST_F(ADomain, HasNoConsoleUntilXenconsoledMadeOne) {
    EXPECT_FALSE(console_tty(store_, domain_).has_value());
    store_.write("/local/domain/1/console/tty", "/dev/pts/3");
    EXPECT_EQ(console_tty(store_, domain_), "/dev/pts/3");
}

} // namespace
} // namespace pvh
