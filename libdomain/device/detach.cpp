// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/detach.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/device/hotplug_script.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/device/qemu.h"
#include "libdomain/device/store_node.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace pvh::device {

namespace {

using namespace std::chrono_literals;

std::string digits_of(XenbusState state) {
    return fmt::format("{}", static_cast<unsigned>(state));
}

std::optional<XenbusState> state_of(xen::Store& store, const std::string& folder) {
    const auto text = store.read(folder + "/state");
    if (!text) return std::nullopt;
    return parse_state(*text);
}

// Transactions here leave what others own alone: one who writes there without a pause would have
// each of them fail. A guest's end of a device goes and is read outside of them, and so is all of
// what a driver domain serves.

template <class Body> void in_one(xen::Store& store, const Address& device, Body body) {
    if (device.backend == kDom0)
        store.transact(body);
    else
        body(store);
}

/// A backend that was not taken up yet is passed over in this state.   [xenbus_probe_node]
void tell_to_close(xen::Store& store, const Address& device) {
    const std::string backend = backend_path(device);
    const auto state = store.read(backend + "/state");
    if (!state) return;
    store.write(backend + "/online", "0");
    if (parse_state(*state) != XenbusState::closed)
        store.write(backend + "/state", digits_of(XenbusState::closing));
}

/// Without its frontend a backend lets go whatever the guest does.
void tell_to_close_all(xen::Store& store, const std::vector<Address>& devices) {
    store.transact([&](xen::Store& inside) {
        for (const Address& device : devices)
            if (device.backend == kDom0) tell_to_close(inside, device);
    });
    for (const Address& device : devices)
        if (device.backend != kDom0) tell_to_close(store, device);
    for (const Address& device : devices)
        store.remove(frontend_path(device));
}

/// False if some that are served did not close.
bool close_all(HostDevices& host, xen::Store& store, const std::vector<Address>& devices) {
    std::vector<bool> is_served; // asked before they are told: some let go at once
    for (const Address& device : devices)
        is_served.push_back(host.has_backend(device));
    tell_to_close_all(store, devices);
    const auto deadline = std::chrono::steady_clock::now() + kCloseLimit;
    bool are_closed = true;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        // Where nobody is to be waited for there may still be the loop device of xl's script.
        const auto limit = is_served[i] ? std::max(left, 0ms) : 0ms;
        if (host.await_closed(store, devices[i], limit) || !is_served[i]) continue;
        log::warn("{}: its backend does not close: removing its nodes", backend_path(devices[i]));
        are_closed = false;
    }
    return are_closed;
}

/// Of a device whose backend has let go. If it fails the device goes all the same.
void run_script_of(HostDevices& host, xen::Store& store, const Address& device,
                   const std::string& script) {
    if (device.backend != kDom0 || script.empty()) return; // its domain runs its own
    try {
        run_script(host, store, device, script, ScriptAction::remove);
    } catch (const std::exception& e) {
        log::error("{}: {}", backend_path(device), e.what());
    }
}

/// Removes a node, and the folders above it that it leaves empty, up to `levels` of them.
void remove_and_prune(xen::Store& store, std::string path, unsigned levels) {
    store.remove(path);
    for (; levels > 0; --levels) {
        path.resize(path.rfind('/'));
        const auto rest = store.list(path);
        if (!rest || !rest->empty()) return;
        store.remove(path);
    }
}

/// All but the frontend's.
void remove_nodes(xen::Store& store, const Address& device) {
    remove_and_prune(store, backend_path(device), 2);
    // The folder above all errors is the backend domain's own; dom0's is made anew.
    if (store.list(error_path(device)))
        remove_and_prune(store, error_path(device), device.backend == kDom0 ? 4 : 3);
    store.remove(record_path(device));
}

void close_and_remove(HostDevices& host, xen::Store& store, const std::vector<Address>& devices) {
    close_all(host, store, devices);
    for (const Address& device : devices)
        run_script_of(host, store, device, own_script(store, device));
    store.transact([&](xen::Store& inside) {
        for (const Address& device : devices)
            if (device.backend == kDom0) remove_nodes(inside, device);
    });
    for (const Address& device : devices)
        if (device.backend != kDom0) remove_nodes(store, device);
}

/// Of a domain that lives on: the folders of its last device of a kind go with it, as with xl. Of
/// one that somebody else has ended meanwhile: the domain's folders, too, if only this made them
/// anew.
void remove_nodes_of_one(xen::Store& store, const Address& device) {
    const bool lives_on = store.list(record_path(device.frontend)).has_value();
    remove_and_prune(store, frontend_path(device), lives_on ? 1 : 3);
    in_one(store, device, [&](xen::Store& inside) {
        remove_nodes(inside, device);
        remove_and_prune(inside, record_path(device), 1);
    });
}

// ---- with the guest's consent

struct Handshake {
    XenbusState backend{};
    std::optional<XenbusState> frontend;
};

/// How both ends stood before they were asked; nothing if there is nobody to ask.
std::optional<Handshake> ask_to_close(xen::Store& store, const Address& device) {
    std::optional<Handshake> before;
    const auto frontend = state_of(store, frontend_path(device));
    in_one(store, device, [&](xen::Store& inside) {
        const std::string backend = backend_path(device);
        const auto state = state_of(inside, backend);
        before.reset();
        if (!state || *state == XenbusState::closed) return;
        before = {*state, frontend};
        inside.write(backend + "/online", "0");
        inside.write(backend + "/state", digits_of(XenbusState::closing));
    });
    return before;
}

/// Takes the question back, unless the guest has begun to answer: then it goes on.
bool take_back(xen::Store& store, const Address& device, const Handshake& before) {
    if (state_of(store, frontend_path(device)) != before.frontend) return false;
    bool is_unanswered = false;
    in_one(store, device, [&](xen::Store& inside) {
        const std::string backend = backend_path(device);
        is_unanswered = state_of(inside, backend) == XenbusState::closing &&
                        before.backend != XenbusState::closing;
        if (!is_unanswered) return;
        inside.write(backend + "/state", digits_of(before.backend));
        inside.write(backend + "/online", "1");
    });
    return is_unanswered;
}

[[noreturn]] void refuse_to_wait(xen::Store& store, const Address& device, const Handshake& before,
                                 std::chrono::milliseconds limit) {
    const std::string time = fmt::format("{} s", static_cast<double>(limit.count()) / 1000);
    if (take_back(store, device, before))
        throw Error{Errc::timeout, "the guest did not answer in " + time}.with_hint(
            "it may be paused, still booting, or without a driver for it; force takes the device "
            "away all the same (--force)");
    throw Error{Errc::timeout, "the guest has begun to close it, and did not end in " + time}
        .with_hint("it may be in use there: try again, or have it taken away by force (--force)");
}

std::string marker_path(const Address& device) {
    return record_path(device) + "/pvhd-attaches";
}

} // namespace

void remove_devices(HostDevices& host, xen::Store& store, DomId frontend) {
    const std::vector<Address> devices = recorded_devices(store, frontend);
    // One that serves nothing any more may run still. It flushes, and needs no answer of a guest.
    const bool had_qemu =
        std::any_of(devices.begin(), devices.end(), is_served_by_qemu) || has_qemu(store, frontend);
    if (had_qemu) stop_qemu(host, store, frontend);
    if (!devices.empty()) close_and_remove(host, store, devices);
    // One that hung has written once more to what was taken away from it by force.
    if (had_qemu)
        remove_and_prune(
            store, fmt::format("{}/backend/qdisk/{}", domain_path(kDom0), frontend.value()), 1);
}

bool remove_device(HostDevices& host, xen::Store& store, const Address& device) {
    return remove_device(host, store, device, own_script(store, device));
}

bool remove_device(HostDevices& host, xen::Store& store, const Address& device,
                   const std::string& script) {
    const bool is_closed = close_all(host, store, {device});
    run_script_of(host, store, device, script);
    remove_nodes_of_one(store, device);
    return is_closed;
}

bool detach_device(HostDevices& host, xen::Store& store, const Address& device,
                   std::chrono::milliseconds limit) {
    const bool is_served = host.has_backend(device);
    const auto before = ask_to_close(store, device);
    if (!before || !is_served) return remove_device(host, store, device);
    if (!host.await_closed(store, device, limit)) refuse_to_wait(store, device, *before, limit);
    run_script_of(host, store, device, own_script(store, device));
    remove_nodes_of_one(store, device);
    return true;
}

void close_devices_of_qemu(xen::Store& store, DomId frontend) {
    store.transact([&](xen::Store& inside) { // somebody may be removing them
        for (const Address& device : recorded_devices(inside, frontend))
            if (is_served_by_qemu(device) && inside.read(backend_path(device) + "/state"))
                inside.write(backend_path(device) + "/state", digits_of(XenbusState::closed));
    });
}

void mark_unfinished(xen::Store& store, const Address& device) {
    store.write(marker_path(device), "");
}

void mark_finished(xen::Store& store, const Address& device) {
    store.remove(marker_path(device));
}

bool is_unfinished(xen::Store& store, const Address& device) {
    return store.read(marker_path(device)).has_value();
}

std::vector<Address> unfinished_devices(xen::Store& store, DomId frontend) {
    std::vector<Address> devices = recorded_devices(store, frontend);
    std::erase_if(devices, [&](const Address& device) { return !is_unfinished(store, device); });
    return devices;
}

std::vector<Address> half_detached_devices(xen::Store& store, DomId frontend) {
    std::vector<Address> devices = recorded_devices(store, frontend);
    std::erase_if(devices, [&](const Address& device) {
        return store.read(backend_path(device) + "/online") != "0";
    });
    return devices;
}

void settle_detach(HostDevices& host, xen::Store& store, const Address& device) {
    const auto frontend = state_of(store, frontend_path(device));
    const auto backend = state_of(store, backend_path(device));
    const bool is_in_use =
        frontend == XenbusState::closing && backend && *backend != XenbusState::closed;
    if (is_in_use) return;
    const bool is_over = !frontend || *frontend == XenbusState::closed || !backend;
    const auto before =
        frontend == XenbusState::connected ? XenbusState::connected : XenbusState::init_wait;
    if (is_over || !take_back(store, device, {before, frontend}))
        remove_device(host, store, device);
}

} // namespace pvh::device
