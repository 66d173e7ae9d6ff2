// SPDX-License-Identifier: LGPL-2.1-or-later
// Devices that come and go while their domain runs.
#include "libdomain/core/error.h"
#include "libdomain/device/attach.h"
#include "libdomain/device/detach.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/device/qemu.h"
#include "tests/fake/fake_xen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::device {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr DomId kGuest{7};
constexpr const char* kBackend = "/local/domain/0/backend/vbd/7/51728";
const Address kDisk{.kind = "vbd", .id = 51728, .frontend = kGuest};
const Uuid kUuid = parse_uuid("3f2504e0-4f89-41d3-9a0c-0305e82c3301").value();

/// A domain that runs, without devices.
struct World {
    World() {
        store.write("/local/domain/7/device", "");
        store.set_permissions("/local/domain/7", readable_by(kGuest));
        store.write("/local/domain/7/image", "");
        store.write("/libxl/7/device/console/0/backend", "/local/domain/0/backend/console/7/0");
        store.write("/local/domain/0/backend/console/7/0/state", "1");
        before = xen.nodes;
    }

    void attach(const DeviceSpec& device) { attach_device(device, kUuid, host, store, kGuest); }

    void detach(const Address& device = kDisk) {
        detach_device(host, store, device, std::chrono::seconds{1});
    }

    std::string value(const std::string& path) { return store.read(path).value_or("(none)"); }

    /// The guest's driver has met its backend.
    void connect(const Address& device = kDisk) {
        store.write(frontend_path(device) + "/state", "4");
        store.write(backend_path(device) + "/state", "4");
    }

    void expect_nothing_left(const std::string& which) {
        EXPECT_TRUE(xen.nodes == before) << which;
        EXPECT_THAT(xen.held_files, IsEmpty()) << which;
        EXPECT_THAT(xen.served_files, IsEmpty()) << which;
        EXPECT_THAT(xen.ports, IsEmpty()) << which;
        EXPECT_THAT(xen.qemus, IsEmpty()) << which;
    }

    fake::FakeXen xen;
    fake::FakeStore store{xen};
    fake::FakeHostDevices host{xen};
    std::map<std::string, fake::FakeNode> before;
};

DeviceSpec disk() {
    return DiskSpec{.target = "/disk", .vdev = "xvdb"};
}

DeviceSpec image() {
    return DiskSpec{.target = "/disk", .format = DiskFormat::qcow2, .vdev = "xvdb"};
}

DeviceSpec nic() {
    return NicSpec{.devid = 0};
}

template <class Act> Error error_of(Act act) {
    try {
        act();
    } catch (const Error& e) {
        return e;
    }
    return Error{Errc::internal, "(none)"};
}

TEST(Attach, GivesARunningDomainADisk) {
    World world;
    world.attach(disk());
    EXPECT_EQ(world.value(std::string{kBackend} + "/state"), "2");
    EXPECT_EQ(world.value("/libxl/7/device/vbd/51728/params"), "/disk");
    EXPECT_THAT(unfinished_devices(world.store, kGuest), IsEmpty());
    EXPECT_THAT(world.xen.held_files, IsEmpty());
}

TEST(Attach, LeavesNothingWhicheverCallFails) {
    for (const DeviceSpec& device : {disk(), image(), nic()}) {
        World whole;
        const std::size_t first = whole.xen.calls.size();
        whole.attach(device);
        const std::size_t count = whole.xen.calls.size() - first;
        ASSERT_GT(count, 20U);
        for (std::size_t k = 1; k <= count; ++k) {
            World world;
            world.xen.fail_call(static_cast<int>(k));
            EXPECT_THROW(world.attach(device), Error) << "call " << k;
            world.expect_nothing_left("call " + world.xen.calls.at(first + k - 1));
        }
    }
}

TEST(Attach, LeavesNothingOfADiskThatItsBackendDoesNotTake) {
    World world;
    world.xen.backends_hang = true;
    const std::string said = error_of([&] { world.attach(disk()); }).what();
    EXPECT_THAT(said, ::testing::StartsWith("disk xvdb: "));
    EXPECT_EQ(said.find("xvdb"), said.rfind("xvdb")) << said; // once is enough
    world.xen.backends_hang = false;
    EXPECT_TRUE(world.xen.nodes == world.before);
}

TEST(Attach, FailsIfTheDomainIsEndedMeanwhileAndTakesEverythingBack) {
    World world;
    world.xen.files.insert("/script");
    std::vector<std::string> ran;
    world.xen.script = [&](const ScriptCall& call) {
        ran.push_back(call.arguments.at(1));
        if (call.arguments.at(1) == "online") { // xl destroy, in the midst of it
            for (const char* path : {"/libxl/7", "/local/domain/7", "/local/domain/0/backend/vif"})
                world.store.remove(path);
            world.store.write("/local/domain/7/device/vif/0/mtu", "1500");
        }
        return ScriptEnd{};
    };
    const Error error = error_of([&] { world.attach(NicSpec{.script = "/script", .devid = 0}); });
    EXPECT_EQ(error.code(), Errc::not_found) << error.what();
    EXPECT_THAT(ran, ::testing::ElementsAre("online", "offline"));
    EXPECT_EQ(world.value("/libxl/7"), "(none)");
    EXPECT_EQ(world.value("/local/domain/7"), "(none)");
    EXPECT_EQ(world.value("/local/domain/0/backend/vif"), "(none)");
}

TEST(Script, IsOnRecordWhileItRuns) {
    World world;
    world.xen.files.insert("/script");
    std::string noted;
    world.xen.script = [&](const ScriptCall& /*call*/) {
        noted = world.value("/libxl/7/device/vif/0/pvhd-script");
        return ScriptEnd{};
    };
    world.attach(NicSpec{.script = "/script", .devid = 0});
    EXPECT_EQ(noted, "17 42");
    EXPECT_EQ(world.value("/libxl/7/device/vif/0/pvhd-script"), "(none)");
}

TEST(Script, OfAPvhdThatWasKilledIsEndedBeforeTheNext) {
    World world;
    world.xen.files.insert("/script");
    world.attach(NicSpec{.script = "/script", .devid = 0});
    world.store.write("/libxl/7/device/vif/0/pvhd-script", "11 12");
    world.xen.calls.clear();
    remove_device(world.host, world.store, {.kind = "vif", .id = 0, .frontend = kGuest});
    const auto call = [&](const std::string& name) {
        return std::find(world.xen.calls.begin(), world.xen.calls.end(), name);
    };
    ASSERT_NE(call("devices.end_script 11 12"), world.xen.calls.end());
    EXPECT_LT(call("devices.end_script 11 12"), call("devices.run_script /script offline"));
    EXPECT_TRUE(world.xen.nodes == world.before);
}

TEST(Attach, HasQemuServeAnImage) {
    World world;
    world.attach(image());
    EXPECT_EQ(world.value("/libxl/7/device/vbd/51728/backend"),
              "/local/domain/0/backend/qdisk/7/51728");
    EXPECT_EQ(world.value("/local/domain/0/backend/qdisk/7/51728/params"), "qcow2:/disk");
    EXPECT_EQ(world.value("/local/domain/0/backend/qdisk/7/51728/type"), "qdisk");
    EXPECT_EQ(world.value("/local/domain/0/backend/qdisk/7/51728/script"), "(none)");
    EXPECT_EQ(world.value("/local/domain/7/device/vbd/51728/backend"),
              "/local/domain/0/backend/qdisk/7/51728");
    EXPECT_TRUE(world.xen.qemus.contains(kGuest));
    EXPECT_EQ(world.value("/libxl/7/device/vbd/51728/pvhd-disk"), "8:1/42"); // no one else's
    EXPECT_EQ(world.value("/local/domain/0/backend/qdisk/7/51728/pvhd-disk"), "(none)");
    const DeviceView view = find_disk(world.store, kGuest, "xvdb");
    EXPECT_EQ(view.target, "/disk");
    EXPECT_EQ(title_of(view), "disk xvdb");
}

TEST(Attach, LeavesTheQemuThatServesOthers) {
    for (int k = 1; k <= 20; ++k) {
        World world;
        world.attach(image());
        world.xen.files.insert("/other");
        world.xen.fail_call(k);
        EXPECT_THROW(
            world.attach(DiskSpec{.target = "/other", .format = DiskFormat::qcow2, .vdev = "xvdc"}),
            Error)
            << "call " << k;
        EXPECT_TRUE(world.xen.qemus.contains(kGuest)) << "call " << k;
        EXPECT_TRUE(has_qemu(world.store, kGuest)) << "call " << k;
    }
}

TEST(Qemu, IsEndedWithItsDomainHoweverFarItsStartHasCome) {
    for (const char* last : {"devices.start_qemu d7", "store.write /local/domain/7/image"}) {
        World world;
        fake::HostState killed;
        world.xen.before_call = [&] {
            if (world.xen.calls.back().starts_with(last)) killed = world.xen.photograph();
        };
        world.attach(image());
        World next;
        static_cast<fake::HostState&>(next.xen) = killed;
        next.xen.qemus.insert(kGuest); // it may be there since
        remove_devices(next.host, next.store, kGuest);
        EXPECT_THAT(next.xen.qemus, IsEmpty()) << last;
        EXPECT_FALSE(has_qemu(next.store, kGuest)) << last;
    }
}

TEST(Attach, ListsDisksInTheOrderOfXenstoreWhoeverServesThem) {
    World world;
    world.xen.files.insert({"/image", "/image-too"});
    world.attach(disk());
    world.attach(DiskSpec{.target = "/image", .format = DiskFormat::qcow2, .vdev = "xvda"});
    world.attach(DiskSpec{.target = "/image-too", .format = DiskFormat::qcow2, .vdev = "xvdc"});
    std::vector<std::string> names;
    for (const DeviceView& view : list_devices(world.store, kGuest))
        names.push_back(title_of(view));
    EXPECT_THAT(names, ::testing::ElementsAre("disk xvda", "disk xvdb", "disk xvdc"));
}

TEST(Attach, HasADriverDomainServeADisk) {
    World world;
    world.store.write("/local/domain/3/name", "storage");
    world.before = world.xen.nodes;
    const DeviceSpec remote =
        DiskSpec{.target = "/dev/anything", .vdev = "xvdb", .backend = "storage"};
    world.attach(remote);
    EXPECT_EQ(world.value("/local/domain/3/backend/vbd/7/51728/params"), "/dev/anything");
    EXPECT_EQ(world.value("/local/domain/3/backend/vbd/7/51728/physical-device"), "(none)");
    EXPECT_EQ(world.value("/local/domain/7/device/vbd/51728/backend-id"), "3");
    EXPECT_EQ(world.xen.nodes.at("/local/domain/3/backend/vbd/7/51728").permissions.at(0).domain,
              DomId{3});
    EXPECT_THAT(world.xen.held_files, IsEmpty()); // nothing of it is in dom0
    const DeviceView view = find_disk(world.store, kGuest, "xvdb");
    EXPECT_EQ(view.address.backend, DomId{3});
    DomainSpec spec;
    spec.disks = {std::get<DiskSpec>(remote)};
    EXPECT_EQ(only_present(spec, kGuest, recorded_devices(world.store, kGuest)), spec);
    world.connect(view.address);
    world.detach(view.address);
    EXPECT_EQ(world.value("/local/domain/7/device/vbd/51728/state"), "(none)");
}

TEST(Attach, NamesADriverDomainThatIsNotThere) {
    World world;
    const Error error = error_of([&] {
        world.attach(DiskSpec{.target = "/dev/anything", .vdev = "xvdb", .backend = "storage"});
    });
    EXPECT_EQ(error.code(), Errc::not_found);
    EXPECT_THAT(error.what(), HasSubstr("there is no domain storage"));
    EXPECT_TRUE(world.xen.nodes == world.before);
}

TEST(Attach, SharesADiskWhoseOwnerSaysSo) {
    World world;
    world.xen.served_files["/disk"] = {DomId{9}, true};
    EXPECT_EQ(error_of([&] { world.attach(disk()); }).code(), Errc::busy);
    DiskSpec shared = std::get<DiskSpec>(disk());
    shared.is_shared = true;
    EXPECT_NO_THROW(world.attach(shared));
}

TEST(FailedQemu, IsToldToTheGuestOfItsDevicesOnly) {
    World world;
    world.attach(image());
    world.attach(nic());
    close_devices_of_qemu(world.store, kGuest);
    EXPECT_EQ(world.value("/local/domain/0/backend/qdisk/7/51728/state"), "6");
    EXPECT_EQ(world.value("/local/domain/0/backend/vif/7/0/state"), "2");
}

TEST(Attach, RefusesANumberThatIsOnRecord) {
    World world;
    world.attach(nic());
    const auto nodes = world.xen.nodes;
    const Error error = error_of([&] { world.attach(nic()); });
    EXPECT_EQ(error.code(), Errc::already_exists);
    EXPECT_STREQ(error.what(), "vif 0: d7 has one already");
    EXPECT_TRUE(world.xen.nodes == nodes);
}

TEST(Detach, RemovesWhatTheGuestLetGoOf) {
    for (const DeviceSpec& device : {disk(), image(), nic()}) {
        World world;
        world.attach(device);
        const Address address = recorded_devices(world.store, kGuest).at(0);
        world.connect(address);
        world.detach(address);
        if (has_qemu(world.store, kGuest)) // stays for the next image, until the domain ends
            stop_qemu(world.host, world.store, kGuest);
        world.expect_nothing_left(address.kind);
    }
}

TEST(Detach, LeavesADeviceWhoseGuestDoesNotAnswerAsItWas) {
    World world;
    world.attach(disk());
    world.connect();
    const auto nodes = world.xen.nodes;
    world.xen.guests_answer = false;
    const Error error = error_of([&] { world.detach(); });
    EXPECT_EQ(error.code(), Errc::timeout);
    EXPECT_THAT(error.what(), HasSubstr("did not answer in 1 s"));
    EXPECT_THAT(error.hint(), HasSubstr("--force"));
    EXPECT_TRUE(world.xen.nodes == nodes);
    EXPECT_EQ(world.xen.served_files.count("/disk"), 1U);
}

TEST(Detach, GoesOnWhereTheGuestHasBegunToClose) {
    World world;
    world.attach(disk());
    world.connect();
    world.store.write(std::string{kBackend} + "/state", "5");
    world.store.write("/local/domain/7/device/vbd/51728/state", "5");
    world.xen.guests_answer = false;
    EXPECT_THAT(error_of([&] { world.detach(); }).what(), HasSubstr("has begun to close it"));
    EXPECT_EQ(world.value(std::string{kBackend} + "/state"), "5");
    world.xen.guests_answer = true;
    world.detach();
    world.expect_nothing_left("after all");
}

TEST(Detach, ByForceAsksNoGuest) {
    World world;
    world.attach(disk());
    world.connect();
    world.xen.guests_answer = false;
    remove_device(world.host, world.store, kDisk);
    world.expect_nothing_left("forced");
}

TEST(Detach, ByForceSaysIfTheBackendDidNotLetGo) {
    World world;
    world.attach(disk());
    world.connect();
    world.xen.backends_hang = true;
    EXPECT_FALSE(remove_device(world.host, world.store, kDisk));
    EXPECT_TRUE(world.xen.nodes == world.before);
    world.xen.backends_hang = false;
    World other;
    other.attach(disk());
    EXPECT_TRUE(remove_device(other.host, other.store, kDisk));
}

TEST(Qemu, ThatWroteAfterAForcedDetachLeavesNothingBehindItsDomain) {
    World world;
    world.attach(image());
    const Address address = recorded_devices(world.store, kGuest).at(0);
    remove_device(world.host, world.store, address);
    world.store.write(backend_path(address) + "/state", "6"); // it had hung
    remove_devices(world.host, world.store, kGuest);
    EXPECT_TRUE(world.xen.nodes == world.before);
}

TEST(Detach, IsNotHeldUpByAGuestThatWritesItsNodesWithoutAPause) {
    for (const bool is_forced : {false, true}) {
        World world;
        world.attach(disk());
        world.connect();
        world.xen.restless_node = "/local/domain/7/device/vbd/51728/state";
        if (is_forced)
            remove_device(world.host, world.store, kDisk);
        else
            world.detach();
        world.expect_nothing_left(is_forced ? "forced" : "asked");
    }
}

TEST(Detach, TakesTheQuestionBackFromAGuestThatWritesItsNodesWithoutAPause) {
    World world;
    world.attach(disk());
    world.connect();
    const auto nodes = world.xen.nodes;
    world.xen.restless_node = "/local/domain/7/device/vbd/51728/state";
    world.xen.guests_answer = false;
    EXPECT_EQ(error_of([&] { world.detach(); }).code(), Errc::timeout);
    EXPECT_TRUE(world.xen.nodes == nodes);
}

TEST(Detach, DoesNotWaitForWhatIsClosed) {
    World world;
    world.attach(disk());
    world.store.write(std::string{kBackend} + "/state", "6");
    world.xen.guests_answer = false;
    world.detach();
    world.expect_nothing_left("closed");
}

TEST(Detach, LeavesOtherDevicesOfTheKind) {
    World world;
    world.xen.files.insert("/other");
    world.attach(DiskSpec{.target = "/other", .vdev = "xvdc"});
    const auto nodes = world.xen.nodes;
    world.attach(disk());
    world.detach();
    EXPECT_TRUE(world.xen.nodes == nodes);
}

TEST(Unfinished, IsWhatIsBeingAttached) {
    World world;
    world.attach(disk());
    mark_unfinished(world.store, kDisk);
    EXPECT_THAT(unfinished_devices(world.store, kGuest), ::testing::ElementsAre(kDisk));
}

TEST(Find, KnowsADiskByNameAndNumber) {
    World world;
    world.attach(disk());
    for (const char* name : {"xvdb", "51728", "0xca10", "d1p0"})
        EXPECT_EQ(find_disk(world.store, kGuest, name).address, kDisk) << name;
    EXPECT_EQ(error_of([&] { find_disk(world.store, kGuest, "xvdc"); }).code(), Errc::not_found);
    EXPECT_EQ(error_of([&] { find_disk(world.store, kGuest, "disk"); }).code(),
              Errc::invalid_config);
}

TEST(Find, KnowsAnInterfaceByNumberAndMac) {
    World world;
    world.attach(NicSpec{.mac = "00:16:3e:00:00:1a", .devid = 3});
    for (const char* name : {"3", "00:16:3e:00:00:1a", "00:16:3E:00:00:1A"})
        EXPECT_EQ(find_nic(world.store, kGuest, name).address.id, 3U) << name;
    EXPECT_EQ(error_of([&] { find_nic(world.store, kGuest, "0"); }).code(), Errc::not_found);
    EXPECT_EQ(error_of([&] { find_nic(world.store, kGuest, "eth0"); }).code(),
              Errc::invalid_config);
}

TEST(SpecChanges, KeepTheNumbersOfInterfacesThatStay) {
    DomainSpec spec;
    spec.nics = {{.bridge = "a"}, {.bridge = "b"}, {.bridge = "c"}};
    spec = without_device(spec, {.kind = "vif", .id = 0, .frontend = kGuest});
    ASSERT_EQ(spec.nics.size(), 2U);
    EXPECT_EQ(spec.nics[0].devid, 1U);
    EXPECT_EQ(spec.nics[1].devid, 2U);
    const DeviceSpec more = numbered(NicSpec{}, spec, {});
    EXPECT_EQ(std::get<NicSpec>(more).devid, 0U);
    const Address of_xl{.kind = "vif", .id = 0, .frontend = kGuest};
    EXPECT_EQ(std::get<NicSpec>(numbered(NicSpec{}, spec, {of_xl})).devid, 3U);
}

TEST(SpecChanges, AddAndDropADisk) {
    const DomainSpec spec = with_device({}, disk());
    EXPECT_EQ(addresses_of(spec, kGuest), std::vector{kDisk});
    EXPECT_EQ(without_device(spec, kDisk), DomainSpec{});
}

} // namespace
} // namespace pvh::device
