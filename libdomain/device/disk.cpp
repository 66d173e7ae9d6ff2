// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/disk.h"

#include "libdomain/core/error.h"
#include "libdomain/device/backend_domain.h"
#include "libdomain/device/hotplug_script.h"
#include "libdomain/device/spec_changes.h"
#include "libdomain/spec/device_rules.h"
#include "libdomain/spec/vdev.h"

#include <fmt/format.h>

namespace pvh::device {

namespace {

bool is_empty(const DiskSpec& spec) {
    return spec.format == DiskFormat::empty || spec.target.empty();
}

void require_supported(const DiskSpec& spec) {
    if (auto lack = unsupported_in(spec))
        throw Error{Errc::unsupported, fmt::format("disk {}: {}", spec.vdev, lack->message)}
            .with_hint(std::move(lack->hint));
}

std::string flag(bool value) {
    return value ? "1" : "0";
}

/// As QEMU knows them.   [libxl_device.c libxl__device_disk_string_of_format]
std::string_view driver_of(DiskFormat format) {
    return format == DiskFormat::raw || format == DiskFormat::empty ? "aio" : word_of(format);
}

std::string name_of(xen::Store& store, const DiskUser& user) {
    if (!user.domain) return "dom0 itself";
    const auto name = store.read(domain_path(*user.domain) + "/name");
    return fmt::format("{} \"{}\"", *user.domain, name.value_or("?"));
}

} // namespace

Disk::Disk(const DiskSpec& spec)
    : spec_{spec}, script_{path_of_script(spec.script, "vbd")}, is_qemus_{server_of(spec) ==
                                                                          DiskBackend::qdisk} {
    require_supported(spec_);
}

Address Disk::address(DomId frontend) const {
    Address address = address_of(spec_, frontend);
    address.backend = backend_;
    return address;
}

std::string Disk::title() const {
    return "disk " + spec_.vdev;
}

void Disk::prepare(HostDevices& host, xen::Store& store) {
    backend_ = find_backend(store, spec_.backend);
    if (backend_ != kDom0) return;
    host.require_backend(is_qemus_ ? "qdisk" : "vbd");
    if (!script_.empty()) return host.require_script(script_);
    if (is_empty(spec_)) return;
    held_ = host.hold_disk(spec_);
    if (!spec_.is_shared) refuse_sharing(host, store);
}

// Many may read, or one may write.
void Disk::refuse_sharing(HostDevices& host, xen::Store& store) const {
    for (const DiskUser& user : host.other_users(*held_)) {
        if (!user.is_writable && !spec_.is_writable) continue;
        throw Error{
            Errc::busy,
            fmt::format("{} is in use by {}, {}", spec_.target, name_of(store, user),
                        user.is_writable ? "which writes to it" : "and would be written to here")}
            .with_hint(user.domain
                           ? "two users of which one writes destroy a file system; give "
                             "both access=ro to share it, or access=w! if it is made for that"
                           : "a loop device in dom0 has it: losetup -a");
    }
}

DeviceKeys Disk::describe() const {
    DeviceKeys keys;
    if (is_qemus_)
        keys.backend = {{"params", fmt::format("{}:{}", driver_of(spec_.format), spec_.target)}};
    else
        keys.backend = {{"params", spec_.target},
                        {"script", script_.empty() ? std::string{default_script("vbd")} : script_}};
    const Keys common{{"removable", flag(spec_.is_cdrom)},
                      {"bootable", "1"},
                      {"dev", spec_.vdev},
                      {"type", is_qemus_ ? "qdisk" : "phy"},
                      {"mode", spec_.is_writable ? "w" : "r"},
                      {"device-type", spec_.is_cdrom ? "cdrom" : "disk"}};
    keys.backend.insert(keys.backend.end(), common.begin(), common.end());
    if (spec_.is_direct_io_safe) keys.backend.emplace_back("direct-io-safe", "1");
    keys.backend.emplace_back("discard-enable", flag(spec_.discard.value_or(spec_.is_writable)));
    keys.backend.emplace_back("specification", "xen");
    if (spec_.uses_grants)
        keys.backend.emplace_back("feature-persistent", flag(*spec_.uses_grants));
    if (held_ && !is_qemus_)
        keys.plugged = {{"physical-device", held_->number()},
                        {"physical-device-path", held_->path()},
                        {"hotplug-status", "connected"}};
    if (held_) keys.recorded = {{kIdentityKey, held_->identity()}};
    keys.frontend = {{"virtual-device", fmt::format("{}", parse_vdev(spec_.vdev).value())},
                     {"device-type", spec_.is_cdrom ? "cdrom" : "disk"},
                     {"trusted", flag(spec_.is_trusted.value_or(true))}};
    return keys;
}

void Disk::plug(HostDevices& host, xen::Store& store, const Address& device) {
    if (script_.empty() || backend_ != kDom0) return;
    run_script(host, store, device, script_, ScriptAction::add);
    if (!store.read(backend_path(device) + "/physical-device"))
        throw Error{Errc::device_failed,
                    fmt::format("{} add ended well, but named no block device", script_)}
            .with_hint("it has to write physical-device below $XENBUS_PATH");
    host.await_backend(store, device);
}

} // namespace pvh::device
