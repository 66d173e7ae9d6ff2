// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/read_device.h"
#include "libdomain/core/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::config {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string complaint_about(std::string_view key, std::string_view text) {
    try {
        read_device(key, text, "/srv");
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::invalid_config);
        return e.what();
    }
    return "(none)";
}

TEST(ReadDevice, TakesADiskAsAConfigHasIt) {
    const ReadResult read = read_device("disk", "data.img,raw,xvdb,ro", "/srv");
    ASSERT_THAT(read.spec.disks, SizeIs(1));
    EXPECT_EQ(read.spec.disks[0],
              (DiskSpec{.target = "/srv/data.img", .vdev = "xvdb", .is_writable = false}));
}

TEST(ReadDevice, NeedsNoQuotesAndNoEscapes) {
    const ReadResult read = read_device("disk", R"(vdev=xvdb,target=/a'b"c\d,e)", "/");
    EXPECT_EQ(read.spec.disks.at(0).target, R"(/a'b"c\d,e)");
}

TEST(ReadDevice, TakesAnInterfaceWithoutAWord) {
    EXPECT_EQ(read_device("vif", "", "/").spec.nics, std::vector{NicSpec{}});
    const ReadResult read = read_device("vif", "mtu=1400,ip=10.0.0.1", "/");
    EXPECT_EQ(read.spec.nics.at(0).mtu, 1400U);
    EXPECT_THAT(read.warnings, SizeIs(1));
}

TEST(ReadDevice, PointsAtWhatIsWrong) {
    EXPECT_THAT(complaint_about("disk", "/a,raw,nothing,rw"),
                StartsWith("disk:1:8: error: \"nothing\" is no name of a disk"));
    EXPECT_THAT(complaint_about("vif", "mtu=1400,bridg=x"),
                StartsWith("vif:1:10: error: unknown vif key \"bridg\""));
    EXPECT_THAT(complaint_about("disk", ""), HasSubstr("the disk has no vdev"));
    EXPECT_THAT(complaint_about("disk", "/a,qcow2,xvda,r"), HasSubstr("read-only"));
    EXPECT_THAT(complaint_about("vif", std::string(1 << 20, 'x')), HasSubstr("1048576 bytes"));
}

} // namespace
} // namespace pvh::config
