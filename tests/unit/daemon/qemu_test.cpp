// SPDX-License-Identifier: LGPL-2.1-or-later
// A QEMU that ends before its domain does.
#include "tests/unit/daemon/running_daemon.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kImages = "disk = [ '/disk,qcow2,xvda,w', '/image,qcow2,xvdb,w' ]\n";

class QemuTest : public DaemonTest {
  protected:
    QemuTest() { xen_.files.insert("/image"); }

    /// "web disk xvda", one for each.
    static std::vector<std::string> losses(RawClient& client) {
        std::vector<std::string> told;
        const json reply = client.call("events.list", json::object());
        for (const json& event : reply.at("result").at("events"))
            if (event.at("type") == "device.lost")
                told.push_back(event.at("name").get<std::string>() + " " +
                               event.at("data").at("device").get<std::string>());
        return told;
    }

    static bool loses(RawClient& client, std::size_t count) {
        return eventually([&] { return losses(client).size() >= count; });
    }

    std::string backend(DomId id, unsigned disk, const std::string& key) {
        return fake::FakeStore{xen_}
            .read("/local/domain/0/backend/qdisk/" + std::to_string(id.value()) + "/" +
                  std::to_string(disk) + "/" + key)
            .value_or("(none)");
    }

    std::ptrdiff_t times_called(const std::string& call) {
        const std::lock_guard lock{xen_.mutex};
        return std::count(xen_.calls.begin(), xen_.calls.end(), call);
    }
};

TEST_F(QemuTest, ThatEndsIsTheLossOfEachDeviceThatItServed) {
    start();
    auto client = connect();
    xen_.files.insert("/raw");
    const DomId id = create(client, "web",
                            "disk = [ '/disk,qcow2,xvda,w', '/image,qcow2,xvdb,w', "
                            "'/raw,raw,xvdc,w' ]\n");
    xen_.kill_qemu(id);
    ASSERT_TRUE(loses(client, 2));
    EXPECT_THAT(losses(client), ElementsAre("web disk xvda", "web disk xvdb"));
    EXPECT_EQ(backend(id, 51712, "state"), "6"); // the guest is told as well
    EXPECT_EQ(times_called("store.remove /local/domain/1/image/device-model-pid"), 1);
}

TEST_F(QemuTest, ThatAnotherToolstackEndsWithItsDomainLosesNothing) {
    start();
    auto client = connect();
    const DomId ends = create(client, "ends", "disk = [ '/disk,qcow2,xvda,w' ]\n");
    const DomId loses_it = create(client, "web", "disk = [ '/image,qcow2,xvda,w' ]\n");
    fake::FakeStore{xen_}.write("/local/domain/0/backend/qdisk/1/51712/online", "0");
    ASSERT_TRUE(eventually([&] { return times_called("devices.find_qemu d1") >= 1; }));
    xen_.kill_qemu(ends);
    ASSERT_TRUE(eventually([&] { return times_called("devices.find_qemu d1") >= 2; }));
    xen_.kill_qemu(loses_it);
    ASSERT_TRUE(loses(client, 1));
    EXPECT_THAT(losses(client), ElementsAre("web disk xvda"));
}

TEST_F(QemuTest, ThatHasASuccessorIsForgottenForIt) {
    start();
    auto client = connect();
    const DomId id = create(client, "web", kImages);
    const auto looks = [&] { return times_called("devices.find_qemu d1"); };
    ASSERT_TRUE(eventually([&] { return looks() >= 1; }));
    const auto before = looks();
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.kill_qemu(id);
        xen_.qemus.insert(id); // as an attach does
    }
    ASSERT_TRUE(eventually([&] { return looks() >= before + 2; }));
    EXPECT_THAT(losses(client), IsEmpty());
    EXPECT_EQ(backend(id, 51712, "state"), "2");
    EXPECT_EQ(times_called("devices.end_qemu d1"), 0);
    xen_.kill_qemu(id);
    EXPECT_TRUE(loses(client, 2)); // it is watched, too
}

} // namespace
} // namespace pvh::test
