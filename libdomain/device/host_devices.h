// SPDX-License-Identifier: LGPL-2.1-or-later
// What devices need of dom0's kernel, apart from Xen: block devices, bridges, backend drivers.
#pragma once

#include "libdomain/core/unique_handle.h"
#include "libdomain/device/address.h"
#include "libdomain/spec/device_spec.h"
#include "libdomain/xen/store.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pvh::device {

/// The block device that a disk is, open: a loop device stays only while somebody holds it, and its
/// backend does from some point on. Nothing of it is left if pvhd dies in between.
class HeldDisk {
  public:
    HeldDisk() = default;
    HeldDisk(const HeldDisk&) = delete;
    HeldDisk& operator=(const HeldDisk&) = delete;
    virtual ~HeldDisk() = default;

    /// Of the block device, e.g. "/dev/loop0"; of an image, its own.
    [[nodiscard]] virtual std::string path() const = 0;
    /// The block device's number, as blkback reads it: "7:0", both in hexadecimal.
    [[nodiscard]] virtual std::string number() const = 0;
    /// What its host can tell by that somebody has it still.
    [[nodiscard]] virtual std::string identity() const = 0;
};

/// On a disk's record: what it was held by. Backends give it back after they have said that the
/// device is closed; by then its path may lead to a storage that does not answer, and its loop
/// device may be another's.
inline constexpr const char* kIdentityKey = "pvhd-disk";

/// Somebody who has the same medium.
struct DiskUser {
    std::optional<DomId> domain; // absent: dom0 itself
    bool is_writable{};
};

struct BridgePort {
    std::string interface; // as netback names it: "vif7.0"
    std::string name;      // empty: that stays its name
    std::string bridge;
    std::optional<unsigned> mtu; // absent: the bridge's
};

/// A program to run, and how long it may take.
struct ScriptCall {
    std::vector<std::string> arguments;                           // the first is its path
    std::vector<std::pair<std::string, std::string>> environment; // beside PATH
    std::chrono::milliseconds limit;
    /// Told, once it runs, what end_script() knows it by. If this throws it is ended.
    std::function<void(const std::string& process)> on_start{};
};

struct ScriptEnd {
    std::string fault;  // "ended with status 1"; empty if it ended well
    std::string output; // the last of what it printed, without the line's end
    bool is_late{};     // and was killed
};

/// The QEMU that serves some devices of a domain.
struct QemuProcess {
    UniqueFd process; // a pidfd: readable once it has ended
    UniqueFd output;  // what it prints, as far as that fits into a pipe; never blocks
    int pid{};
};

/// What dom0's kernel has counted of a disk; sectors are of 512 bytes.   [blkback/xenbus.c
/// VBD_SHOW]
struct DiskTraffic {
    DomId frontend;
    unsigned id{};
    std::uint64_t read_requests{}, write_requests{}, flush_requests{}, discard_requests{};
    std::uint64_t read_sectors{}, written_sectors{};
    std::uint64_t starved{}; // times that blkback had no room for a request
};

/// Of an interface, as the guest sees it: what dom0's end has sent, the guest has received.
struct NicTraffic {
    DomId frontend;
    unsigned id{};
    std::uint64_t received_bytes{}, received_packets{};
    std::uint64_t sent_bytes{}, sent_packets{};
};

struct Traffic {
    std::vector<DiskTraffic> disks;
    std::vector<NicTraffic> nics;
};

/// Methods throw Error with what the kernel says, and a hint. Used by several threads at once.
class HostDevices {
  public:
    HostDevices() = default;
    HostDevices(const HostDevices&) = delete;
    HostDevices& operator=(const HostDevices&) = delete;
    virtual ~HostDevices() = default;

    /// Throws unless dom0 has what serves devices of that kind: a driver of its kernel, or QEMU.
    virtual void require_backend(const std::string& kind) = 0;

    /// Opens a block device, or makes one of a regular file; or opens an image for QEMU.
    virtual std::unique_ptr<HeldDisk> hold_disk(const DiskSpec& disk) = 0;
    /// Who else has it now: guests through backends in dom0, and loop devices of dom0's own.
    virtual std::vector<DiskUser> other_users(const HeldDisk& disk) = 0;

    /// Throws unless there is such a directory.
    virtual void require_directory(const std::string& path) = 0;

    virtual void require_bridge(const std::string& bridge) = 0;
    /// Names an interface, adds it to its bridge, brings it up. Returns its MTU.
    virtual unsigned plug(const BridgePort& port) = 0;

    /// Throws unless there is such a program.
    virtual void require_script(const std::string& path) = 0;
    /// Runs it to its end. Throws if it cannot be started.
    virtual ScriptEnd run_script(const ScriptCall& call) = 0;
    /// Ends one that has outlived who started it; nothing if it has ended. Bounded.
    virtual void end_script(const std::string& process) = 0;

    /// Starts the QEMU that serves a domain's devices, unless it runs; of one that does, what it
    /// printed until now is forgotten. It outlives pvhd.
    virtual QemuProcess start_qemu(DomId frontend) = 0;
    /// Waits until it waits for the guest with this device. Throws with what it printed if it
    /// cannot serve the device, or ends. Bounded.
    virtual void await_qemu(xen::Store& store, const Address& device, const QemuProcess& qemu) = 0;
    /// Nothing if none runs.
    virtual std::optional<QemuProcess> find_qemu(DomId frontend) = 0;
    /// Ends it, and with it whatever it has open. Bounded.
    virtual void end_qemu(DomId frontend) = 0;

    /// Waits until dom0's backend has all it needs but the guest: it has opened its disk, or made
    /// its interface. Bounded.
    virtual void await_backend(xen::Store& store, const Address& device) = 0;
    /// Whether a driver in dom0 has taken the device up, and has it still; or QEMU runs.
    virtual bool has_backend(const Address& device) = 0;
    /// Waits until a backend whose frontend is gone has let go of everything; false if it did not
    /// in this time.
    virtual bool await_closed(xen::Store& store, const Address& device,
                              std::chrono::milliseconds limit) = 0;

    /// Of all devices that dom0's kernel serves now.
    virtual Traffic traffic() = 0;
};

} // namespace pvh::device
