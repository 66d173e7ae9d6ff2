// SPDX-License-Identifier: LGPL-2.1-or-later
// Domains of other toolstacks, and what other toolstacks do to ours.
#include "tests/unit/daemon/running_daemon.h"

#include <string>

#include <gtest/gtest.h>

namespace pvh::test {
namespace {

class ForeignTest : public DaemonTest {
  protected:
    const Uuid theirs_ = parse_uuid("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee").value();
};

TEST_F(ForeignTest, ForeignDomainsAreListedNamedAndObeyButHaveNoPolicy) {
    foreign_domain(DomId{5}, theirs_, "theirs");
    start();
    auto client = connect();
    EXPECT_EQ(status(client, "theirs").at("managed"), false);
    EXPECT_TRUE(client.call("domain.pause", {{"name", "theirs"}}).contains("result"));
    guest_ends(DomId{5}, kPoweroff);
    EXPECT_TRUE(wait(client, {{"name", "theirs"}}, "shutdown").contains("result"));
    EXPECT_EQ(guests(), 1U);
    EXPECT_TRUE(client.call("domain.destroy", {{"uuid", to_string(theirs_)}}).contains("result"));
    EXPECT_EQ(guests(), 0U);
}

TEST_F(ForeignTest, VcpusOfOneAndOfAllAreTold) {
    foreign_domain(DomId{5}, theirs_, "theirs");
    xen_.domains.at(DomId{5}).args.max_vcpus = 3;
    xen_.domains.at(DomId{5}).affinity[1] = {CpuMask{true, true, false, true}, CpuMask(4)};
    start();
    auto client = connect();
    const auto all = client.call("domain.vcpus").at("result").at("domains");
    ASSERT_EQ(all.size(), 2U);
    const auto one = client.call("domain.vcpus", {{"name", "theirs"}}).at("result").at("domains");
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one, nlohmann::json::array({all.at(1)}));
    EXPECT_EQ(one.at(0).at("name"), "theirs");
    const auto& vcpus = one.at(0).at("vcpus");
    ASSERT_EQ(vcpus.size(), 3U);
    EXPECT_EQ(vcpus.at(0).at("online"), true);
    EXPECT_EQ(vcpus.at(2).at("online"), false);
    EXPECT_EQ(vcpus.at(1).at("soft_affinity"), "none");
}

TEST_F(ForeignTest, TheStateOfAVcpuIsTold) {
    start();
    auto client = connect();
    create(client, "web");
    const auto got = client.call("domain.vcpu_state", {{"name", "web"}}).at("result");
    EXPECT_EQ(got.at("state").at("rip"), kTestEntry);
    EXPECT_EQ(got.at("state").at("tr").at("limit"), 0x67);
    EXPECT_EQ(error_code(client.call("domain.vcpu_state", {{"name", "web"}, {"vcpu", 128}})),
              "invalid_config");
    EXPECT_EQ(error_code(client.call("domain.vcpu_state", {{"domid", 0}})), "unsupported");
}

TEST_F(ForeignTest, IsAskedToUseSoManyVcpus) {
    foreign_domain(DomId{5}, theirs_, "theirs");
    xen_.domains.at(DomId{5}).args.max_vcpus = 3;
    start();
    auto client = connect();
    const auto set = [&](unsigned vcpus) {
        return client.call("domain.set_vcpus", {{"name", "theirs"}, {"vcpus", vcpus}});
    };
    EXPECT_TRUE(set(2).contains("result"));
    const auto availability = [&](int vcpu) {
        return fake::FakeStore{xen_}.read("/local/domain/5/cpu/" + std::to_string(vcpu) +
                                          "/availability");
    };
    EXPECT_EQ(availability(1), "online");
    EXPECT_EQ(availability(2), "offline");
    EXPECT_EQ(error_code(set(0)), "invalid_config");
    EXPECT_EQ(error_code(set(4)), "invalid_config");
    EXPECT_EQ(availability(2), "offline");
    xen_.domains.at(DomId{5}).args.max_vcpus = 4; // one that the guest does not know of
    EXPECT_EQ(error_code(set(4)), "invalid_config");
    EXPECT_TRUE(set(3).contains("result"));
    EXPECT_EQ(availability(2), "online");
    fake::FakeStore{xen_}.write("/libxl/5/type", "hvm");
    EXPECT_EQ(error_code(set(3)), "unsupported");
}

TEST_F(ForeignTest, ADomainThatXlMakesIsFoundAtOnce) {
    start();
    auto client = connect();
    foreign_domain(DomId{5}, theirs_, "theirs"); // no watch has fired yet
    const auto list = client.call("domain.list").at("result").at("domains");
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[1].at("name"), "theirs");
    const auto short_list = client.call("domain.list", {{"fields", {"name", "state"}}});
    EXPECT_EQ(short_list.at("result").at("domains")[1].dump(),
              R"({"name":"theirs","state":"idle"})");
    EXPECT_EQ(error_code(client.call("domain.create", create_params("theirs"))), "already_exists");
}

TEST_F(ForeignTest, ARenameByXlIsSeen) {
    foreign_domain(DomId{5}, theirs_, "theirs");
    start();
    auto client = connect();
    fake::FakeStore{xen_}.write("/local/domain/5/name", "renamed");
    board_->fire("/vm/" + to_string(theirs_) + "/name");
    EXPECT_TRUE(eventually([&] { return status(client, "renamed").contains("domid"); }));
    create(client, "theirs"); // the old name is free
}

TEST_F(ForeignTest, XlsDomainWithDisksIsLeftToXl) {
    foreign_domain(DomId{5}, theirs_, "theirs");
    fake::FakeStore{xen_}.write("/libxl/5/device/vbd/51712", "");
    start();
    auto client = connect();
    EXPECT_EQ(error_code(client.call("domain.destroy", {{"name", "theirs"}})), "unsupported");
    EXPECT_EQ(guests(), 1U);
    fake::FakeStore{xen_}.remove("/libxl/5/device/vbd");
    EXPECT_TRUE(client.call("domain.destroy", {{"name", "theirs"}}).contains("result"));
}

TEST_F(ForeignTest, DevicesOfAnyToolstackAreListed) {
    foreign_domain(DomId{5}, theirs_, "theirs");
    fake::FakeStore store{xen_};
    store.write("/libxl/5/device/vbd/51712/backend", "/local/domain/0/backend/vbd/5/51712");
    store.write("/libxl/5/device/vbd/51712/params", "/disk");
    store.write("/local/domain/0/backend/vbd/5/51712/state", "4");
    store.write("/local/domain/5/device/vbd/51712/state", "4\xff"); // the guest's to write
    store.write("/local/domain/5/device/vbd/51712/ring-ref", "-8");
    store.write("/libxl/5/device/vbd/51728/backend", "/local/domain/0");
    start();
    auto client = connect();
    const auto answer = client.call("device.list", {{"name", "theirs"}});
    const auto& devices = answer.at("result").at("devices");
    ASSERT_EQ(devices.size(), 1U);
    EXPECT_EQ(devices.at(0).at("target"), "/disk");
    EXPECT_EQ(devices.at(0).at("state"), 0);
    EXPECT_EQ(devices.at(0).at("backend_state"), 4);
    EXPECT_FALSE(devices.at(0).contains("ring_ref"));
}

TEST_F(ForeignTest, WhatXlDestroysIsForgotten) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(id);
    }
    board_->fire("@releaseDomain");
    EXPECT_TRUE(wait(client, {{"name", "web"}}, "gone").contains("result"));
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(ForeignTest, WhatXlHasJustDestroyedTakesNoName) {
    foreign_domain(DomId{5}, theirs_, "web");
    start();
    auto client = connect();
    EXPECT_EQ(error_code(client.call("domain.create", create_params("web"))), "already_exists");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(DomId{5});
    }
    const DomId id = create(client, "web"); // no watch has fired
    EXPECT_EQ(guests(), 1U);
    // One of ours as well, with its UUID.
    const auto uuid = status(client, "web").at("uuid").get<std::string>();
    const auto params = create_params("web", "uuid = \"" + uuid + "\"\n");
    EXPECT_EQ(error_code(client.call("domain.create", params)), "already_exists");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(id);
    }
    EXPECT_TRUE(client.call("domain.create", params).contains("result"));
    EXPECT_EQ(state_files(), 1U);
}

TEST_F(ForeignTest, WhatXlHasJustDestroyedIsNoNameInTheWayOfARename) {
    foreign_domain(DomId{5}, theirs_, "theirs");
    start();
    auto client = connect();
    create(client, "web");
    const nlohmann::json params{{"name", "web"}, {"new_name", "theirs"}};
    EXPECT_EQ(error_code(client.call("domain.rename", params)), "already_exists");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(DomId{5});
    }
    EXPECT_TRUE(client.call("domain.rename", params).contains("result"));
}

TEST_F(ForeignTest, AReusedDomidIsNotMistakenForItsFormerOwner) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(id);
    }
    foreign_domain(id, theirs_, "theirs"); // and no watch has fired
    EXPECT_EQ(error_code(client.call("domain.pause", {{"name", "web"}})), "not_found");
    client.call("domain.destroy", {{"name", "web"}});
    EXPECT_EQ(guests(), 1U); // theirs
}

TEST_F(ForeignTest, TextOfGuestsBecomesValidUtf8) {
    foreign_domain(DomId{5}, theirs_, "a\xff\xfe\x1b[2J");
    start();
    auto client = connect();
    const auto list = client.call("domain.list").at("result").at("domains");
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[1].at("name"), "a\xef\xbf\xbd\xef\xbf\xbd\x1b[2J");
}

TEST_F(ForeignTest, TwoForeignDomainsOfOneNameAreToldApartByUuid) {
    foreign_domain(DomId{5}, theirs_, "twin");
    foreign_domain(DomId{6}, random_uuid(), "twin");
    start();
    auto client = connect();
    EXPECT_EQ(error_code(client.call("domain.get", {{"name", "twin"}})), "conflict");
    EXPECT_TRUE(client.call("domain.get", {{"domid", 6}}).contains("result"));
}

} // namespace
} // namespace pvh::test
