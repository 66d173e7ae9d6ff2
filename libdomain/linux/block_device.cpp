// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/block_device.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/linux/mounts.h"
#include "libdomain/linux/sysfs.h"
#include "libdomain/spec/device_rules.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace pvh::host {

namespace {

Errc code_of(int error) {
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return Errc::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
        return Errc::permission_denied;
    case EBUSY:
        return Errc::busy;
    default:
        return Errc::invalid_config;
    }
}

/// Written to by one only, unless its owner says otherwise.
bool is_exclusive(const DiskSpec& disk) {
    return disk.is_writable && !disk.is_shared;
}

UniqueFd open_target(const DiskSpec& disk, int extra_flags) {
    const int access = disk.is_writable ? O_RDWR : O_RDONLY;
    UniqueFd fd{::open(disk.target.c_str(), access | O_CLOEXEC | O_NONBLOCK | extra_flags)};
    if (fd) return fd;
    const int error = errno;
    Error failure{code_of(error),
                  fmt::format("open {}{}", disk.target, disk.is_writable ? " for writing" : ""),
                  error};
    if (error == EBUSY)
        failure.with_hint(
            "it is mounted or part of something in dom0, or of another domain that is being built");
    if (error == EROFS || error == EACCES) failure.with_hint("attach it read-only: access=ro");
    throw failure;
}

struct stat stat_of(const UniqueFd& fd, const std::string& path) {
    struct stat info {};

    if (::fstat(fd.get(), &info) != 0) throw Error{Errc::internal, "fstat " + path, errno};
    return info;
}

// ---- loop devices

UniqueFd open_loop_control() {
    UniqueFd control{::open("/dev/loop-control", O_RDWR | O_CLOEXEC)};
    if (control) return control;
    throw Error{Errc::unsupported, "open /dev/loop-control", errno}.with_hint(
        "image files need the kernel's loop driver: modprobe loop");
}

loop_config config_of(const DiskSpec& disk, int file) {
    loop_config config{};
    config.fd = static_cast<std::uint32_t>(file);
    // Direct I/O where the file system can: the kernel falls back by itself.
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO;
    if (!disk.is_writable) config.info.lo_flags |= LO_FLAGS_READ_ONLY;
    std::snprintf(reinterpret_cast<char*>(config.info.lo_file_name), LO_NAME_SIZE, "%s",
                  disk.target.c_str());
    return config;
}

/// No two uses of loop devices have the same; empty before Linux 5.15.   [block: diskseq]
std::string use_of_loop(const std::string& folder) {
    return read_attribute(folder + "/diskseq");
}

/// Between finding a free one and taking it somebody else may have been faster.
std::unique_ptr<BlockDevice> attach_loop(const DiskSpec& disk, const UniqueFd& file, FileId id) {
    DiskClaim claim{disk.target, {.device = 0, .file = id}, is_exclusive(disk)};
    const UniqueFd control = open_loop_control();
    const loop_config config = config_of(disk, file.get());
    constexpr int kMostTries = 64;
    for (int attempt = 0; attempt < kMostTries; ++attempt) {
        const int index = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (index < 0) throw Error{Errc::internal, "find a free loop device", errno};
        std::string path = fmt::format("/dev/loop{}", index);
        UniqueFd loop{::open(path.c_str(), (disk.is_writable ? O_RDWR : O_RDONLY) | O_CLOEXEC)};
        if (!loop && (errno == ENXIO || errno == ENOENT)) continue; // it is just being removed
        if (!loop) throw Error{Errc::internal, "open " + path, errno};
        if (::ioctl(loop.get(), LOOP_CONFIGURE, &config) == 0) {
            const Medium medium{.device = stat_of(loop, path).st_rdev, .file = id};
            std::string use = use_of_loop(fmt::format("/sys/block/loop{}", index));
            return std::make_unique<BlockDevice>(std::move(loop), std::move(path), medium,
                                                 std::move(use), std::move(claim));
        }
        if (errno != EBUSY)
            throw Error{Errc::invalid_config,
                        fmt::format("make {} a block device, {}", disk.target, path), errno};
    }
    throw Error{Errc::busy, "every free loop device was taken by somebody else"};
}

std::unique_ptr<BlockDevice> open_file(const DiskSpec& disk) {
    const UniqueFd file = open_target(disk, 0);
    const struct stat info = stat_of(file, disk.target);
    if (info.st_size < 512)
        throw Error{Errc::invalid_config,
                    fmt::format("{} has {} bytes: less than a sector", disk.target, info.st_size)};
    return attach_loop(disk, file, {info.st_dev, info.st_ino});
}

/// For QEMU, which reads it as it is.
std::unique_ptr<BlockDevice> open_image(const DiskSpec& disk) {
    UniqueFd file = open_target(disk, 0);
    const struct stat info = stat_of(file, disk.target);
    const Medium medium{.device = 0, .file = FileId{info.st_dev, info.st_ino}};
    return std::make_unique<BlockDevice>(std::move(file), disk.target, medium, text_of(medium),
                                         DiskClaim{disk.target, medium, is_exclusive(disk)});
}

/// As its path was without symbolic links; empty if the device is no loop device.
std::string path_behind(dev_t device) {
    return read_attribute(
        fmt::format("/sys/dev/block/{}:{}/loop/backing_file", major(device), minor(device)));
}

/// Behind a loop device that somebody else made.
std::optional<FileId> file_behind(dev_t device) {
    const std::string path = path_behind(device);

    struct stat info {};

    if (path.empty() || ::stat(path.c_str(), &info) != 0) return std::nullopt;
    return FileId{info.st_dev, info.st_ino};
}

/// A reader would see the file system change under it. A writer has been refused by the kernel.
/// [tools/hotplug/Linux/block check_sharing]
void refuse_changing(const DiskSpec& disk, const Medium& medium) {
    const std::vector<Mount> mounts = read_mounts();
    if (const Mount* mount = find_writable(mounts, medium))
        throw Error{Errc::busy, fmt::format("{} is mounted in dom0, on {}, and written to there",
                                            disk.target, mount->place)}
            .with_hint("unmount it, or mount it read-only");
}

std::unique_ptr<BlockDevice> open_device(const DiskSpec& disk, dev_t number) {
    // Exclusively, so that a mounted one is refused; blkback itself does not ask.
    UniqueFd fd = open_target(disk, is_exclusive(disk) ? O_EXCL : 0);
    if (stat_of(fd, disk.target).st_rdev != number)
        throw Error{Errc::busy, disk.target + " became another device while it was opened"};
    const Medium medium{.device = number, .file = file_behind(number)};
    if (!disk.is_writable && !disk.is_shared) refuse_changing(disk, medium);
    return std::make_unique<BlockDevice>(std::move(fd), disk.target, medium, text_of(medium),
                                         DiskClaim{disk.target, medium, is_exclusive(disk)});
}

// ---- who else uses it

struct ServedDisk {
    DomId domain;
    dev_t number{};
    bool is_writable{};
};

/// Those of dom0's blkback: /sys/bus/xen-backend/devices/vbd-DOMID-ID.
std::vector<ServedDisk> served_disks() {
    constexpr const char* kFolder = "/sys/bus/xen-backend/devices";
    std::vector<ServedDisk> disks;
    for (const std::string& name : list_folder(kFolder)) {
        unsigned domid = 0;
        unsigned id = 0;
        if (std::sscanf(name.c_str(), "vbd-%u-%u", &domid, &id) != 2) continue;
        const std::string folder = fmt::format("{}/{}", kFolder, name);
        const auto number = parse_device_number(read_attribute(folder + "/physical_device"), 16);
        if (!number) continue;
        disks.push_back({DomId{static_cast<std::uint16_t>(domid)}, *number,
                         read_attribute(folder + "/mode").starts_with('w')});
    }
    return disks;
}

struct Loop {
    dev_t number{};
    bool is_writable{};
};

/// Loop devices over this file, which has this path. Of others only those on the same file system
/// are looked at: another one may not answer, and is none of this file's business.
std::vector<Loop> loops_of(const FileId& file, const std::string& path) {
    const std::vector<Mount> mounts = read_mounts();
    const dev_t file_system = file_system_at(mounts, path);
    std::vector<Loop> loops;
    for (const std::string& name : list_folder("/sys/block")) {
        if (!name.starts_with("loop")) continue;
        const std::string folder = "/sys/block/" + name;
        const auto number = parse_device_number(read_attribute(folder + "/dev"), 10);
        if (!number || file_system_at(mounts, path_behind(*number)) != file_system) continue;
        if (file_behind(*number) == file)
            loops.push_back({*number, read_attribute(folder + "/ro") == "0"});
    }
    return loops;
}

/// Guests that are served from these bytes.
std::vector<device::DiskUser> guests_of(const std::vector<ServedDisk>& served,
                                        const Medium& medium) {
    std::vector<device::DiskUser> users;
    for (const ServedDisk& disk : served)
        if (overlaps({.device = disk.number, .file = {}}, medium))
            users.push_back({disk.domain, disk.is_writable});
    return users;
}

} // namespace

std::string BlockDevice::number() const {
    return fmt::format("{:x}:{:x}", major(medium_.device), minor(medium_.device));
}

std::string BlockDevice::file_path() const {
    if (medium_.device != 0) return path_behind(medium_.device);
    return read_link(fmt::format("/proc/self/fd/{}", fd_.get()));
}

std::unique_ptr<BlockDevice> open_block_device(const DiskSpec& disk) {
    struct stat info {};

    if (::stat(disk.target.c_str(), &info) != 0) {
        const int error = errno;
        throw Error{code_of(error), "open " + disk.target, error};
    }
    if (S_ISBLK(info.st_mode)) return open_device(disk, info.st_rdev);
    if (S_ISREG(info.st_mode))
        return server_of(disk) == DiskBackend::qdisk ? open_image(disk) : open_file(disk);
    throw Error{Errc::invalid_config,
                fmt::format("{} is {}", disk.target,
                            S_ISDIR(info.st_mode) ? "a directory" : "no block device")}
        .with_hint("a disk is a block device or an image file");
}

bool is_given_up(const std::string& folder, const std::string& identity) {
    if (read_attribute(folder + "/loop/autoclear") != "1") return true;
    return !identity.empty() && use_of_loop(folder) != identity;
}

void release_loop(const std::string& path) noexcept {
    const UniqueFd loop{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!loop || (::ioctl(loop.get(), LOOP_CLR_FD, 0) != 0 && errno != ENXIO))
        log::warn("{} cannot be given up: {}", path, std::strerror(errno));
}

std::vector<device::DiskUser> find_other_users(const BlockDevice& device) {
    const std::vector<ServedDisk> served = served_disks();
    const Medium& medium = device.medium();
    std::vector<device::DiskUser> users = guests_of(served, medium);
    if (!medium.file) return users;
    for (const Loop& loop : loops_of(*medium.file, device.file_path())) {
        if (loop.number == medium.device) continue;
        auto guests = guests_of(served, {.device = loop.number, .file = {}});
        if (guests.empty()) guests.push_back({std::nullopt, loop.is_writable});
        users.insert(users.end(), guests.begin(), guests.end());
    }
    return users;
}

} // namespace pvh::host
