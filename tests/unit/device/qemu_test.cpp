// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/qemu.h"

#include <gtest/gtest.h>

namespace pvh::device {
namespace {

TEST(Qemu, IsFoundByTheArgumentsItWasGiven) {
    EXPECT_EQ(served_by(qemu_arguments("/usr/libexec/xen-qemu-system-i386", DomId{7})), DomId{7});
}

TEST(Qemu, IsNotWhateverNamesADomain) {
    using Arguments = std::vector<std::string>;
    EXPECT_EQ(served_by(Arguments{}), std::nullopt);
    EXPECT_EQ(served_by(Arguments{"/bin/grep", "-xen-domid", "7"}), std::nullopt);
    EXPECT_EQ(served_by(Arguments{"/qemu", "-xen-domid"}), std::nullopt);
    EXPECT_EQ(served_by(Arguments{"/qemu", "-xen-domid", "7x"}), std::nullopt);
    EXPECT_EQ(served_by(Arguments{"/qemu", "-xen-domid", "70000"}), std::nullopt);
    EXPECT_EQ(served_by(Arguments{"/qemu", "-name", "-xen-domid"}), std::nullopt);
}

TEST(Qemu, IsAQemuByItsFile) {
    for (const char* program : kQemuPrograms)
        EXPECT_TRUE(is_qemu(program)) << program;
    EXPECT_TRUE(is_qemu("/usr/libexec/xen-qemu-system-i386 (deleted)")); // updated meanwhile
    EXPECT_FALSE(is_qemu("/usr/bin/su"));
    EXPECT_FALSE(is_qemu("/home/u/qemu-system-x/su"));
    EXPECT_FALSE(is_qemu("")); // a thread of the kernel
}

TEST(Qemu, IsRootsInEveryRespect) {
    EXPECT_TRUE(is_roots("Name:\tqemu\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"));
    EXPECT_FALSE(is_roots("Name:\tsu\nUid:\t1000\t0\t0\t0\nGid:\t0\t0\t0\t0\n"));
    EXPECT_FALSE(is_roots("Name:\tqemu\nUid:\t1000\t1000\t1000\t1000\n"));
    EXPECT_FALSE(is_roots(""));
}

TEST(Qemu, SaysWhyItCouldNotMakeADevice) {
    const Address disk{.kind = "qdisk", .id = 51712, .frontend = DomId{7}};
    const Address other{.kind = "qdisk", .id = 51728, .frontend = DomId{7}};
    const std::string said = "warning: something\nqemu: failed to create 'qdisk' device '51712': "
                             "failed to create drive: Image is not in qcow2 format\nmore\n";
    EXPECT_EQ(failure_in(said, disk), "failed to create drive: Image is not in qcow2 format");
    EXPECT_EQ(failure_in(said, other), std::nullopt);
    EXPECT_EQ(failure_in("failed to create 'qdisk' device '51712'", disk),
              "failed to create 'qdisk' device '51712'");
    EXPECT_EQ(failure_in("warning: something\n", disk), std::nullopt);
}

TEST(Qemu, ServesDisksUnderTheNameThatGuestsKnow) {
    const Address disk{.kind = "qdisk", .id = 51712, .frontend = DomId{7}};
    EXPECT_TRUE(is_served_by_qemu(disk));
    EXPECT_EQ(frontend_path(disk), "/local/domain/7/device/vbd/51712");
    EXPECT_EQ(record_path(disk), "/libxl/7/device/vbd/51712");
    EXPECT_EQ(backend_path(disk), "/local/domain/0/backend/qdisk/7/51712");
    EXPECT_FALSE(is_served_by_qemu({.kind = "vbd", .id = 51712, .frontend = DomId{7}}));
    EXPECT_TRUE(is_served_by_qemu({.kind = "9pfs", .id = 0, .frontend = DomId{7}}));
}

} // namespace
} // namespace pvh::device
