// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/medium.h"

#include "libdomain/linux/sysfs.h"

#include <charconv>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace pvh::host {

namespace {

std::string text_of(dev_t device) {
    return fmt::format("{}:{}", major(device), minor(device));
}

/// The disk that a partition is of; nothing if it is none.   [Documentation/ABI/stable/sysfs-block]
std::string disk_of_partition(dev_t device) {
    const std::string folder = "/sys/dev/block/" + text_of(device);
    return exists(folder + "/partition") ? read_attribute(folder + "/../dev") : std::string{};
}

bool is_partition_of(dev_t partition, dev_t disk) {
    return disk_of_partition(partition) == text_of(disk);
}

} // namespace

bool overlaps(const Medium& a, const Medium& b) {
    if (a.file && a.file == b.file) return true;
    if (a.device == 0 || b.device == 0) return false;
    return a.device == b.device || is_partition_of(a.device, b.device) ||
           is_partition_of(b.device, a.device);
}

Medium medium_of_open(const std::string& link) {
    struct statx info {};

    // Numbers never change: what the kernel has of them will do.   [nfs_getattr, fuse_getattr]
    if (::statx(AT_FDCWD, link.c_str(), AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
                STATX_TYPE | STATX_INO, &info) != 0)
        return {};
    if (S_ISBLK(info.stx_mode))
        return {.device = makedev(info.stx_rdev_major, info.stx_rdev_minor), .file = {}};
    const dev_t device = makedev(info.stx_dev_major, info.stx_dev_minor);
    return {.device = 0, .file = FileId{device, info.stx_ino}};
}

std::string text_of(const Medium& medium) {
    if (!medium.file) return text_of(medium.device);
    return fmt::format("{}/{}", text_of(medium.file->device), medium.file->inode);
}

Medium parse_medium(const std::string& text) {
    const auto device = parse_device_number(text, 10);
    if (!device) return {};
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) return {.device = *device, .file = {}};
    ino_t inode = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, inode);
    if (error != std::errc{} || stop != end) return {};
    return {.device = 0, .file = FileId{*device, inode}};
}

std::optional<dev_t> parse_device_number(const std::string& text, int base) {
    unsigned major_number = 0;
    unsigned minor_number = 0;
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, major_number, base);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, minor_number, base);
    if (second.ec != std::errc{}) return std::nullopt;
    return makedev(major_number, minor_number);
}

} // namespace pvh::host
