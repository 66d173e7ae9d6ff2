// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/devices/readers.h"
#include "config/options/chapters.h"

#include <array>

namespace pvh::config {

namespace {

using enum Shape;

constexpr std::string_view kNoDevices =
    "this release attaches no devices but disks, interfaces and channels";
constexpr std::string_view kNoPci = "PCI passthrough is not supported for x86 PVH guests";

/// A list of devices that a later release attaches.
constexpr Option device(std::string_view key, void (*read)(SpecReader&), std::string_view summary,
                        std::string_view since = {}) {
    return {.key = key,
            .chapter = Chapter::devices,
            .shape = strings,
            .status = Status::not_yet_needed,
            .read = read,
            .since = since,
            .why = kNoDevices,
            .summary = summary};
}

constexpr std::array kOptions{
    Option{.key = "disk",
           .chapter = Chapter::devices,
           .shape = strings,
           .read = read_disks,
           .summary =
               "Disks: \"target,format,vdev,access\" or key=value, as in xl-disk-configuration(5). "
               "The target is a block device or a raw image file; target= takes the rest of the "
               "text, so it stands last. Used: format=raw, vdev, access, devtype=cdrom, "
               "direct-io-safe, discard, trusted, script: a program that is called as xl calls "
               "it, for at most 40 s; without one none is run. Refused for now: other formats, "
               "backend, backendtype other than phy."},
    Option{
        .key = "vif",
        .chapter = Chapter::devices,
        .shape = strings,
        .read = read_nics,
        .summary =
            "Network interfaces, ports of a bridge in dom0: key=value, as in "
            "xl-network-configuration(5). Used: bridge (default: xenbr0), mac (default: one "
            "that follows from the domain's UUID), vifname, mtu, rate, devid, trusted, and script "
            "with ip and gatewaydev for it: a program that is called as xl calls it, for at "
            "most 40 s; script=vif-bridge is what is done without one. Refused for now: "
            "backend and vlan. Without effect: model, accel."},
    Option{.key = "channel",
           .chapter = Chapter::devices,
           .shape = strings,
           .read = read_channels,
           .summary =
               "Consoles for programs, /dev/hvc1 and so on in a Linux guest: key=value, as in "
               "xen-pv-channel(7). connection=pty gives each a pseudo-terminal, which pvhctl "
               "channel-list shows; connection=socket a Unix socket of root's at path, in a folder "
               "that is there, for one client at a time. name tells the guest which it is, and "
               "is needed. Served by pvhconsoled, which has to run. Refused for now: backend."},
    device("p9", read_p9, "9p file systems: tag, path, security_model, backend."),
    device("vtpm", read_vtpms, "Virtual TPMs: backend, uuid."),
    device("vfb", check_vfb, "Frame buffers."),
    device("vkb", check_vkb, "Keyboards and pointers."),
    device("pvcalls", check_pvcalls, "Sockets in the backend domain."),
    device("usbctrl", check_usbctrl, "USB controllers."),
    device("usbdev", check_usbdev, "USB devices of the host."),
    device("vdispl", nullptr, "Displays."),
    device("virtio", nullptr, "Virtio devices.", "4.18"),
    Option{.key = "vsnd",
           .chapter = Chapter::devices,
           .shape = lists,
           .status = Status::not_yet_needed,
           .why = kNoDevices,
           .summary = "Sound cards."},
    Option{.key = "pci",
           .chapter = Chapter::devices,
           .shape = strings,
           .status = Status::refused,
           .why = kNoPci,
           .summary = "PCI devices of the host; no PVH domain can have them."},
    Option{.key = "passthrough",
           .chapter = Chapter::devices,
           .shape = string,
           .status = Status::refused,
           .default_text = "disabled",
           .why = kNoPci,
           .summary = "Use of the IOMMU for devices of the host."},
};

} // namespace

std::span<const Option> device_options() {
    return kOptions;
}

} // namespace pvh::config
