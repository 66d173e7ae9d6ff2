// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/unique_handle.h"
#include "libdomain/linux/medium.h"
#include "libdomain/linux/mounts.h"
#include "tests/support/temp_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace pvh::host {
namespace {

TEST(Medium, IsThatOfTheFileThatIsOpen) {
    const test::TempFolder folder;
    const std::string path = folder.file("image", BytesView{});
    const UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};

    struct stat info {};

    ASSERT_EQ(::fstat(file.get(), &info), 0);
    ASSERT_EQ(::unlink(path.c_str()), 0); // whatever becomes of its name
    const Medium medium = medium_of_open(fmt::format("/proc/self/fd/{}", file.get()));
    EXPECT_EQ(medium, (Medium{.device = 0, .file = FileId{info.st_dev, info.st_ino}}));
    EXPECT_EQ(medium_of_open("/proc/self/fd/none"), Medium{});
}

TEST(Medium, ComesBackFromARecord) {
    const Medium file{.device = 0, .file = FileId{makedev(8, 17), 42}};
    const Medium device{.device = makedev(253, 3), .file = {}};
    EXPECT_EQ(text_of(file), "8:17/42");
    EXPECT_EQ(text_of(device), "253:3");
    EXPECT_EQ(parse_medium(text_of(file)), file);
    EXPECT_EQ(parse_medium(text_of(device)), device);
}

TEST(Medium, OfNothingOverlapsNothing) {
    for (const char* text : {"", "8", "8:", "8:17/", "8:17/x", "8:17/42x"})
        EXPECT_FALSE(overlaps(parse_medium(text), parse_medium(text))) << text;
}

constexpr const char* kMounts =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
    "30 22 0:40 / /mnt/dead rw - nfs4 server:/export rw,vers=4.2\n"
    "31 22 8:2 / /mnt/two\\040words ro,relatime - ext4 /dev/sda2 rw\n"
    "32 22 8:3 / /mnt/dead/over rw - ext4 /dev/sda3 ro,errors=remount-ro\n"
    "33 22 8:4 / /mnt/dead/over rw - ext4 /dev/sda4 rw\n"
    "broken\n";

TEST(Mounts, TellWhatAPathIsOnWithoutALookAtIt) {
    const auto mounts = parse_mounts(kMounts);
    EXPECT_EQ(file_system_at(mounts, "/images/a"), makedev(8, 1));
    EXPECT_EQ(file_system_at(mounts, "/mnt/dead/a"), makedev(0, 40));
    EXPECT_EQ(file_system_at(mounts, "/mnt/deadly"), makedev(8, 1));
    EXPECT_EQ(file_system_at(mounts, "/mnt/two words/a"), makedev(8, 2));
    EXPECT_EQ(file_system_at(mounts, "/mnt/dead/over/a"), makedev(8, 4)); // the later one
    EXPECT_EQ(file_system_at({}, "/images/a"), 0U);
}

TEST(Mounts, TellWhetherABlockDeviceMayBeWrittenTo) {
    const auto mounts = parse_mounts(kMounts);
    const auto place = [&](unsigned minor) {
        const Mount* mount = find_writable(mounts, {.device = makedev(8, minor), .file = {}});
        return mount == nullptr ? "" : mount->place;
    };
    EXPECT_EQ(place(1), "/");
    EXPECT_EQ(place(2), "/mnt/two words"); // another mount of it may be writable
    EXPECT_EQ(place(3), "");
    EXPECT_EQ(place(4), "/mnt/dead/over");
    EXPECT_EQ(place(5), "");
}

} // namespace
} // namespace pvh::host
