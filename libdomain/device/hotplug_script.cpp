// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/hotplug_script.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"

#include <fmt/format.h>

namespace pvh::device {

namespace {

/// [libxl_internal.h LIBXL_HOTPLUG_TIMEOUT]
constexpr std::chrono::seconds kScriptLimit{40};

std::string verb(const Address& device, ScriptAction action) {
    if (device.kind == "vif") return action == ScriptAction::add ? "online" : "offline";
    return action == ScriptAction::add ? "add" : "remove";
}

ScriptCall call_of(xen::Store& store, const Address& device, const std::string& path,
                   ScriptAction action) {
    ScriptCall call{
        .arguments = {path, verb(device, action)},
        .environment = {{"script", path},
                        {"XENBUS_TYPE", device.kind},
                        {"XENBUS_PATH", fmt::format("backend/{}/{}/{}", device.kind,
                                                    device.frontend.value(), device.id)},
                        {"XENBUS_BASE_PATH", "backend"}},
        .limit = kScriptLimit};
    if (device.kind == "vif") {
        call.arguments.emplace_back("type_if=vif");
        call.environment.emplace_back(
            "netdev", store.read(backend_path(device) + "/gatewaydev").value_or(""));
        call.environment.emplace_back("vif", interface_of(device));
    }
    return call;
}

/// Scripts leave their reason in the store; others just print it.   [xen-hotplug-common.sh fatal]
std::string reason_of(xen::Store& store, const Address& device, const ScriptEnd& end) {
    std::string reason = store.read(backend_path(device) + "/hotplug-error").value_or("");
    if (reason.empty()) reason = end.output;
    return reason.empty() ? "it does not say why" : reason;
}

/// Of a script that runs: it outlives a pvhd that is killed.
std::string note_path(const Address& device) {
    return record_path(device) + "/pvhd-script";
}

/// Two of them on one device would undo each other.
void end_former_script(HostDevices& host, xen::Store& store, const Address& device) {
    const auto process = store.read(note_path(device));
    if (!process) return;
    log::warn("{}: a script of a pvhd that has ended may run still: ending it",
              record_path(device));
    host.end_script(*process);
}

} // namespace

std::string path_of_script(const std::string& script, std::string_view kind) {
    if (script.empty()) return {};
    std::string path = script.starts_with('/') ? script : "/etc/xen/scripts/" + script;
    return path == default_script(kind) ? std::string{} : path;
}

std::string_view default_script(std::string_view kind) {
    return kind == "vif" ? "/etc/xen/scripts/vif-bridge" : "/etc/xen/scripts/block";
}

std::string own_script(xen::Store& store, const Address& device) {
    std::string script = store.read(record_path(device) + "/script").value_or("");
    return script == default_script(device.kind) ? std::string{} : script;
}

void run_script(HostDevices& host, xen::Store& store, const Address& device,
                const std::string& path, ScriptAction action) {
    end_former_script(host, store, device);
    ScriptCall call = call_of(store, device, path, action);
    call.on_start = [&](const std::string& process) {
        if (store.list(record_path(device))) store.write(note_path(device), process);
    };
    const ScriptEnd end = host.run_script(call);
    store.remove(note_path(device));
    if (end.fault.empty()) return;
    throw Error{end.is_late ? Errc::timeout : Errc::device_failed,
                fmt::format("{} {} {}: {}", path, verb(device, action), end.fault,
                            reason_of(store, device, end))};
}

} // namespace pvh::device
