// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/spec/device_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh {
namespace {

using ::testing::HasSubstr;

DomainSpec named_spec() {
    DomainSpec spec;
    spec.name = "a";
    spec.kernel = "/k";
    return spec;
}

DomainSpec spec_with(DiskSpec disk) {
    DomainSpec spec = named_spec();
    spec.disks.push_back(std::move(disk));
    return spec;
}

DomainSpec spec_with(NicSpec nic) {
    DomainSpec spec = named_spec();
    spec.nics.push_back(std::move(nic));
    return spec;
}

DomainSpec spec_with(ChannelSpec channel) {
    DomainSpec spec = named_spec();
    spec.channels.push_back(std::move(channel));
    return spec;
}

/// The one complaint, or what there is.
template <class Device> std::string complaint(Device device) {
    const auto violations = validate(spec_with(std::move(device)));
    if (violations.empty()) return "";
    EXPECT_EQ(violations.size(), 1U);
    EXPECT_EQ(violations[0].item, 0U);
    return violations[0].message;
}

TEST(DiskRules, WantANameATargetAndAnAbsolutePath) {
    EXPECT_EQ(complaint(DiskSpec{.target = "/disk", .vdev = "xvda"}), "");
    EXPECT_THAT(complaint(DiskSpec{.target = "/disk", .vdev = "foo"}),
                HasSubstr("no name of a disk"));
    EXPECT_THAT(complaint(DiskSpec{.vdev = "xvda"}), HasSubstr("has no target"));
    EXPECT_THAT(complaint(DiskSpec{.target = "disk", .vdev = "xvda"}),
                HasSubstr("no absolute path"));
    EXPECT_THAT(complaint(DiskSpec{.target = std::string{"/a\0b", 4}, .vdev = "xvda"}),
                HasSubstr("NUL"));
}

TEST(DeviceRules, KnowDom0ByAllNamesThatItHas) {
    for (const char* backend : {"", "0", "Domain-0"}) {
        const DiskSpec image{
            .target = "/image", .format = DiskFormat::qcow2, .vdev = "xvda", .backend = backend};
        DomainSpec spec = spec_with(image);
        EXPECT_TRUE(needs_qemu(spec)) << backend;
        spec.disks.push_back({.target = "/image", .format = DiskFormat::qcow2, .vdev = "xvdb"});
        EXPECT_EQ(validate(spec).size(), 1U) << backend; // two writers
        EXPECT_NE(complaint(NicSpec{.bridge = "a/b", .backend = backend}), "") << backend;
        EXPECT_FALSE(unsupported_in(P9Spec{.tag = "t", .path = "/", .backend = backend}))
            << backend;
    }
    const DiskSpec elsewhere{
        .target = "/image", .format = DiskFormat::qcow2, .vdev = "xvda", .backend = "store"};
    EXPECT_FALSE(needs_qemu(spec_with(elsewhere)));
}

TEST(ChannelRules, WantANameAndTheAbsolutePathOfASocket) {
    const auto with_path = [](std::string path) {
        return complaint(ChannelSpec{ChannelConnection::socket, "n", std::move(path), ""});
    };
    EXPECT_EQ(complaint(ChannelSpec{ChannelConnection::pty, "n", "", ""}), "");
    EXPECT_THAT(complaint(ChannelSpec{ChannelConnection::pty, "", "", ""}), HasSubstr("no name"));
    EXPECT_THAT(complaint(ChannelSpec{ChannelConnection::pty, "a\nb", "", ""}),
                HasSubstr("control bytes"));
    EXPECT_THAT(complaint(ChannelSpec{ChannelConnection::pty, "n", "/s", ""}),
                HasSubstr("is a pty, and has a path"));
    EXPECT_EQ(with_path("/" + std::string(106, 's')), "");
    EXPECT_THAT(with_path("/" + std::string(107, 's')), HasSubstr("has 108 bytes"));
    EXPECT_THAT(with_path("s"), HasSubstr("no absolute path"));
    EXPECT_THAT(with_path(""), HasSubstr("no absolute path"));
}

TEST(ChannelRules, RefuseOneNameOrPathForTwoAndMoreThanAGuestTellsApart) {
    DomainSpec spec = spec_with(ChannelSpec{ChannelConnection::socket, "n", "/s", ""});
    spec.channels.push_back({ChannelConnection::socket, "n", "/t", ""});
    spec.channels.push_back({ChannelConnection::socket, "m", "/s", ""});
    auto violations = validate(spec);
    ASSERT_EQ(violations.size(), 2U);
    EXPECT_THAT(violations[0].message, HasSubstr("name n is given twice"));
    EXPECT_EQ(violations[0].item, 1U);
    EXPECT_THAT(violations[1].message, HasSubstr("/s is the path of channel n, too"));
    EXPECT_EQ(violations[1].item, 2U);
    spec.channels.clear();
    for (char name = 'a'; name <= 'j'; ++name)
        spec.channels.push_back({ChannelConnection::pty, std::string{name}, "", ""});
    violations = validate(spec);
    ASSERT_EQ(violations.size(), 1U);
    EXPECT_THAT(violations[0].message, HasSubstr("there are 10 channels"));
    EXPECT_EQ(violations[0].item, 9U);
}

TEST(DiskRules, LetADriveBeEmpty) {
    EXPECT_EQ(complaint(DiskSpec{.format = DiskFormat::empty, .vdev = "xvda", .is_cdrom = true}),
              "");
}

TEST(DiskRules, RefuseTwoNamesOfOneDisk) {
    DomainSpec spec = spec_with(DiskSpec{.target = "/a", .vdev = "xvda"});
    spec.disks.push_back({.target = "/b", .vdev = "51712"});
    const auto violations = validate(spec);
    ASSERT_EQ(violations.size(), 1U);
    EXPECT_EQ(violations[0].message, "vdev 51712 is already used by the 1st disk");
    EXPECT_EQ(violations[0].item, 1U);
}

TEST(DiskRules, LetAMediumBeTwoDisksIfBothAreReadOnly) {
    DomainSpec spec = spec_with(DiskSpec{.target = "/a", .vdev = "xvda"});
    spec.disks.push_back({.target = "/a", .vdev = "xvdb", .is_writable = false});
    ASSERT_EQ(validate(spec).size(), 1U);
    EXPECT_EQ(validate(spec)[0].message, "/a is disk xvda, too");
    EXPECT_EQ(validate(spec)[0].item, 1U);
    spec.disks[0].is_writable = false;
    EXPECT_TRUE(validate(spec).empty());
}

TEST(NicRules, WantAMac) {
    EXPECT_EQ(complaint(NicSpec{.mac = "00:16:3E:00:00:0f"}), "");
    for (const char* mac : {"00:16:3e:00:00", "00:16:3e:00:00:0g", "00-16-3e-00-00-00", "x"})
        EXPECT_THAT(complaint(NicSpec{.mac = mac}), HasSubstr("is no MAC")) << mac;
}

TEST(NicRules, WantNamesThatLinuxTakes) {
    EXPECT_EQ(complaint(NicSpec{.vifname = "fifteen-bytes-x"}), "");
    for (const char* name : {"sixteen-bytes-xy", "a/b", "a b", "..", "a:b", "a\n", "net%d"}) {
        EXPECT_THAT(complaint(NicSpec{.vifname = name}), HasSubstr("vifname")) << name;
        EXPECT_THAT(complaint(NicSpec{.bridge = name}), HasSubstr("bridge")) << name;
        EXPECT_THAT(complaint(NicSpec{.gatewaydev = name}), HasSubstr("gatewaydev")) << name;
    }
}

TEST(NicRules, LeaveToAScriptWhatItTakes) {
    EXPECT_EQ(complaint(NicSpec{.bridge = "a-bridge-of-open-vswitch.10:20",
                                .script = "vif-openvswitch",
                                .gatewaydev = "eth0:1"}),
              "");
}

TEST(NicRules, BoundMtuAndDevid) {
    EXPECT_THAT(complaint(NicSpec{.mtu = 67}), HasSubstr("mtu 67"));
    EXPECT_THAT(complaint(NicSpec{.mtu = 65518}), HasSubstr("mtu 65518"));
    EXPECT_THAT(complaint(NicSpec{.devid = 65536}), HasSubstr("devid 65536"));
}

TEST(NicRules, RefuseOneDevidTwice) {
    DomainSpec spec = spec_with(NicSpec{.devid = 3});
    spec.nics.push_back({.devid = 3});
    ASSERT_EQ(validate(spec).size(), 1U);
    EXPECT_EQ(validate(spec)[0].message, "devid 3 is given twice");
}

TEST(NicRules, RefuseNamesThatDom0GivesItself) {
    EXPECT_THAT(complaint(NicSpec{.vifname = "vif3.0"}), HasSubstr("vifname vif3.0"));
    for (const char* name : {"vif3", "vif3.0x", "vif.0", "myvif3.0"})
        EXPECT_EQ(complaint(NicSpec{.vifname = name}), "") << name;
}

TEST(NicRules, TellInterfacesApartByNameAndByMacOnABridge) {
    DomainSpec spec = spec_with(NicSpec{.mac = "00:16:3e:00:00:0a", .vifname = "front"});
    spec.nics.push_back({.mac = "00:16:3E:00:00:0A", .vifname = "front"});
    const auto violations = validate(spec);
    ASSERT_EQ(violations.size(), 2U);
    EXPECT_EQ(violations[0].message, "vifname front is given twice");
    EXPECT_THAT(violations[1].message, HasSubstr("is given twice on one bridge"));
    spec.nics[1] = {.mac = "00:16:3e:00:00:0a", .bridge = "other"};
    EXPECT_TRUE(validate(spec).empty());
}

} // namespace
} // namespace pvh
