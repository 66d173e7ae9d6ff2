// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/doctor/host_checks.h"

#include "libdomain/core/unique_handle.h"
#include "libdomain/device/qemu.h"
#include "libdomain/linux/sysfs.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace pvh::doctor {

namespace {

using host::exists;
using host::list_folder;
using host::read_attribute;

std::string words_of(int error) {
    return std::generic_category().message(error);
}

// ---- who we are

Check check_dom0(const std::string& root) {
    if (read_attribute(root + "/proc/xen/capabilities").find("control_d") != std::string::npos)
        return ok("dom0", "this is Xen's control domain");
    if (read_attribute(root + "/sys/hypervisor/type") != "xen")
        return fail("dom0", "no Xen runs below this kernel", "boot this machine with Xen");
    // xenfs may be missing; dom0's UUID is nil.
    if (read_attribute(root + "/sys/hypervisor/uuid") == "00000000-0000-0000-0000-000000000000")
        return ok("dom0", "this is Xen's first domain; xenfs is not mounted");
    return fail("dom0", "Xen runs, and this is not its control domain",
                "run pvhd in dom0; if this is dom0: mount -t xenfs xenfs /proc/xen");
}

std::optional<std::uint64_t> effective_capabilities(const std::string& root) {
    const std::string text = read_attribute(root + "/proc/self/status");
    constexpr std::string_view kKey = "\nCapEff:\t";
    const std::size_t at = text.find(kKey);
    if (at == std::string::npos) return std::nullopt;
    std::uint64_t set = 0;
    const char* begin = text.data() + at + kKey.size();
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), set, 16);
    if (error != std::errc{} || end == begin) return std::nullopt;
    return set;
}

Check check_rights(const std::string& root) {
    if (::geteuid() != 0)
        return fail("rights", fmt::format("uid {}", ::geteuid()), "Xen answers root alone");
    const auto capabilities = effective_capabilities(root);
    if (capabilities && (*capabilities >> CAP_NET_ADMIN & 1U) == 0)
        return warn("rights", "uid 0 without CAP_NET_ADMIN",
                    "interfaces cannot be added to bridges: allow it in pvhd's unit");
    return ok("rights", "uid 0");
}

// ---- devices of the kernel

struct XenDevice {
    const char* name;
    Status if_missing;
    const char* driver;
    const char* purpose;
};

// [drivers/xen/{privcmd,evtchn,gntdev,gntalloc}.c, xenbus/xenbus_dev_frontend.c]
constexpr XenDevice kXenDevices[] = {
    {"privcmd", Status::fail, "xen-privcmd", "every hypercall goes through it"},
    {"evtchn", Status::fail, "xen-evtchn", "xenstored and consoles need it"},
    {"gntdev", Status::fail, "xen-gntdev", "xenstored and consoles need it"},
    {"gntalloc", Status::warn, "xen-gntalloc", "programs that share memory with guests need it"},
    {"xenbus", Status::warn, "", "programs that find no socket of xenstored use it"},
};

/// The errno of opening it for reading and writing; 0 if that works.
int open_fault(const std::string& path) {
    const UniqueFd fd{::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK)};
    return fd ? 0 : errno;
}

std::string hint_for(const XenDevice& device, int error) {
    if (error == EACCES || error == EPERM)
        return fmt::format("{}; run this as root, and let pvhd's unit allow the device",
                           device.purpose);
    if (*device.driver == '\0') return device.purpose;
    return fmt::format("{}; modprobe {}", device.purpose, device.driver);
}

Check check_xen_device(const std::string& root, const XenDevice& device) {
    const std::string path = fmt::format("/dev/xen/{}", device.name);
    const int error = open_fault(root + path);
    if (error == 0) return ok(device.name, path + " can be opened");
    return {device.name, device.if_missing, fmt::format("open {}: {}", path, words_of(error)),
            hint_for(device, error)};
}

Check check_loop(const std::string& root) {
    const std::string path = "/dev/loop-control";
    const int error = open_fault(root + path);
    if (error == 0) return ok("loop", path + " can be opened");
    return warn("loop", fmt::format("open {}: {}", path, words_of(error)),
                "image files cannot be disks; modprobe loop");
}

Check check_backend(const std::string& root, const char* name, const char* kind, const char* driver,
                    const char* purpose) {
    if (exists(fmt::format("{}/sys/bus/xen-backend/drivers/{}", root, kind)))
        return ok(name, fmt::format("{} is in dom0's kernel", driver));
    return warn(name, fmt::format("dom0's kernel has no {}", driver),
                fmt::format("{} need it; modprobe {}", purpose, driver));
}

Check check_bridges(const std::string& root) {
    constexpr std::size_t kNamed = 5;
    const std::string folder = root + "/sys/class/net/";
    std::vector<std::string> bridges;
    for (const std::string& name : list_folder(folder))
        if (exists(folder + name + "/bridge")) bridges.push_back(name);
    if (bridges.empty())
        return warn("bridge", "there is no bridge",
                    "interfaces of guests need one: ip link add xenbr0 type bridge && "
                    "ip link set xenbr0 up");
    std::sort(bridges.begin(), bridges.end());
    const bool has_usual = std::binary_search(bridges.begin(), bridges.end(), "xenbr0");
    const std::size_t count = bridges.size();
    bridges.resize(std::min(count, kNamed));
    return ok("bridge", fmt::format("{}{}{}", fmt::join(bridges, ", "),
                                    count > kNamed ? fmt::format(" and {} more", count - kNamed)
                                                   : std::string{},
                                    has_usual ? "" : "; vifs without bridge= want xenbr0"));
}

Check check_qemu(const std::string& root) {
    for (const char* path : device::kQemuPrograms)
        if (::access((root + path).c_str(), X_OK) == 0) return ok("qemu", path);
    return warn("qemu", "dom0 has no QEMU for Xen",
                "images of qcow2, qcow, qed and vhd, and 9p file systems need it: "
                "apt install qemu-system-xen");
}

// ---- services

bool is_number(const std::string& text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Who owns it; nothing if it is not there.
std::optional<uid_t> owner_of(const std::string& path) {
    struct stat info {};

    if (::stat(path.c_str(), &info) != 0) return std::nullopt;
    return info.st_uid;
}

/// Names of root's processes: anybody may call himself so.
std::set<std::string> process_names(const std::string& root) {
    const std::string proc = root + "/proc";
    const auto roots = owner_of(proc);
    std::set<std::string> names;
    for (const std::string& entry : list_folder(proc)) {
        const std::string folder = proc + "/" + entry;
        if (is_number(entry) && owner_of(folder) == roots)
            names.insert(read_attribute(folder + "/comm"));
    }
    return names;
}

Check check_pvhconsoled(const HostView& host) {
    if (host.is_console_served) return ok("pvhconsoled", "it answers");
    return warn("pvhconsoled", "it does not answer",
                "consoles are xenconsoled's, nothing of them is kept, and there are no channels; "
                "start pvhconsoled");
}

Check check_xenconsoled(const HostView& host) {
    const std::string name = "xenconsoled";
    if (process_names(host.root).contains(name)) return ok(name, "it runs");
    if (host.is_console_served)
        return warn(name, "it is not seen",
                    "domains of xl have no consoles without it; start xenconsoled");
    return fail(name, "it is not seen, nor pvhconsoled: nobody serves consoles",
                "start pvhconsoled, or xenconsoled");
}

bool is_wanted(const std::string& root, const std::string& unit) {
    const std::string folder = root + "/etc/systemd/system/";
    const auto entries = list_folder(folder);
    return std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) {
        return entry.ends_with(".wants") && exists(folder + entry + "/" + unit);
    });
}

Check check_systemd(const std::string& root) {
    if (!exists(root + "/run/systemd/system"))
        return ok("systemd", "it does not run here: nothing to look at");
    if (!is_wanted(root, "pvhd.service"))
        return warn("systemd", "pvhd does not start with the host",
                    "docs/systemd.md: systemctl enable pvhd.service pvhconsoled.service "
                    "pvhd-domains.service");
    if (!is_wanted(root, "pvhd-domains.service"))
        return warn("systemd", "pvhd starts with the host, and pvhd-domains does not",
                    "domains are not shut down with the host, nor started with it: "
                    "systemctl enable pvhd-domains.service");
    return ok("systemd", "pvhd and pvhd-domains start with the host");
}

} // namespace

Checks check_host(const HostView& host) {
    Checks checks{check_dom0(host.root), check_rights(host.root)};
    for (const XenDevice& device : kXenDevices)
        checks.push_back(check_xen_device(host.root, device));
    checks.push_back(check_pvhconsoled(host));
    checks.push_back(check_xenconsoled(host));
    checks.push_back(check_loop(host.root));
    checks.push_back(check_backend(host.root, "blkback", "vbd", "xen-blkback", "disks"));
    checks.push_back(check_backend(host.root, "netback", "vif", "xen-netback", "interfaces"));
    checks.push_back(check_bridges(host.root));
    checks.push_back(check_qemu(host.root));
    checks.push_back(check_systemd(host.root));
    return checks;
}

std::string find_xenstored(const std::string& root) {
    const auto names = process_names(root);
    for (const char* name : {"oxenstored", "xenstored"})
        if (names.contains(name)) return name;
    return {};
}

Check check_xenstored_process(const std::string& root) {
    const std::string name = find_xenstored(root);
    if (!name.empty()) return ok("xenstored", name + " runs; it was not asked");
    return warn("xenstored", "none is seen among root's processes",
                "start xenstored, unless it has a domain of its own");
}

Check check_state_folder(const std::string& path) {
    constexpr std::uint64_t kLittle = 16ULL << 20;

    struct statvfs space {};

    if (::faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
        return fail("state_folder", fmt::format("write to {}: {}", path, words_of(errno)),
                    "no domain can be created while pvhd cannot write there");
    if (::statvfs(path.c_str(), &space) != 0)
        return fail("state_folder", fmt::format("look at {}: {}", path, words_of(errno)),
                    "state_dir in pvhd.conf(5) names another folder");
    if (space.f_blocks == 0)
        return ok("state_folder", path + " is writable"); // ramfs tells no size
    const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
    const std::string message =
        fmt::format("{} is writable, and has {} MiB free", path, free >> 20);
    if (free >= kLittle) return ok("state_folder", message);
    return warn("state_folder", message, "free some: a full disk keeps domains from being created");
}

} // namespace pvh::doctor
