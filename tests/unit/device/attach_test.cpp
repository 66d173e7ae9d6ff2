// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"
#include "libdomain/device/attach.h"
#include "libdomain/device/channel.h"
#include "libdomain/device/detach.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/device/nic.h"
#include "tests/fake/fake_xen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::device {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Pair;

constexpr DomId kGuest{7};

class AttachTest : public ::testing::Test {
  protected:
    AttachTest() {
        store_.write("/local/domain/7/device", "");
        store_.set_permissions("/local/domain/7", readable_by(kGuest));
        store_.write("/libxl/7", "");
        before_ = xen_.nodes;
        spec_.uuid = parse_uuid("3f2504e0-4f89-41d3-9a0c-0305e82c3301");
    }

    void add_disk(const std::string& vdev = "xvda", const std::string& target = "/disk") {
        spec_.disks.push_back({.target = target, .vdev = vdev});
    }

    void attach() {
        const Devices devices = prepare_devices(spec_, host_, store_);
        const auto qemu = announce_devices(devices, host_, store_, kGuest);
        plug_devices(devices, host_, store_, kGuest, qemu);
    }

    std::string value(const std::string& path) { return store_.read(path).value_or("(none)"); }

    std::string error() {
        try {
            prepare_devices(spec_, host_, store_);
        } catch (const Error& e) {
            return e.what();
        }
        return "(none)";
    }

    /// But folders that a domain has anyway.
    void expect_nothing_left() {
        for (const auto& [path, node] : xen_.nodes)
            EXPECT_TRUE(before_.contains(path) || path == "/libxl/7/device" ||
                        path == "/libxl/7/device/vbd" || path == "/libxl/7/device/vif" ||
                        path == "/local/domain/7/device/vbd" ||
                        path == "/local/domain/7/device/vif" || path == "/local/domain/0" ||
                        path == "/local/domain/0/backend")
                << path;
    }

    fake::FakeXen xen_;
    fake::FakeStore store_{xen_};
    fake::FakeHostDevices host_{xen_};
    DomainSpec spec_;
    std::map<std::string, fake::FakeNode> before_;
};

TEST_F(AttachTest, GivesADiskToItsBackendByNumber) {
    add_disk();
    attach();
    const std::string backend = "/local/domain/0/backend/vbd/7/51712";
    EXPECT_EQ(value(backend + "/physical-device"), "7:0");
    EXPECT_EQ(value(backend + "/mode"), "w");
    EXPECT_EQ(value(backend + "/state"), "2");
    EXPECT_EQ(value("/local/domain/7/device/vbd/51712/backend"), backend);
    EXPECT_EQ(value("/libxl/7/device/vbd/51712/params"), "/disk");
    EXPECT_EQ(value("/libxl/7/device/vbd/51712/physical-device"), "(none)");
}

TEST_F(AttachTest, HoldsADiskNoLongerThanItsBackendNeeds) {
    add_disk();
    attach();
    EXPECT_TRUE(xen_.held_files.empty());
    EXPECT_EQ(xen_.served_files.count("/disk"), 1U);
}

TEST_F(AttachTest, LetsTheGuestWriteItsOwnFolderAndReadTheBackends) {
    add_disk();
    attach();
    const auto permissions = [&](const std::string& path) {
        return xen_.nodes.at(path).permissions;
    };
    EXPECT_EQ(permissions("/local/domain/7/device/vbd/51712"), owned_and_shown(kGuest, kDom0));
    EXPECT_EQ(permissions("/local/domain/7/device/vbd/51712/state"),
              owned_and_shown(kGuest, kDom0));
    EXPECT_EQ(permissions("/local/domain/0/backend/vbd/7/51712/state"), readable_by(kGuest));
    EXPECT_EQ(permissions("/libxl/7/device/vbd/51712/backend"), private_to_dom0());
}

TEST_F(AttachTest, PlugsAnInterfaceIntoItsBridge) {
    spec_.nics.push_back({.vifname = "front", .mtu = 1400});
    attach();
    const BridgePort& port = xen_.ports.at("vif7.0");
    EXPECT_EQ(port.bridge, kDefaultBridge);
    EXPECT_EQ(port.name, "front");
    EXPECT_EQ(port.mtu, 1400U);
    EXPECT_EQ(value("/local/domain/0/backend/vif/7/0/hotplug-status"), "connected");
    EXPECT_EQ(value("/local/domain/7/device/vif/0/mtu"), "1400");
    EXPECT_EQ(xen_.nodes.at("/local/domain/7/device/vif/0/mtu").permissions, readable_by(kGuest));
}

TEST_F(AttachTest, WritesAChannelForPvhconsoledAndNoQemu) {
    spec_.channels = {{ChannelConnection::pty, "org.x", "", ""},
                      {ChannelConnection::socket, "org.y", "/run/y", ""}};
    attach();
    EXPECT_THAT(xen_.calls, ::testing::Contains("devices.require_backend console"));
    const std::string frontend = "/local/domain/7/device/console/2";
    EXPECT_EQ(value("/local/domain/0/backend/console/7/2/path"), "/run/y");
    EXPECT_EQ(value("/libxl/7/device/console/2/connection"), "socket");
    EXPECT_EQ(value(frontend + "/type"), "pvhconsoled");
    EXPECT_EQ(value(frontend + "/output"), "(none)");
    EXPECT_EQ(xen_.nodes.at(frontend + "/tty").permissions, readable_by(kGuest));
    EXPECT_EQ(xen_.nodes.at(frontend + "/state").permissions, owned_and_shown(kGuest, kDom0));
    const auto devices = recorded_devices(store_, kGuest);
    ASSERT_EQ(devices.size(), 2U);
    EXPECT_EQ(devices[0], (Address{.kind = "console", .id = 1, .frontend = kGuest}));
    EXPECT_TRUE(is_our_channel(store_, devices[0]));
    remove_devices(host_, store_, kGuest);
    EXPECT_EQ(value("/libxl/7/device/console/2"), "(none)");
    EXPECT_EQ(value("/local/domain/0/backend/console"), "(none)");
}

TEST_F(AttachTest, TellsTheGuestTheBridgesMtu) {
    spec_.nics.push_back({});
    attach();
    EXPECT_EQ(value("/local/domain/7/device/vif/0/mtu"), "9000");
}

TEST_F(AttachTest, NumbersInterfacesAroundThoseThatHaveANumber) {
    spec_.nics = {{.devid = 1}, {}, {}};
    attach();
    EXPECT_THAT(store_.list("/libxl/7/device/vif").value(), ::testing::ElementsAre("0", "1", "2"));
}

TEST_F(AttachTest, DerivesAMacThatLasts) {
    const std::string mac = derive_mac(spec_.uuid.value(), 0);
    EXPECT_THAT(mac, MatchesRegex("00:16:3e:[0-7][0-9a-f]:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]"));
    EXPECT_EQ(mac, derive_mac(spec_.uuid.value(), 0));
    EXPECT_NE(mac, derive_mac(spec_.uuid.value(), 1));
    EXPECT_NE(mac, derive_mac(random_uuid(), 0));
}

TEST_F(AttachTest, RefusesASecondWriterByName) {
    xen_.served_files["/disk"] = {DomId{3}, true};
    store_.write("/local/domain/3/name", "other");
    add_disk();
    EXPECT_THAT(error(),
                HasSubstr("disk xvda: /disk is in use by d3 \"other\", which writes to it"));
    EXPECT_TRUE(xen_.held_files.empty());
}

TEST_F(AttachTest, RefusesToWriteWhatOthersRead) {
    xen_.served_files["/disk"] = {std::nullopt, false};
    add_disk();
    EXPECT_THAT(error(), HasSubstr("in use by dom0 itself, and would be written to here"));
}

TEST_F(AttachTest, LetsManyRead) {
    xen_.served_files["/disk"] = {DomId{3}, false};
    spec_.disks.push_back({.target = "/disk", .vdev = "xvda", .is_writable = false});
    EXPECT_EQ(error(), "(none)");
}

TEST_F(AttachTest, NamesTheDeviceThatCannotBe) {
    add_disk();
    add_disk("xvdb", "/nowhere");
    EXPECT_THAT(error(), HasSubstr("disk xvdb: open /nowhere: No such file"));
    spec_.disks.clear();
    spec_.nics = {{}, {.bridge = "nowhere"}};
    EXPECT_THAT(error(), HasSubstr("vif 1: there is no bridge nowhere"));
}

TEST_F(AttachTest, RefusesWhatIsNotServedYet) {
    spec_.disks = {
        {.target = "/disk", .format = DiskFormat::qcow2, .vdev = "xvda", .is_writable = false}};
    EXPECT_THAT(error(), HasSubstr("cannot serve an image read-only"));
}

// ---- scripts of the administrator's own

class ScriptTest : public AttachTest {
  protected:
    ScriptTest() {
        xen_.files = {"/etc/xen/scripts/block-x", "/opt/vif-x"};
        xen_.script = [this](const ScriptCall& call) {
            calls_.push_back(call);
            if (!names_device_ || call.arguments.at(1) != "add") return end_;
            store_.write(kDisk + "/physical-device", "7:3");
            return end_;
        };
    }

    void add_disk_of_script() {
        spec_.disks.push_back({.target = "iqn.x", .vdev = "xvda", .script = "block-x"});
    }

    std::string failure() {
        try {
            attach();
        } catch (const Error& e) {
            return e.what();
        }
        return "(none)";
    }

    const std::string kDisk = "/local/domain/0/backend/vbd/7/51712";
    std::vector<ScriptCall> calls_;
    ScriptEnd end_;
    bool names_device_ = true;
};

TEST_F(ScriptTest, OfADiskIsCalledAsXlCallsIt) {
    add_disk_of_script();
    attach();
    EXPECT_EQ(value(kDisk + "/params"), "iqn.x");
    EXPECT_EQ(value(kDisk + "/script"), "/etc/xen/scripts/block-x");
    EXPECT_TRUE(xen_.held_files.empty());
    remove_devices(host_, store_, kGuest);
    ASSERT_EQ(calls_.size(), 2U);
    EXPECT_THAT(calls_[0].arguments, ElementsAre("/etc/xen/scripts/block-x", "add"));
    EXPECT_THAT(calls_[1].arguments, ElementsAre("/etc/xen/scripts/block-x", "remove"));
    EXPECT_THAT(calls_[0].environment,
                ElementsAre(Pair("script", "/etc/xen/scripts/block-x"), Pair("XENBUS_TYPE", "vbd"),
                            Pair("XENBUS_PATH", "backend/vbd/7/51712"),
                            Pair("XENBUS_BASE_PATH", "backend")));
    expect_nothing_left();
}

TEST_F(ScriptTest, OfAnInterfaceIsCalledAsXlCallsIt) {
    spec_.nics = {{.bridge = "ovs0", .script = "/opt/vif-x", .gatewaydev = "eth0"}};
    attach(); // where there is no bridge of that name
    EXPECT_TRUE(xen_.ports.empty());
    remove_devices(host_, store_, kGuest);
    ASSERT_EQ(calls_.size(), 2U);
    EXPECT_THAT(calls_[0].arguments, ElementsAre("/opt/vif-x", "online", "type_if=vif"));
    EXPECT_THAT(calls_[1].arguments, ElementsAre("/opt/vif-x", "offline", "type_if=vif"));
    EXPECT_THAT(calls_[0].environment,
                ElementsAre(Pair("script", "/opt/vif-x"), Pair("XENBUS_TYPE", "vif"),
                            Pair("XENBUS_PATH", "backend/vif/7/0"),
                            Pair("XENBUS_BASE_PATH", "backend"), Pair("netdev", "eth0"),
                            Pair("vif", "vif7.0")));
    expect_nothing_left();
}

TEST_F(ScriptTest, MustBeThere) {
    spec_.disks = {{.target = "x", .vdev = "xvda", .script = "block-y"}};
    EXPECT_THAT(error(), HasSubstr("disk xvda: there is no script /etc/xen/scripts/block-y"));
}

TEST_F(ScriptTest, ThatFailsIsQuoted) {
    add_disk_of_script();
    end_ = {.fault = "ended with status 2", .output = "no such target", .is_late = false};
    EXPECT_EQ(failure(),
              "disk xvda: /etc/xen/scripts/block-x add ended with status 2: no such target");
    store_.write(kDisk + "/hotplug-error", "iqn.x is gone"); // what it wrote is better
    remove_devices(host_, store_, kGuest);                   // although it fails again
    expect_nothing_left();
}

TEST_F(ScriptTest, MustNameABlockDevice) {
    add_disk_of_script();
    names_device_ = false;
    EXPECT_THAT(failure(), HasSubstr("ended well, but named no block device"));
}

TEST_F(AttachTest, RunsNoScriptOfXls) {
    xen_.script = [](const ScriptCall&) -> ScriptEnd { throw std::logic_error{"it is run"}; };
    add_disk();
    spec_.nics = {{}};
    attach();
    remove_devices(host_, store_, kGuest);
    expect_nothing_left();
}

TEST_F(AttachTest, AnEmptyDriveHasNoBlockDevice) {
    spec_.disks = {
        {.format = DiskFormat::empty, .vdev = "xvda", .is_writable = false, .is_cdrom = true}};
    attach();
    EXPECT_EQ(value("/local/domain/0/backend/vbd/7/51712/physical-device"), "(none)");
    EXPECT_EQ(value("/local/domain/0/backend/vbd/7/51712/removable"), "1");
}

TEST_F(AttachTest, RemovesEverythingThatItWrote) {
    add_disk();
    add_disk("xvdb");
    spec_.disks[0].is_writable = spec_.disks[1].is_writable = false;
    spec_.nics.push_back({});
    attach();
    store_.write("/local/domain/0/error/backend/vbd/7/51712/error", "2 creating vbd structure");
    remove_devices(host_, store_, kGuest);
    EXPECT_TRUE(xen_.served_files.empty());
    EXPECT_TRUE(xen_.ports.empty());
    expect_nothing_left();
}

TEST_F(AttachTest, LeavesTheDevicesOfOthersAlone) {
    store_.write("/local/domain/0/backend/vbd/8/51712/state", "4");
    add_disk();
    attach();
    remove_devices(host_, store_, kGuest);
    EXPECT_EQ(value("/local/domain/0/backend/vbd/8/51712/state"), "4");
}

TEST_F(AttachTest, RemovesNodesOfABackendThatDoesNotClose) {
    add_disk();
    attach();
    xen_.backends_hang = true;
    remove_devices(host_, store_, kGuest);
    EXPECT_EQ(store_.list("/local/domain/0/backend/vbd"), std::nullopt);
}

TEST_F(AttachTest, GoesByTheRecordAndByNothingThatAGuestWrites) {
    add_disk();
    attach();
    store_.write("/local/domain/0/backend/vbd/8/51712/state", "4");
    store_.write("/local/domain/7/device/vbd/51712/backend", "/local/domain/0/backend/vbd/8/51712");
    remove_devices(host_, store_, kGuest);
    EXPECT_EQ(value("/local/domain/0/backend/vbd/8/51712/state"), "4");
    EXPECT_EQ(value("/local/domain/0/backend/vbd/7/51712/state"), "(none)");
}

TEST_F(AttachTest, PassesOverARecordThatNamesNoBackendOfThisGuest) {
    store_.write("/local/domain/0/backend/vbd/8/51712/state", "4");
    for (const char* path : {"/local/domain/0/backend/vbd/8/51712", "/local/domain/0", ""}) {
        store_.write("/libxl/7/device/vbd/51712/backend", path);
        remove_devices(host_, store_, kGuest);
        EXPECT_EQ(value("/local/domain/0/backend/vbd/8/51712/state"), "4") << path;
    }
}

} // namespace
} // namespace pvh::device
