// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"
#include "libdomain/device/qemu.h"
#include "tests/fake/fake_xen.h"

#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>

namespace pvh::fake {

namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

[[noreturn]] void broken(const std::string& rule) {
    throw std::logic_error{"fake dom0: " + rule};
}

class FakeDisk final : public device::HeldDisk {
  public:
    FakeDisk(FakeXen& xen, std::string file) : xen_{xen}, file_{std::move(file)} {
        xen_.held_files.insert(file_);
    }

    FakeDisk(const FakeDisk&) = delete;
    FakeDisk& operator=(const FakeDisk&) = delete;

    ~FakeDisk() override {
        const Lock lock{xen_.mutex};
        xen_.held_files.erase(xen_.held_files.find(file_));
    }

    [[nodiscard]] std::string path() const override { return file_; }

    [[nodiscard]] std::string number() const override { return "7:0"; }

    [[nodiscard]] std::string identity() const override { return "8:1/42"; }

  private:
    FakeXen& xen_;
    std::string file_;
};

std::string value_of(const FakeXen& xen, const std::string& path) {
    const auto node = xen.nodes.find(path);
    return node == xen.nodes.end() ? std::string{} : node->second.value;
}

} // namespace

void FakeHostDevices::require_backend(const std::string& kind) {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.require_backend " + kind);
}

std::unique_ptr<device::HeldDisk> FakeHostDevices::hold_disk(const DiskSpec& disk) {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.hold_disk " + disk.target);
    if (!xen_.files.contains(disk.target))
        throw Error{Errc::not_found, "open " + disk.target, ENOENT};
    return std::make_unique<FakeDisk>(xen_, disk.target);
}

std::vector<device::DiskUser> FakeHostDevices::other_users(const device::HeldDisk& disk) {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.other_users " + disk.path());
    const auto user = xen_.served_files.find(disk.path());
    if (user == xen_.served_files.end()) return {};
    return {user->second};
}

void FakeHostDevices::require_directory(const std::string& path) {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.require_directory " + path);
    if (!xen_.files.contains(path)) throw Error{Errc::not_found, "open " + path, ENOENT};
}

device::QemuProcess FakeHostDevices::start_qemu(DomId frontend) {
    const Lock lock{xen_.mutex};
    xen_.enter(fmt::format("devices.start_qemu {}", frontend));
    xen_.qemus.insert(frontend);
    return process_of(frontend);
}

device::QemuProcess FakeHostDevices::process_of(DomId frontend) {
    UniqueFd& end = xen_.qemu_ends[frontend];
    if (!end) end = UniqueFd{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    return {.process = UniqueFd{::fcntl(end.get(), F_DUPFD_CLOEXEC, 0)}, .output = {}, .pid = 4711};
}

void FakeXen::kill_qemu(DomId frontend) {
    const Lock lock{mutex};
    qemus.erase(frontend);
    const UniqueFd end = std::move(qemu_ends[frontend]);
    qemu_ends.erase(frontend);
    if (end) ::eventfd_write(end.get(), 1);
}

void FakeHostDevices::await_qemu(xen::Store& store, const device::Address& device,
                                 const device::QemuProcess& /*qemu*/) {
    const Lock lock{xen_.mutex};
    if (!xen_.qemus.contains(device.frontend))
        broken(backend_path(device) + " is waited for without a QEMU");
    await_backend(store, device);
}

std::optional<device::QemuProcess> FakeHostDevices::find_qemu(DomId frontend) {
    const Lock lock{xen_.mutex};
    xen_.enter(fmt::format("devices.find_qemu {}", frontend));
    if (!xen_.qemus.contains(frontend)) return std::nullopt;
    return process_of(frontend);
}

void FakeHostDevices::end_qemu(DomId frontend) {
    const Lock lock{xen_.mutex};
    xen_.enter(fmt::format("devices.end_qemu {}", frontend));
    xen_.kill_qemu(frontend);
}

void FakeHostDevices::require_bridge(const std::string& bridge) {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.require_bridge " + bridge);
    if (!xen_.bridges.contains(bridge))
        throw Error{Errc::not_found, "there is no bridge " + bridge};
}

unsigned FakeHostDevices::plug(const device::BridgePort& port) {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.plug " + port.interface);
    xen_.ports[port.interface] = port;
    return port.mtu.value_or(9000);
}

void FakeHostDevices::require_script(const std::string& path) {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.require_script " + path);
    if (!xen_.files.contains(path)) throw Error{Errc::not_found, "there is no script " + path};
}

device::ScriptEnd FakeHostDevices::run_script(const device::ScriptCall& call) {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.run_script " + call.arguments.at(0) + " " + call.arguments.at(1));
    if (call.on_start) call.on_start("17 42");
    return xen_.script ? xen_.script(call) : device::ScriptEnd{};
}

void FakeHostDevices::end_script(const std::string& process) {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.end_script " + process);
}

void FakeHostDevices::await_backend(xen::Store& /*store*/, const device::Address& device) {
    const Lock lock{xen_.mutex};
    const std::string backend = backend_path(device);
    xen_.enter("devices.await_backend " + backend);
    if (xen_.backends_hang) throw Error{Errc::timeout, backend + " did not take the device up"};
    const std::string state = value_of(xen_, backend + "/state"); // 2: again, after its script
    if (state != "1" && state != "2") broken(backend + " does not begin in state 1");
    if (value_of(xen_, backend + "/frontend") != frontend_path(device))
        broken(backend + " names another frontend");
    xen_.nodes.at(backend + "/state").value = "2";
    if (device.kind == "vbd")
        xen_.served_files[value_of(xen_, backend + "/params")] = {
            device.frontend, value_of(xen_, backend + "/mode") == "w"};
}

bool FakeHostDevices::has_backend(const device::Address& device) {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.has_backend " + backend_path(device));
    return xen_.nodes.contains(backend_path(device) + "/state");
}

bool FakeHostDevices::await_closed(xen::Store& /*store*/, const device::Address& device,
                                   std::chrono::milliseconds /*limit*/) {
    const Lock lock{xen_.mutex};
    const std::string backend = backend_path(device);
    xen_.enter("devices.await_closed " + backend);
    if (xen_.backends_hang) return false;
    if (!xen_.nodes.contains(backend + "/state")) return true;
    const std::string state = value_of(xen_, backend + "/state");
    if ((state != "5" && state != "6") || value_of(xen_, backend + "/online") != "0")
        broken(backend + " was not told to close");
    if (xen_.nodes.contains(frontend_path(device)) && !xen_.guests_answer) return false;
    if (xen_.held_files.contains(value_of(xen_, backend + "/params")))
        broken(backend + " is waited for while pvhd itself holds its disk");
    xen_.served_files.erase(value_of(xen_, backend + "/params"));
    xen_.ports.erase(interface_of(device));
    return true;
}

device::Traffic FakeHostDevices::traffic() {
    const Lock lock{xen_.mutex};
    xen_.enter("devices.traffic");
    return xen_.traffic;
}

} // namespace pvh::fake
