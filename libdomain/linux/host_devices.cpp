// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"
#include "libdomain/device/hotplug_script.h"
#include "libdomain/device/qemu.h"
#include "libdomain/linux/block_device.h"
#include "libdomain/linux/link.h"
#include "libdomain/linux/open_host_devices.h"
#include "libdomain/linux/poll_until.h"
#include "libdomain/linux/qemu.h"
#include "libdomain/linux/run_script.h"
#include "libdomain/linux/sysfs.h"
#include "libdomain/linux/traffic.h"

#include <charconv>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

namespace pvh::host {

namespace {

using device::Address;
using device::parse_state;
using device::XenbusState;
using Milliseconds = std::chrono::milliseconds;

/// As xl.   [libxl_internal.h LIBXL_INIT_TIMEOUT]
constexpr Milliseconds kBackendLimit{10'000};

std::string bridge_folder(const std::string& bridge) {
    return "/sys/class/net/" + bridge;
}

unsigned mtu_of(const std::string& interface) {
    const std::string text = read_attribute("/sys/class/net/" + interface + "/mtu");
    unsigned mtu = 0;
    std::from_chars(text.data(), text.data() + text.size(), mtu);
    if (mtu == 0) throw Error{Errc::not_found, "the interface " + interface + " is gone"};
    return mtu;
}

/// Served in user space, by pvhconsoled.
bool is_channel(const Address& device) {
    return device.kind == "console";
}

std::string driver_of(const std::string& kind) {
    if (kind == "console") return "pvhconsoled";
    return kind == "vbd" ? "xen-blkback" : "xen-netback";
}

/// What is in the way of one that is served in user space is all that there is to say.
std::string hint_for(const Address& device) {
    if (is_channel(device)) return "";
    return device.backend == kDom0 ? "dom0's kernel log may say more: dmesg"
                                   : "its kernel log may say more";
}

/// Of a device that dom0 serves; there until its driver has let go of it.   [device_del]
std::string device_folder(const Address& device) {
    return fmt::format("/sys/devices/{}-{}-{}", device.kind, device.frontend.value(), device.id);
}

/// The loop device that a backend was given, as a folder in sysfs; empty if the disk is none.
std::string loop_behind(xen::Store& store, const Address& device) {
    const std::string path =
        store.read(backend_path(device) + "/physical-device-path").value_or("");
    if (!path.starts_with("/dev/loop")) return {};
    return "/sys/block/" + path.substr(std::string_view{"/dev/"}.size());
}

/// The loop device that xl's script made for a backend; it does not go by itself.
/// [tools/hotplug/Linux/block]
std::string loop_of_script(xen::Store& store, const Address& device) {
    if (!own_script(store, device).empty()) return {}; // that one does it itself
    std::string path = store.read(backend_path(device) + "/node").value_or("");
    return path.starts_with("/dev/loop") ? path : std::string{};
}

/// blkback opens the device after it has said that it waits for the guest.
bool has_opened_disk(xen::Store& store, const Address& device) {
    if (device.kind != "vbd" || device.backend != kDom0) return true;
    if (!store.read(backend_path(device) + "/physical-device")) return true; // has no medium
    return exists(device_folder(device) + "/physical_device");
}

/// For messages.
std::string backend_of(const Address& device) {
    return device.backend == kDom0 ? "dom0's " + driver_of(device.kind)
                                   : fmt::format("{}, its driver domain,", device.backend);
}

[[noreturn]] void fail(xen::Store& store, const Address& device) {
    const auto reason = store.read(error_path(device) + "/error");
    throw Error{Errc::device_failed,
                fmt::format("{} gave up: {}", backend_of(device),
                            plain_line(reason.value_or("it does not say why")))}
        .with_hint(hint_for(device));
}

/// A driver domain has an agent that removes the nodes once it has cleaned up: xl devd.
bool await_closed_elsewhere(xen::Store& store, const Address& device, Milliseconds limit) {
    constexpr Milliseconds kAgentLimit{10'000}; // as xl
    const auto state = [&] { return store.read(backend_path(device) + "/state"); };
    const auto is_closed = [&] {
        const auto text = state();
        return !text || parse_state(*text) == XenbusState::closed;
    };
    if (!poll_until(limit, is_closed)) return false;
    poll_until(kAgentLimit, [&] { return !state(); });
    return true;
}

class LinuxDevices final : public device::HostDevices {
  public:
    explicit LinuxDevices(std::function<bool()> is_console_served)
        : is_console_served_{std::move(is_console_served)} {}

    void require_backend(const std::string& kind) override {
        if (kind == "qdisk" || kind == "9pfs") return require_qemu();
        if (kind == "console") return require_console_service();
        if (exists("/sys/bus/xen-backend/drivers/" + kind)) return;
        const std::string driver = driver_of(kind);
        throw Error{Errc::unsupported, fmt::format("dom0's kernel has no {}", driver)}.with_hint(
            "modprobe " + driver);
    }

    std::unique_ptr<device::HeldDisk> hold_disk(const DiskSpec& disk) override {
        return open_block_device(disk);
    }

    std::vector<device::DiskUser> other_users(const device::HeldDisk& disk) override {
        const auto& device = dynamic_cast<const BlockDevice&>(disk);
        auto users = find_other_users(device);
        const auto more = find_qemu_users(device.medium());
        users.insert(users.end(), more.begin(), more.end());
        return users;
    }

    void require_directory(const std::string& path) override {
        struct stat info {};

        if (::stat(path.c_str(), &info) != 0) throw Error{Errc::not_found, "open " + path, errno};
        if (!S_ISDIR(info.st_mode)) throw Error{Errc::invalid_config, path + " is no directory"};
    }

    void require_bridge(const std::string& bridge) override {
        if (exists(bridge_folder(bridge) + "/bridge")) return;
        if (exists(bridge_folder(bridge)))
            throw Error{Errc::invalid_config, fmt::format("{} is no Linux bridge", bridge)};
        throw Error{Errc::not_found, fmt::format("there is no bridge {}", bridge)}.with_hint(
            fmt::format("ip link add {0} type bridge && ip link set {0} up, or name another with "
                        "bridge=",
                        bridge));
    }

    unsigned plug(const device::BridgePort& port) override {
        const unsigned mtu = port.mtu ? *port.mtu : mtu_of(port.bridge);
        change_link(port.interface, {.rename = port.name, .master = port.bridge, .mtu = mtu});
        return mtu;
    }

    void require_script(const std::string& path) override {
        if (::access(path.c_str(), X_OK) == 0) return;
        if (errno == EACCES)
            throw Error{Errc::permission_denied, "run the script " + path, EACCES}.with_hint(
                "chmod +x makes it a program");
        throw Error{Errc::not_found, "run the script " + path, errno}.with_hint(
            path.starts_with("/etc/xen/scripts/") ? "a name without a path is of /etc/xen/scripts"
                                                  : "");
    }

    device::ScriptEnd run_script(const device::ScriptCall& call) override {
        return host::run_script(call);
    }

    void end_script(const std::string& process) override { host::end_script(process); }

    device::QemuProcess start_qemu(DomId frontend) override { return host::start_qemu(frontend); }

    void await_qemu(xen::Store& store, const Address& device,
                    const device::QemuProcess& qemu) override {
        host::await_qemu(store, device, qemu, kBackendLimit);
    }

    std::optional<device::QemuProcess> find_qemu(DomId frontend) override {
        return host::find_qemu(frontend);
    }

    void end_qemu(DomId frontend) override { host::end_qemu(frontend); }

    void await_backend(xen::Store& store, const Address& device) override {
        const bool is_ready = poll_until(kBackendLimit, [&] {
            const auto text = store.read(backend_path(device) + "/state");
            const XenbusState state = text ? parse_state(*text) : XenbusState::unknown;
            if (state >= XenbusState::closing) fail(store, device);
            return state >= XenbusState::init_wait && has_opened_disk(store, device);
        });
        if (!is_ready && store.read(error_path(device) + "/error")) fail(store, device);
        if (!is_ready)
            throw Error{Errc::timeout,
                        fmt::format("{} did not take the device up in {} s", backend_of(device),
                                    kBackendLimit.count() / 1000)};
    }

    bool has_backend(const Address& device) override {
        if (device.backend != kDom0) return true; // as far as can be known from here
        if (is_served_by_qemu(device)) return host::find_qemu(device.frontend).has_value();
        return is_channel(device) ? is_console_served_()
                                  : exists(device_folder(device) + "/driver");
    }

    bool await_closed(xen::Store& store, const Address& device, Milliseconds limit) override {
        if (is_channel(device)) return await_closed_channel(store, device, limit);
        if (is_served_by_qemu(device)) return await_qemu_closed(store, device, limit);
        if (device.backend != kDom0) return await_closed_elsewhere(store, device, limit);
        const std::string loop = loop_behind(store, device);
        const std::string use =
            store.read(record_path(device) + "/" + device::kIdentityKey).value_or("");
        const std::string loop_of_xl = loop_of_script(store, device);
        const bool is_closed = poll_until(limit, [&] {
            // blkback gives its disk back only after the device is gone. Of a loop device that can
            // be seen.   [xen_blkif_deferred_free]
            return !exists(device_folder(device)) && (loop.empty() || is_given_up(loop, use));
        });
        if (is_closed && !loop_of_xl.empty()) release_loop(loop_of_xl);
        return is_closed;
    }

    device::Traffic traffic() override { return read_traffic(); }

  private:
    void require_console_service() const {
        if (is_console_served_()) return;
        throw Error{Errc::unsupported, "channels are served by pvhconsoled, which does not run"}
            .with_hint("start pvhconsoled, or remove channel to have the domain without");
    }

    static bool await_closed_channel(xen::Store& store, const Address& device, Milliseconds limit) {
        return poll_until(limit, [&] {
            const auto state = store.read(backend_path(device) + "/state");
            return !state || parse_state(*state) == XenbusState::closed;
        });
    }

    std::function<bool()> is_console_served_;
};

} // namespace

std::unique_ptr<device::HostDevices> open_host_devices(std::function<bool()> is_console_served) {
    return std::make_unique<LinuxDevices>(std::move(is_console_served));
}

} // namespace pvh::host
