// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/nic.h"

#include "libdomain/core/error.h"
#include "libdomain/device/backend_domain.h"
#include "libdomain/device/hotplug_script.h"
#include "libdomain/spec/device_rules.h"

#include <fmt/format.h>

namespace pvh::device {

namespace {

void require_supported(const NicSpec& spec, unsigned devid) {
    if (auto lack = unsupported_in(spec))
        throw Error{Errc::unsupported, fmt::format("vif {}: {}", devid, lack->message)}.with_hint(
            std::move(lack->hint));
}

NicSpec completed(NicSpec spec, unsigned devid, const Uuid& domain) {
    if (spec.bridge.empty()) spec.bridge = kDefaultBridge;
    if (spec.mac.empty()) spec.mac = derive_mac(domain, devid);
    return spec;
}

} // namespace

std::string derive_mac(const Uuid& domain, unsigned devid) {
    std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    const auto mix = [&](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3; };
    for (const char c : to_string(domain))
        mix(static_cast<std::uint8_t>(c));
    mix(static_cast<std::uint8_t>(devid));
    mix(static_cast<std::uint8_t>(devid >> 8));
    return fmt::format("00:16:3e:{:02x}:{:02x}:{:02x}", hash >> 56 & 0x7f, hash >> 48 & 0xff,
                       hash >> 40 & 0xff);
}

Nic::Nic(const NicSpec& spec, unsigned devid, const Uuid& domain)
    : spec_{completed(spec, devid, domain)}, script_{path_of_script(spec.script, "vif")},
      devid_{devid} {
    require_supported(spec_, devid_);
}

Address Nic::address(DomId frontend) const {
    return {.kind = "vif", .id = devid_, .frontend = frontend, .backend = backend_};
}

std::string Nic::title() const {
    return fmt::format("vif {}", devid_);
}

void Nic::prepare(HostDevices& host, xen::Store& store) {
    backend_ = find_backend(store, spec_.backend);
    if (backend_ != kDom0) return;
    host.require_backend("vif");
    if (script_.empty())
        host.require_bridge(spec_.bridge);
    else
        host.require_script(script_); // which knows what it needs
}

DeviceKeys Nic::describe() const {
    DeviceKeys keys;
    keys.backend = {{"script", script_.empty() ? std::string{default_script("vif")}
                                               : script_}}; // netback wants one to be named
    if (!spec_.vifname.empty()) keys.backend.emplace_back("vifname", spec_.vifname);
    keys.backend.emplace_back("mac", spec_.mac);
    if (!spec_.ip.empty()) keys.backend.emplace_back("ip", spec_.ip);
    if (!spec_.gatewaydev.empty()) keys.backend.emplace_back("gatewaydev", spec_.gatewaydev);
    if (spec_.rate)
        keys.backend.emplace_back(
            "rate", fmt::format("{},{}", spec_.rate->bytes_per_interval, spec_.rate->interval_us));
    keys.backend.emplace_back("bridge", spec_.bridge);
    if (spec_.mtu) keys.backend.emplace_back("mtu", fmt::format("{}", *spec_.mtu));
    keys.backend.emplace_back("handle", fmt::format("{}", devid_));
    keys.backend.emplace_back("type", "vif");
    keys.backend.emplace_back("hotplug-status", ""); // until it is plugged, netback holds traffic
    keys.frontend = {{"handle", fmt::format("{}", devid_)},
                     {"mac", spec_.mac},
                     {"trusted", spec_.is_trusted.value_or(true) ? "1" : "0"}};
    // That of a bridge here is found out when it is plugged; of one elsewhere xl says the usual.
    constexpr unsigned kUsualMtu = 1500; // [libxl.h LIBXL_DEVICE_NIC_MTU_DEFAULT]
    const auto mtu = backend_ == kDom0 ? spec_.mtu : spec_.mtu.value_or(kUsualMtu);
    if (mtu) keys.read_only_frontend = {{"mtu", fmt::format("{}", *mtu)}};
    return keys;
}

void Nic::plug(HostDevices& host, xen::Store& store, const Address& device) {
    if (backend_ != kDom0) return;
    if (!script_.empty()) return run_script(host, store, device, script_, ScriptAction::add);
    const unsigned mtu = host.plug({.interface = interface_of(device),
                                    .name = spec_.vifname,
                                    .bridge = spec_.bridge,
                                    .mtu = spec_.mtu});
    if (!spec_.mtu) { // the bridge's, which the guest had better know
        const std::string node = frontend_path(device) + "/mtu";
        store.write(node, fmt::format("{}", mtu));
        store.set_permissions(node, readable_by(device.frontend));
    }
    store.write(backend_path(device) + "/hotplug-status", "connected");
}

} // namespace pvh::device
