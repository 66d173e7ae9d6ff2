// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/spec/device_rules.h"

#include "libdomain/spec/vdev.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include <fmt/ranges.h>

namespace pvh {

namespace {

constexpr std::size_t kMaxInterfaceName = 15; // IFNAMSIZ without its NUL
constexpr unsigned kLeastMtu = 68;            // IPv4's
constexpr unsigned kMostMtu = 65517; // netback's: 64 KiB less one, and a header with a VLAN tag
constexpr unsigned kMostDevid = 65535;
constexpr std::size_t kMaxChannelName = 255;
/// Linux tells consoles apart by the last digit of their number.   [drivers/tty/hvc/hvc_xen.c]
constexpr std::size_t kMostChannels = 9;
constexpr std::size_t kMaxSocketPath = 107; // unix(7), without the NUL

bool has_medium(const DiskSpec& disk) {
    return disk.format != DiskFormat::empty && !disk.target.empty();
}

void check_disk(const DiskSpec& disk, std::size_t item, std::vector<Violation>& out) {
    const auto complain = [&](std::string message, std::string hint = "") {
        out.push_back({"disk", std::move(message), std::move(hint), item});
    };
    if (!parse_vdev(disk.vdev))
        return complain(fmt::format("\"{}\" is no name of a disk", disk.vdev),
                        "want xvda, xvdb, ... or the like");
    if (!has_medium(disk)) {
        if (!disk.is_cdrom) complain(fmt::format("disk {} has no target", disk.vdev));
        return;
    }
    if (disk.target.find('\0') != std::string::npos)
        return complain(fmt::format("the target of disk {} holds a NUL byte", disk.vdev));
    if (disk.script.empty() && disk.target.front() != '/')
        return complain(
            fmt::format("the target of disk {} is no absolute path", disk.vdev),
            disk.target.find(':') == std::string::npos
                ? ""
                : "QEMU's backend opens files and block devices only: have dom0 connect "
                  "it (rbd map, nbd-client, iscsiadm) and name the device");
    if (!disk.script.empty() && server_of(disk) == DiskBackend::qdisk)
        complain(fmt::format("disk {} has a script, and QEMU serves it without one", disk.vdev),
                 "scripts are for format=raw and backendtype=phy");
    if (disk.format != DiskFormat::raw && disk.backend_type == DiskBackend::phy)
        complain(fmt::format("dom0's kernel does not read images of the format {}",
                             word_of(disk.format)),
                 "remove backendtype=phy: QEMU does");
}

void check_vdevs(const DomainSpec& spec, std::vector<Violation>& out) {
    std::map<std::uint32_t, std::size_t> seen;
    for (std::size_t i = 0; i < spec.disks.size(); ++i) {
        const auto number = parse_vdev(spec.disks[i].vdev);
        if (number && !seen.emplace(*number, i).second)
            out.push_back({"disk", vdev_clash(spec.disks[i].vdev, seen.at(*number)), "", i});
    }
}

bool is_same_backend(std::string_view a, std::string_view b) {
    return a == b || (is_dom0(a) && is_dom0(b));
}

/// A writable medium is one disk's.
void check_targets(const DomainSpec& spec, std::vector<Violation>& out) {
    for (std::size_t i = 0; i < spec.disks.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const DiskSpec& disk = spec.disks[i];
            const DiskSpec& other = spec.disks[j];
            if (!has_medium(disk) || disk.target != other.target || !disk.script.empty()) continue;
            if (!is_same_backend(disk.backend, other.backend) ||
                (disk.is_shared && other.is_shared))
                continue;
            if (!disk.is_writable && !other.is_writable) continue;
            out.push_back({"disk", fmt::format("{} is disk {}, too", disk.target, other.vdev),
                           "only read-only disks may share a medium: access=ro", i});
            break;
        }
}

/// As Linux takes them: a name is a file in /sys/class/net.   [net/core/dev.c dev_valid_name]
bool is_interface_name(std::string_view name) {
    return name.size() <= kMaxInterfaceName && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return c > ' ' && c < '\x7f' && c != '/' && c != ':' && c != '%';
           });
}

/// vifN.M, as netback names them.
bool is_netbacks_name(std::string_view name) {
    if (!name.starts_with("vif")) return false;
    name.remove_prefix(3);
    const std::size_t dot = name.find('.');
    const auto is_number = [](std::string_view text) {
        return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return dot != std::string_view::npos && is_number(name.substr(0, dot)) &&
           is_number(name.substr(dot + 1));
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Six octets, "00:16:3e:00:00:01".
bool is_mac(std::string_view text) {
    if (text.size() != 17) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (i % 3 == 2 ? text[i] != ':' : !is_hex(text[i])) return false;
    return true;
}

void check_nic(const NicSpec& nic, std::size_t item, std::vector<Violation>& out) {
    const auto complain = [&](std::string message, std::string hint = "") {
        out.push_back({"vif", std::move(message), std::move(hint), item});
    };
    if (!nic.mac.empty() && !is_mac(nic.mac))
        complain(fmt::format("\"{}\" is no MAC", nic.mac), "want 00:16:3e:xx:xx:xx");
    const auto require_name = [&](std::string_view key, const std::string& name) {
        if (!is_interface_name(name))
            complain(
                fmt::format("{} \"{}\" is no name of an interface", key, name),
                fmt::format("Linux takes {} bytes, without blanks, /, : and %", kMaxInterfaceName));
    };
    require_name("vifname", nic.vifname);
    // A script takes its own words, as vif-openvswitch does: "ovsbr0.100:200".
    if (nic.script.empty() && is_dom0(nic.backend)) {
        require_name("bridge", nic.bridge);
        require_name("gatewaydev", nic.gatewaydev);
    }
    for (const auto& [key, text] :
         {std::pair{"bridge", &nic.bridge}, {"gatewaydev", &nic.gatewaydev}})
        if (text->find('\0') != std::string::npos)
            complain(fmt::format("the {} holds a NUL byte", key));
    if (is_netbacks_name(nic.vifname))
        complain(fmt::format("vifname {} is one that dom0 gives interfaces itself", nic.vifname),
                 "choose another, or leave it out");
    if (nic.mtu && (*nic.mtu < kLeastMtu || *nic.mtu > kMostMtu))
        complain(fmt::format("mtu {} is out of range", *nic.mtu),
                 fmt::format("want {} to {}", kLeastMtu, kMostMtu));
    if (nic.devid && *nic.devid > kMostDevid)
        complain(fmt::format("devid {} is out of range", *nic.devid),
                 fmt::format("want 0 to {}", kMostDevid));
}

constexpr std::array<std::string_view, 5> kSecurityModels{"none", "passthrough", "mapped",
                                                          "mapped-xattr", "mapped-file"};

void check_p9(const DomainSpec& spec, std::size_t item, std::vector<Violation>& out) {
    const P9Spec& p9 = spec.p9[item];
    const auto complain = [&](std::string message, std::string hint = "") {
        out.push_back({"p9", std::move(message), std::move(hint), item});
    };
    const auto has_nul = [](const std::string& text) {
        return text.find('\0') != std::string::npos;
    };
    if (p9.tag.empty() || has_nul(p9.tag)) return complain("the tag is empty or holds a NUL byte");
    for (std::size_t i = 0; i < item; ++i)
        if (spec.p9[i].tag == p9.tag) complain(fmt::format("tag {} is given twice", p9.tag));
    if (p9.server != P9Server::qemu) return;
    if (p9.path.empty() || p9.path.front() != '/' || has_nul(p9.path))
        complain(fmt::format("the path of {} is no absolute path", p9.tag));
    if (std::find(kSecurityModels.begin(), kSecurityModels.end(), p9.security_model) ==
        kSecurityModels.end())
        complain(fmt::format("unknown security_model \"{}\" of {}", p9.security_model, p9.tag),
                 fmt::format("want {}", fmt::join(kSecurityModels, ", ")));
}

void check_devids(const DomainSpec& spec, std::vector<Violation>& out) {
    std::set<unsigned> seen;
    for (std::size_t i = 0; i < spec.nics.size(); ++i)
        if (spec.nics[i].devid && !seen.insert(*spec.nics[i].devid).second)
            out.push_back(
                {"vif", fmt::format("devid {} is given twice", *spec.nics[i].devid), "", i});
}

/// What tells interfaces apart, in dom0 and on a bridge.
void check_nic_names(const DomainSpec& spec, std::vector<Violation>& out) {
    for (std::size_t i = 0; i < spec.nics.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const NicSpec& nic = spec.nics[i];
            const NicSpec& other = spec.nics[j];
            if (!nic.vifname.empty() && nic.vifname == other.vifname)
                out.push_back(
                    {"vif", fmt::format("vifname {} is given twice", nic.vifname), "", i});
            if (!nic.mac.empty() && is_same_mac(nic.mac, other.mac) && nic.bridge == other.bridge)
                out.push_back({"vif", fmt::format("mac {} is given twice on one bridge", nic.mac),
                               "leave it out to have one that follows from the UUID", i});
        }
}

bool has_control_byte(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

void check_channel(const ChannelSpec& channel, std::size_t item, std::vector<Violation>& out) {
    const auto complain = [&](std::string message, std::string hint = "") {
        out.push_back({"channel", std::move(message), std::move(hint), item});
    };
    if (channel.name.empty())
        return complain("a channel has no name",
                        "add name=...: by it the guest's programs know the channel");
    if (channel.name.size() > kMaxChannelName || has_control_byte(channel.name))
        return complain(
            fmt::format("the name of a channel has {} bytes, or control bytes",
                        channel.name.size()),
            fmt::format("want 1 to {} bytes, none of them below a blank", kMaxChannelName));
    if (channel.connection == ChannelConnection::pty) {
        if (!channel.path.empty())
            complain(fmt::format("channel {} is a pty, and has a path", channel.name),
                     "remove path=, or want connection=socket; pvhctl channel-list shows the "
                     "pseudo-terminal that it has");
        return;
    }
    if (channel.path.empty() || channel.path.front() != '/' || has_control_byte(channel.path))
        complain(fmt::format("the path \"{}\" of channel {} is no absolute path of a socket",
                             channel.path, channel.name),
                 "want path=/...");
    else if (channel.path.size() > kMaxSocketPath)
        complain(
            fmt::format("the path of channel {} has {} bytes", channel.name, channel.path.size()),
            fmt::format("a socket's may have {}", kMaxSocketPath));
}

/// What tells channels apart, in the guest and in dom0.
void check_channel_names(const std::vector<ChannelSpec>& channels, std::vector<Violation>& out) {
    for (std::size_t i = 0; i < channels.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const ChannelSpec& channel = channels[i];
            if (channel.name == channels[j].name && !channel.name.empty())
                out.push_back(
                    {"channel", fmt::format("the name {} is given twice", channel.name), "", i});
            if (channel.path == channels[j].path && !channel.path.empty())
                out.push_back({"channel",
                               fmt::format("{} is the path of channel {}, too", channel.path,
                                           channels[j].name),
                               "each has a socket of its own", i});
        }
}

void check_channels(const std::vector<ChannelSpec>& channels, std::vector<Violation>& out) {
    for (std::size_t i = 0; i < channels.size(); ++i)
        check_channel(channels[i], i, out);
    check_channel_names(channels, out);
    if (channels.size() > kMostChannels)
        out.push_back({"channel", fmt::format("there are {} channels", channels.size()),
                       fmt::format("a guest can tell {} apart", kMostChannels), kMostChannels});
}

Unsupported lack(std::string message, std::string hint) {
    return {std::move(message), std::move(hint)};
}

} // namespace

bool is_same_mac(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

bool is_dom0(std::string_view backend) {
    return backend.empty() || backend == "0" || backend == "Domain-0";
}

void check_devices(const DomainSpec& spec, std::vector<Violation>& out) {
    for (std::size_t i = 0; i < spec.disks.size(); ++i)
        check_disk(spec.disks[i], i, out);
    check_vdevs(spec, out);
    check_targets(spec, out);
    for (std::size_t i = 0; i < spec.nics.size(); ++i)
        check_nic(spec.nics[i], i, out);
    for (std::size_t i = 0; i < spec.p9.size(); ++i)
        check_p9(spec, i, out);
    check_devids(spec, out);
    check_nic_names(spec, out);
    check_channels(spec.channels, out);
}

DiskBackend server_of(const DiskSpec& disk) {
    if (disk.backend_type != DiskBackend::automatic) return disk.backend_type;
    const bool is_container = has_medium(disk) && disk.format != DiskFormat::raw;
    return is_container ? DiskBackend::qdisk : DiskBackend::phy;
}

bool needs_qemu(const DomainSpec& spec) {
    return !spec.p9.empty() ||
           std::any_of(spec.disks.begin(), spec.disks.end(), [](const DiskSpec& disk) {
               return is_dom0(disk.backend) && server_of(disk) == DiskBackend::qdisk;
           });
}

std::optional<Unsupported> unsupported_in(const DiskSpec& disk) {
    if (disk.backend_type == DiskBackend::tap || disk.backend_type == DiskBackend::standalone)
        return lack(fmt::format("backendtype={} is not supported", word_of(disk.backend_type)),
                    "remove it: dom0's kernel serves files and block devices, QEMU other formats");
    // It opens the file as it is told, and the format in it for writing: "Block node is read-only".
    // [qemu hw/block/xen-block.c xen_block_drive_create, 4.0 to 10]
    if (server_of(disk) == DiskBackend::qdisk && has_medium(disk) && !disk.is_writable)
        return lack("QEMU's backend cannot serve an image read-only",
                    "make it writable, or convert it for dom0's kernel: qemu-img convert -O raw");
    return std::nullopt;
}

std::optional<Unsupported> unsupported_in(const P9Spec& p9) {
    if (!is_dom0(p9.backend))
        return lack("file systems by driver domains are not supported yet", "remove backend=");
    if (p9.server != P9Server::qemu)
        return lack(fmt::format("type={} is not supported yet", word_of(p9.server)),
                    "remove it: QEMU serves the file system");
    return std::nullopt;
}

std::optional<Unsupported> unsupported_in(const NicSpec& nic) {
    if (!nic.vlan.empty()) return lack("vlan= is not supported yet", "name a bridge on that VLAN");
    return std::nullopt;
}

std::optional<Unsupported> unsupported_in(const ChannelSpec& channel) {
    if (!is_dom0(channel.backend))
        return lack("driver domains are not supported yet", "remove backend=");
    return std::nullopt;
}

} // namespace pvh
