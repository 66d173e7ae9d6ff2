// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/qemu.h"

#include "libdomain/device/store_node.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace pvh::device {

namespace {

/// Ours. The place of its number would not do before there is one: xl sends a signal to whatever it
/// reads there.   [libxl_dm.c kill_device_model]
std::string qemu_mark_path(DomId frontend) {
    return record_path(frontend) + "/pvhd-qemu";
}

} // namespace

bool is_served_by_qemu(const Address& device) {
    return device.backend == kDom0 && (device.kind == "qdisk" || device.kind == "9pfs");
}

std::vector<std::string> qemu_arguments(const std::string& program, DomId frontend) {
    const std::string domid = fmt::format("{}", frontend.value());
    return {program,       "-xen-domid",      domid,      "-xen-attach",
            "-name",       "domain-" + domid, "-machine", "xenpv",
            "-nodefaults", "-no-user-config", "-display", "none"};
}

bool is_qemu(std::string_view program) {
    const std::size_t name = program.rfind('/') + 1;
    return program.find("qemu-system-", name) != std::string_view::npos;
}

bool is_roots(std::string_view status) {
    return status.find("\nUid:\t0\t0\t0\t0\n") != std::string_view::npos;
}

std::optional<DomId> served_by(const std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments.front().find("qemu") == std::string::npos)
        return std::nullopt;
    const auto option = std::find(arguments.begin(), arguments.end(), "-xen-domid");
    if (option == arguments.end() || option + 1 == arguments.end()) return std::nullopt;
    const std::string& text = *(option + 1);
    std::uint16_t domid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), domid);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return DomId{domid};
}

std::string qemu_pid_path(DomId frontend) {
    return domain_path(frontend) + "/image/device-model-pid";
}

std::string qemu_notes_path(DomId frontend) {
    return fmt::format("{}/device-model/{}", domain_path(kDom0), frontend.value());
}

std::optional<std::string> failure_in(std::string_view output, const Address& device) {
    const std::size_t mark =
        output.find(fmt::format("failed to create '{}' device '{}'", device.kind, device.id));
    if (mark == std::string_view::npos) return std::nullopt;
    std::string_view line = output.substr(mark);
    line = line.substr(0, line.find('\n'));
    const std::size_t reason = line.find("': ");
    return std::string{reason == std::string_view::npos ? line : line.substr(reason + 3)};
}

QemuProcess start_qemu(HostDevices& host, xen::Store& store, DomId frontend) {
    store.write(qemu_mark_path(frontend), "");
    QemuProcess qemu = host.start_qemu(frontend);
    store.write(qemu_pid_path(frontend), fmt::format("{}", qemu.pid));
    return qemu;
}

bool has_qemu(xen::Store& store, DomId frontend) {
    return store.read(qemu_mark_path(frontend)) || store.read(qemu_pid_path(frontend));
}

void stop_qemu(HostDevices& host, xen::Store& store, DomId frontend) {
    host.end_qemu(frontend);
    forget_qemu(store, frontend);
}

void forget_qemu(xen::Store& store, DomId frontend) {
    store.remove(qemu_pid_path(frontend));
    store.remove(qemu_notes_path(frontend));
    store.remove(qemu_mark_path(frontend));
}

} // namespace pvh::device
