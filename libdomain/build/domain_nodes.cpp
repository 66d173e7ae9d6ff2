// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/domain_nodes.h"

#include "libdomain/device/console.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace pvh {

namespace {

using device::StoreNodes;

std::string vm_path(const Uuid& uuid) {
    return "/vm/" + to_string(uuid);
}

// What the guest may write, each node its own: it acknowledges and announces here. They inherit
// that from its home and the folder that they make there, which are made dom0's afterwards: a
// request for each folder instead of one for each node, and C xenstored reads a node again for
// every guest there is when permissions change. No guest runs yet.
void add_guest_nodes(StoreNodes& nodes, DomId dom, const DomainSpec& spec) {
    const std::string home = device::domain_path(dom);
    nodes.push_back({home, "", device::owned_by(dom)});
    for (const char* name : {"/control/shutdown", "/control/feature-poweroff",
                             "/control/feature-reboot", "/control/feature-suspend",
                             "/control/sysrq", "/data", "/drivers", "/feature", "/attr", "/error"})
        nodes.push_back({home + name, ""});
    if (spec.is_driver_domain) // for toolstack and device models that run inside
        for (const char* name : {"/libxl", "/device-model"}) // [libxl_create.c libxl__domain_make]
            nodes.push_back({home + name, ""});
    for (const char* folder : {"/control", ""})
        nodes.push_back({home + folder, std::nullopt, device::readable_by(dom)});
    nodes.push_back({home + "/device/suspend/event-channel", "", device::owned_by(dom)});
}

void add_platform_features(StoreNodes& nodes, DomId dom) {
    const std::string control = device::domain_path(dom) + "/control";
    nodes.push_back({control + "/platform-feature-multiprocessor-suspend", "1"});
    nodes.push_back({control + "/platform-feature-xs_reset_watches", "1"});
}

void add_resources(StoreNodes& nodes, DomId dom, const DomainSpec& spec) {
    const std::string home = device::domain_path(dom);
    nodes.push_back({home + "/memory/static-max", fmt::format("{}", spec.max_memory_mib * 1024)});
    nodes.push_back({home + "/memory/target", fmt::format("{}", spec.memory_mib * 1024)});
    nodes.push_back({home + "/memory/videoram", "0"});
    for (unsigned vcpu = 0; vcpu < spec.max_vcpus; ++vcpu)
        nodes.push_back({fmt::format("{}/cpu/{}/availability", home, vcpu),
                         vcpu < spec.vcpus ? "online" : "offline"});
}

void add_store_ring(StoreNodes& nodes, DomId dom, const Rings& rings) {
    const std::string store = device::domain_path(dom) + "/store";
    nodes.push_back({store + "/port", fmt::format("{}", rings.store_port.value())});
    nodes.push_back({store + "/ring-ref", fmt::format("{}", rings.store.value())});
}

bool is_folder_of_one(std::string_view vm) {
    constexpr std::string_view kFolder = "/vm/";
    return vm.starts_with(kFolder) && parse_uuid(vm.substr(kFolder.size()));
}

/// By another domain: the next life of one that was set aside has its UUID.
bool is_used(xen::Store& store, const std::string& vm, DomId by_others_than) {
    const std::string own = device::domain_path(by_others_than);
    for (const std::string& domid :
         store.list("/local/domain").value_or(std::vector<std::string>{})) {
        const std::string home = "/local/domain/" + domid;
        if (home != own && store.read(home + "/vm") == vm) return true;
    }
    return false;
}

/// The folders of one that was just getting its UUID.
void remove_unused(xen::Store& store, const std::vector<std::string>& folders, DomId dom) {
    store.transact([&](xen::Store& inside) {
        for (const std::string& vm : folders)
            if (!is_used(inside, vm, dom)) inside.remove(vm);
    });
}

std::string console_backend_path(DomId dom) {
    return fmt::format("{}/{}", device::console_backends_path(), dom.value());
}

/// As xl: the last console takes the folder of all with it. In a transaction, since a create may be
/// adding to it.
void remove_folder_if_last(xen::Store& store) {
    const std::string folder = device::console_backends_path();
    const auto is_empty = [&](xen::Store& where) {
        const auto rest = where.list(folder);
        return rest && rest->empty();
    };
    if (!is_empty(store)) return;
    store.transact([&](xen::Store& inside) {
        if (is_empty(inside)) inside.remove(folder);
    });
}

} // namespace

device::StoreNodes describe_homes(const Domain& domain, const DomainSpec& spec) {
    const std::string home = device::domain_path(domain.id);
    const std::string vm = vm_path(domain.uuid);
    const std::string record = device::record_path(domain.id);
    StoreNodes nodes;
    add_guest_nodes(nodes, domain.id, spec);
    nodes.push_back({home + "/vm", vm}); // first: it makes what follows ours to remove
    nodes.push_back({vm, "", device::readable_by(domain.id)});
    // Dom0's alone (n0), as all that nobody has opened.
    nodes.push_back({record + "/type", "pvh"});
    nodes.push_back({record + "/dm-version", "qemu_xen"}); // xl's tools read it of every domain
    nodes.push_back({vm + "/uuid", to_string(domain.uuid)});
    nodes.push_back({home + "/name", spec.name});
    nodes.push_back({vm + "/name", spec.name});
    nodes.push_back({home + "/domid", fmt::format("{}", domain.id.value())});
    return nodes;
}

device::StoreNodes describe_contents(const Domain& domain, const DomainSpec& spec,
                                     const Rings& rings, const std::string& start_time) {
    StoreNodes nodes;
    add_platform_features(nodes, domain.id);
    add_resources(nodes, domain.id, spec);
    add_store_ring(nodes, domain.id, rings);
    nodes.push_back({vm_path(domain.uuid) + "/start_time", start_time});
    return nodes;
}

device::StoreNodes describe_identity(const Domain& domain, const Uuid& built_as,
                                     const std::string& name, const std::string& start_time) {
    const std::string home = device::domain_path(domain.id);
    const std::string vm = vm_path(domain.uuid);
    StoreNodes nodes;
    if (built_as != domain.uuid) // in this order no folder is left that nothing points to
        nodes = {{.path = vm_path(built_as), .is_removed = true},
                 {home + "/vm", vm},
                 {vm, "", device::readable_by(domain.id)},
                 {vm + "/uuid", to_string(domain.uuid)}};
    nodes.push_back({home + "/name", name});
    nodes.push_back({vm + "/name", name}); // whoever watches /vm for names reads the one before
    nodes.push_back({vm + "/start_time", start_time});
    return nodes;
}

std::string start_time_now() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    const auto centiseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count() / 10;
    return fmt::format("{}.{:02}", centiseconds / 100, centiseconds % 100);
}

void rename_domain_nodes(xen::Store& store, const Domain& domain, const std::string& name) {
    const std::string home = device::domain_path(domain.id);
    const std::string vm = vm_path(domain.uuid);
    store.transact([&](xen::Store& inside) {
        const std::string former = inside.read(home + "/vm").value_or(vm);
        const auto start_time = inside.read(former + "/start_time");
        StoreNodes nodes{{home + "/vm", vm},
                         {vm, "", device::readable_by(domain.id)},
                         {vm + "/uuid", to_string(domain.uuid)},
                         {vm + "/name", name},
                         {home + "/name", name}};
        if (start_time) nodes.push_back({vm + "/start_time", *start_time});
        inside.apply(nodes);
        if (former != vm && is_folder_of_one(former) && !is_used(inside, former, domain.id))
            inside.remove(former);
    });
}

bool has_domain_nodes(xen::Store& store, DomId dom) {
    const std::array<std::string, 3> folders{device::domain_path(dom), device::record_path(dom),
                                             console_backend_path(dom)};
    const auto values = store.read_all(folders);
    return std::any_of(values.begin(), values.end(), [](const auto& value) { return value; });
}

void remove_domain_nodes(xen::Store& store, const Domain& domain) {
    const std::string backend = console_backend_path(domain.id);
    StoreNodes removals{{.path = backend, .is_removed = true}};
    // What is left of a former life has no node that points there: the folder is its successor's.
    const auto vm = store.read(device::domain_path(domain.id) + "/vm");
    if (vm == vm_path(domain.uuid))
        removals.push_back({.path = *vm, .is_removed = true});
    else if (vm && is_folder_of_one(*vm))
        remove_unused(store, {*vm, vm_path(domain.uuid)}, domain.id);
    removals.push_back({.path = device::domain_path(domain.id), .is_removed = true});
    removals.push_back({.path = device::record_path(domain.id), .is_removed = true});
    store.apply(removals);
    remove_folder_if_last(store);
}

} // namespace pvh
