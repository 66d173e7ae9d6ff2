// SPDX-License-Identifier: LGPL-2.1-or-later
// device.attach and device.detach, and what becomes of them over restarts of domains and of pvhd.
#include "tests/unit/daemon/running_daemon.h"

#include <string>

#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using nlohmann::json;

class HotplugTest : public DaemonTest {
  protected:
    static json attach_disk(RawClient& client, const std::string& text = "/disk,raw,xvdb,rw") {
        return client.call("device.attach", {{"name", "web"}, {"disk", text}, {"directory", "/"}});
    }

    static json detach(RawClient& client, const std::string& kind, const std::string& device,
                       bool force = false) {
        return client.call(
            "device.detach",
            {{"name", "web"}, {kind, device}, {"force", force}, {"timeout_ms", 100}});
    }

    static json spec(RawClient& client) {
        return client.call("domain.get", {{"name", "web"}}).at("result").at("spec");
    }

    static std::size_t devices(RawClient& client) {
        return client.call("device.list", {{"name", "web"}}).at("result").at("devices").size();
    }

    void restart(RawClient& client, DomId id) {
        guest_ends(id, kReboot);
        ASSERT_TRUE(eventually([&] {
            const json now = status(client, "web");
            return now.value("domid", id.value()) != id.value() && now.at("operation") == "";
        }));
    }
};

TEST_F(HotplugTest, AnAttachedDiskIsOnRecordAndInTheSpec) {
    start();
    auto client = connect();
    create(client, "web");
    const json reply = attach_disk(client);
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_EQ(reply.at("result").at("device").at("vdev"), "xvdb");
    EXPECT_EQ(reply.at("result").at("device").at("backend_state"), 2);
    EXPECT_EQ(spec(client).at("disk").at(0).at("target"), "/disk");
    EXPECT_EQ(devices(client), 1U);
}

TEST_F(HotplugTest, ARestartKeepsWhatWasAttachedAndNotWhatWasDetached) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", "vif = [ '', '' ]\n");
    ASSERT_TRUE(attach_disk(client).contains("result"));
    ASSERT_TRUE(detach(client, "vif", "0").contains("result"));
    restart(client, id);
    EXPECT_EQ(devices(client), 2U); // the disk, and vif 1
    EXPECT_EQ(spec(client).at("vif").at(0).at("devid"), 1);
}

TEST_F(HotplugTest, ThoseThatCameLaterAreNumberedOn) {
    start();
    auto client = connect();
    create(client, "web", "vif = [ '' ]\n");
    const json reply = client.call("device.attach", {{"name", "web"}, {"vif", ""}});
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_EQ(reply.at("result").at("device").at("devid"), 1);
    EXPECT_TRUE(
        detach(client, "vif", reply.at("result").at("device").at("mac")).contains("result"));
    EXPECT_EQ(devices(client), 1U);
}

TEST_F(HotplugTest, AFailureChangesNeitherSpecNorDomain) {
    start();
    auto client = connect();
    create(client, "web");
    EXPECT_EQ(error_code(attach_disk(client, "/nowhere,raw,xvdb,rw")), "not_found");
    EXPECT_EQ(error_code(attach_disk(client, "/disk,raw,nothing,rw")), "invalid_config");
    EXPECT_EQ(
        error_code(client.call("device.attach", {{"name", "web"}, {"vif", "bridge=nowhere"}})),
        "not_found");
    EXPECT_EQ(error_code(client.call("device.attach", {{"name", "web"}, {"vif", "bridg=x"}})),
              "invalid_config");
    EXPECT_EQ(devices(client), 0U);
    EXPECT_EQ(spec(client).value("disk", json::array()), json::array());
}

TEST_F(HotplugTest, ANameInUseIsRefused) {
    start();
    auto client = connect();
    create(client, "web");
    xen_.files.insert("/other");
    ASSERT_TRUE(attach_disk(client).contains("result"));
    EXPECT_EQ(error_code(attach_disk(client, "/other,raw,xvdb,rw")), "invalid_config");
    EXPECT_EQ(devices(client), 1U);
}

TEST_F(HotplugTest, AGuestThatDoesNotAnswerKeepsItsDiskUntilItIsForced) {
    start();
    auto client = connect();
    create(client, "web");
    ASSERT_TRUE(attach_disk(client).contains("result"));
    xen_.guests_answer = false;
    const json refused = detach(client, "disk", "xvdb");
    EXPECT_EQ(error_code(refused), "timeout");
    EXPECT_NE(refused.at("error").at("message").get<std::string>().find("disk xvdb of d1: "),
              std::string::npos)
        << refused.dump();
    EXPECT_EQ(devices(client), 1U);
    EXPECT_EQ(spec(client).at("disk").size(), 1U);
    const json forced = detach(client, "disk", "xvdb", true);
    ASSERT_TRUE(forced.contains("result")) << forced.dump();
    EXPECT_EQ(forced.at("result").at("warnings"), json::array());
    EXPECT_EQ(devices(client), 0U);
    EXPECT_EQ(error_code(detach(client, "disk", "xvdb")), "not_found");
}

TEST_F(HotplugTest, ABackendThatKeepsAForcedDiskIsWarnedOf) {
    start();
    auto client = connect();
    create(client, "web");
    ASSERT_TRUE(attach_disk(client).contains("result"));
    xen_.backends_hang = true;
    const json reply = detach(client, "disk", "xvdb", true);
    xen_.backends_hang = false;
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    ASSERT_EQ(reply.at("result").at("warnings").size(), 1U);
    EXPECT_NE(reply.at("result").at("warnings").at(0).get<std::string>().find("/disk"),
              std::string::npos);
    EXPECT_EQ(devices(client), 0U);
    EXPECT_EQ(error_code(attach_disk(client)), "busy"); // the backend has it
}

TEST_F(HotplugTest, WhatAnotherToolstackTookAwayMayBeAttachedAgain) {
    start();
    auto client = connect();
    create(client, "web");
    ASSERT_TRUE(attach_disk(client).contains("result"));
    fake::FakeStore{xen_}.remove("/libxl/1/device/vbd/51728");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.served_files.clear();
    }
    const json reply = attach_disk(client);
    EXPECT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_EQ(spec(client).at("disk").size(), 1U);
}

TEST_F(HotplugTest, ADomainThatIsEndedByAnotherDuringAnAttachIsForgotten) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    xen_.files.insert("/script");
    xen_.script = [&](const device::ScriptCall& call) {
        if (call.arguments.at(1) == "offline") return device::ScriptEnd{};
        fake::FakeStore{xen_}.remove("/libxl/1");
        fake::FakeStore{xen_}.remove("/local/domain/1");
        xen_.domains.erase(id);
        return device::ScriptEnd{}; // no watch fires: as one that is worked on it was passed over
    };
    const json reply = client.call(
        "device.attach", {{"name", "web"}, {"vif", "script=/script"}, {"directory", "/"}});
    EXPECT_EQ(error_code(reply), "not_found");
    EXPECT_TRUE(eventually([&] { return error_code(status(client, "web")) == "not_found"; }));
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(HotplugTest, ParametersAreChecked) {
    start();
    auto client = connect();
    create(client, "web");
    EXPECT_EQ(rpc_code(client.call("device.attach", {{"name", "web"}})), -32602);
    EXPECT_EQ(rpc_code(client.call("device.attach",
                                   {{"name", "web"}, {"disk", "x"}, {"directory", "here"}})),
              -32602);
    EXPECT_EQ(
        rpc_code(client.call("device.detach", {{"name", "web"}, {"disk", "xvdb"}, {"vif", "0"}})),
        -32602);
    EXPECT_EQ(rpc_code(client.call("device.detach",
                                   {{"name", "web"}, {"disk", "xvdb"}, {"timeout_ms", 60001}})),
              -32602);
}

TEST_F(HotplugTest, DomainsOfOthersAreLeftToThem) {
    foreign_domain(DomId{9}, random_uuid(), "web");
    start();
    auto client = connect();
    EXPECT_EQ(error_code(attach_disk(client)), "unsupported");
    EXPECT_EQ(error_code(detach(client, "disk", "xvda")), "unsupported");
}

TEST_F(HotplugTest, AnEndedDomainTakesNoDevices) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", "on_poweroff = \"preserve\"\n");
    guest_ends(id, kPoweroff);
    EXPECT_EQ(error_code(attach_disk(client)), "bad_state");
}

TEST_F(HotplugTest, WhatWasAttachedOutlivesThePvhdThatDidIt) {
    start();
    DomId id{};
    {
        auto client = connect();
        id = create(client, "web");
        ASSERT_TRUE(attach_disk(client).contains("result"));
    }
    EXPECT_TRUE(stop());
    start();
    auto client = connect();
    EXPECT_EQ(devices(client), 1U);
    restart(client, id);
    EXPECT_EQ(devices(client), 1U);
}

TEST_F(HotplugTest, AnAttachThatWasCutShortIsRolledBackAtTheStart) {
    start();
    {
        auto client = connect();
        create(client, "web");
        ASSERT_TRUE(attach_disk(client).contains("result"));
    }
    EXPECT_TRUE(stop());
    fake::FakeStore{xen_}.write("/libxl/1/device/vbd/51728/pvhd-attaches", "");
    start();
    auto client = connect();
    EXPECT_EQ(devices(client), 0U);
    EXPECT_EQ(spec(client).value("disk", json::array()), json::array());
}

TEST_F(HotplugTest, WhatWasDetachedWhilePvhdWasAwayIsNoLongerWanted) {
    start();
    {
        auto client = connect();
        create(client, "web", "vif = [ '', '' ]\n");
    }
    EXPECT_TRUE(stop());
    fake::FakeStore{xen_}.remove("/libxl/1/device/vif/0");
    start();
    auto client = connect();
    ASSERT_EQ(spec(client).at("vif").size(), 1U);
    EXPECT_EQ(spec(client).at("vif").at(0).at("devid"), 1);
}

} // namespace
} // namespace pvh::test
