// SPDX-License-Identifier: LGPL-2.1-or-later
// Paravirtual devices as their owner asks for them.
#pragma once

#include "libdomain/core/uuid.h"
#include "libdomain/spec/words.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace pvh {

enum class DiskFormat : std::uint8_t { raw, qcow, qcow2, qed, vhd, empty };

template <>
inline constexpr std::array<std::string_view, 6> kWords<DiskFormat>{"raw", "qcow", "qcow2",
                                                                    "qed", "vhd",  "empty"};

/// What serves a disk. `automatic`: chosen by format and target when it is attached.
enum class DiskBackend : std::uint8_t { automatic, phy, qdisk, tap, standalone };

template <>
inline constexpr std::array<std::string_view, 5> kWords<DiskBackend>{"automatic", "phy", "qdisk",
                                                                     "tap", "standalone"};

/// [docs/man/xl-disk-configuration.5]
struct DiskSpec {
    std::string target = {}; // a path, or what the script takes; empty: no medium
    DiskFormat format = DiskFormat::raw;
    std::string vdev = {}; // as the guest names it, e.g. "xvda"
    bool is_writable = true;
    bool is_shared = false;   // whoever else has it
    bool is_cdrom = false;    // a read-only disk with a removable medium: a PVH guest has no drives
    std::string backend = {}; // name or number of the backend domain; empty: dom0
    DiskBackend backend_type = DiskBackend::automatic;
    std::string script = {}; // empty: none
    std::optional<bool> discard = {};
    bool is_direct_io_safe = false;
    std::optional<bool> is_trusted = {};
    std::optional<bool> uses_grants = {}; // grant_usage=

    friend bool operator==(const DiskSpec&, const DiskSpec&) = default;
};

struct RateLimit {
    std::uint64_t bytes_per_interval{};
    std::uint32_t interval_us{};

    friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

/// [docs/man/xl-network-configuration.5]
struct NicSpec {
    std::string mac = {}; // "00:16:3e:xx:xx:xx"; empty: derived from the UUID
    std::string bridge = {};
    std::string script = {};
    std::string ip = {}; // for the script
    std::string vifname = {};
    std::string gatewaydev = {};
    std::string backend = {}; // name or number of the backend domain; empty: dom0
    std::string vlan = {};
    std::optional<RateLimit> rate = {};
    std::optional<unsigned> mtu = {};
    std::optional<unsigned> devid = {};
    std::optional<bool> is_trusted = {};

    friend bool operator==(const NicSpec&, const NicSpec&) = default;
};

enum class ChannelConnection : std::uint8_t { pty, socket };

template <>
inline constexpr std::array<std::string_view, 2> kWords<ChannelConnection>{"pty", "socket"};

/// [docs/man/xen-pv-channel.7]
struct ChannelSpec {
    ChannelConnection connection{};
    std::string name = {};
    std::string path = {}; // of a socket
    std::string backend = {};

    friend bool operator==(const ChannelSpec&, const ChannelSpec&) = default;
};

enum class P9Server : std::uint8_t { qemu, xen_9pfsd };

template <> inline constexpr std::array<std::string_view, 2> kWords<P9Server>{"qemu", "xen_9pfsd"};

struct P9Spec {
    std::string tag = {};
    std::string path = {};
    std::string security_model = {}; // "none"
    std::string backend = {};
    P9Server server = P9Server::qemu;
    std::optional<unsigned> max_files = {};
    std::optional<unsigned> max_open_files = {};
    std::optional<std::uint64_t> max_space_mib = {};
    std::optional<bool> auto_delete = {};

    friend bool operator==(const P9Spec&, const P9Spec&) = default;
};

struct VtpmSpec {
    std::string backend = {};
    std::optional<Uuid> uuid = {};

    friend bool operator==(const VtpmSpec&, const VtpmSpec&) = default;
};

} // namespace pvh
