// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/build_domain.h"
#include "libdomain/core/error.h"
#include "libdomain/domain.h"
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
    fake::FakeHostDevices devices_{xen_};
    Timeline timeline_;
    std::map<std::string, fake::FakeNode> nodes_before_ = xen_.nodes;
    Domain domain_ = build_domain(hypervisor_, store_, devices_, test::small_plan(), timeline_);
};

TEST_F(ADomain, LeavesNothingWhenDestroyed) {
    destroy_domain(hypervisor_, store_, devices_, domain_);
    EXPECT_EQ(xen_.domains.size(), 1U);
    EXPECT_TRUE(xen_.nodes == nodes_before_);
}

TEST_F(ADomain, IsDestroyedOnceEvenIfAskedTwice) {
    destroy_domain(hypervisor_, store_, devices_, domain_);
    EXPECT_NO_THROW(destroy_domain(hypervisor_, store_, devices_, domain_));
}

TEST_F(ADomain, IsNotTakenForAnotherThatReusesItsDomid) {
    destroy_domain(hypervisor_, store_, devices_, domain_);
    xen_.next_domid = domain_.id;
    DomainSpec other = test::small_spec();
    other.uuid = random_uuid();
    const Domain successor =
        build_domain(hypervisor_, store_, devices_, test::plan_of(other), timeline_);
    ASSERT_EQ(successor.id, domain_.id);
    destroy_domain(hypervisor_, store_, devices_, domain_);
    EXPECT_EQ(xen_.domains.size(), 2U) << "the successor was destroyed in its predecessor's place";
    EXPECT_THROW(require_alive(hypervisor_, domain_), Error);
}

TEST_F(ADomain, LeavesWhatItsNextLifeHasUnderTheirUuid) {
    store_.remove("/local/domain/1"); // as its first destroy did; Xen still lists it as dying
    store_.remove("/libxl/1");
    const std::string home = "/vm/" + to_string(domain_.uuid);
    ASSERT_TRUE(xen_.nodes.contains(home));
    destroy_domain(hypervisor_, store_, devices_, domain_);
    EXPECT_TRUE(xen_.nodes.contains(home));
}

TEST_F(ADomain, HasNoDevicesOnRecordButItsConsole) {
    EXPECT_TRUE(other_devices(store_, domain_).empty());
    store_.write("/libxl/1/device/vbd/51712", "");
    EXPECT_EQ(other_devices(store_, domain_), std::vector<std::string>{"vbd"});
}

TEST(DestroyDomain, FreesTheMemoryThoughXenstoreFails) {
    unsigned failures_of_xenstore = 0;
    for (int k = 1;; ++k) {
        fake::FakeXen xen;
        fake::FakeHypervisor hypervisor{xen};
        fake::FakeStore store{xen};
        fake::FakeHostDevices devices{xen};
        const auto nodes_before = xen.nodes;
        Timeline timeline;
        const Domain domain =
            build_domain(hypervisor, store, devices, test::small_plan(), timeline);
        const std::size_t calls_before = xen.calls.size();
        xen.fail_call(k);
        try {
            destroy_domain(hypervisor, store, devices, domain);
            break; // there are fewer than k calls
        } catch (const Error&) {
            const std::string failed = xen.calls.at(calls_before + static_cast<std::size_t>(k) - 1);
            SCOPED_TRACE(failed);
            const bool is_xenstore = failed.starts_with("store.");
            failures_of_xenstore += is_xenstore ? 1 : 0;
            EXPECT_EQ(xen.domains.size(), is_xenstore ? 1U : 2U);
        }
        destroy_domain(hypervisor, store, devices,
                       domain); // whatever failed, trying again is enough
        EXPECT_EQ(xen.domains.size(), 1U);
        EXPECT_TRUE(xen.nodes == nodes_before);
    }
    EXPECT_GT(failures_of_xenstore, 3U);
}

TEST_F(ADomain, SharesTheConsoleFolderWithOthersUntilTheLastLeaves) {
    DomainSpec other = test::small_spec();
    other.uuid = random_uuid();
    const Domain second =
        build_domain(hypervisor_, store_, devices_, test::plan_of(other), timeline_);
    destroy_domain(hypervisor_, store_, devices_, domain_);
    EXPECT_TRUE(xen_.nodes.contains("/local/domain/0/backend/console/2/0/state"));
    xen_.conflicts_to_come = 2;
    destroy_domain(hypervisor_, store_, devices_, second);
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
