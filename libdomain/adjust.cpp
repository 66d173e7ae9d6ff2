// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/adjust.h"

#include "libdomain/boot/build_plan.h"
#include "libdomain/core/error.h"
#include "libdomain/device/store_node.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace pvh {

namespace {

using boot::kMaxMemorySlackKib;

constexpr std::uint64_t kKibPerPage = kPageSize / 1024;

std::string target_path(DomId dom) {
    return device::domain_path(dom) + "/memory/target";
}

std::string max_path(DomId dom) {
    return device::domain_path(dom) + "/memory/static-max";
}

/// The whole number that a text begins with; a guest may have written it.
std::optional<std::uint64_t> number_in(const std::optional<std::string>& text) {
    std::uint64_t number = 0;
    if (!text) return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{}) return std::nullopt;
    return number;
}

std::string decimal(std::uint64_t number) {
    return fmt::format("{}", number);
}

/// Not for one whose nodes another toolstack has just removed: nobody would remove these.
void write_while_there(xen::Store& store, const Domain& domain,
                       const std::vector<xen::NodeChange>& nodes) {
    store.transact([&](xen::Store& inside) {
        if (!inside.read(device::domain_path(domain.id) + "/name"))
            throw Error{Errc::not_found, fmt::format("{} is gone", domain.id)};
        inside.apply(nodes);
    });
}

/// Xen's limit of dom0 is all there can be, unless the boot loader gave dom0_mem=max:.
std::uint64_t max_of_dom0(xen::Hypervisor& hv, const xen::DomainInfo& info) {
    const std::uint64_t all = hv.host_info().total_pages.value();
    return std::min(info.max_pages.value(), all) * kKibPerPage;
}

void require_vcpu(const xen::DomainInfo& info, unsigned vcpu) {
    if (vcpu <= info.max_vcpu_id) return;
    throw Error{Errc::invalid_config, fmt::format("{} has no vCPU {}", info.id, vcpu)}.with_hint(
        fmt::format("its vCPUs are 0 to {}", info.max_vcpu_id));
}

} // namespace

MemoryLimits memory_limits(xen::Hypervisor& hv, xen::Store& store, const Domain& domain) {
    const auto target = number_in(store.read(target_path(domain.id)));
    const auto max = number_in(store.read(max_path(domain.id)));
    if (target && max) return {.target_kib = *target, .max_kib = *max};
    if (domain.id != kDom0)
        throw Error{Errc::bad_state,
                    fmt::format("xenstore does not have the memory sizes of {}", domain.id)}
            .with_hint("its toolstack has to write memory/target and memory/static-max");
    const auto info = require_alive(hv, domain);
    return {.target_kib = target.value_or(info.pages.value() * kKibPerPage),
            .max_kib = max.value_or(max_of_dom0(hv, info))};
}

void set_memory_target(xen::Hypervisor& hv, xen::Store& store, const Domain& domain,
                       std::uint64_t kib) {
    const auto info = require_running(hv, domain);
    const MemoryLimits limits = memory_limits(hv, store, domain);
    if (kib > limits.max_kib)
        throw Error{Errc::invalid_config,
                    fmt::format("{} KiB are wanted, and {} may have {} KiB at most", kib, domain.id,
                                limits.max_kib)}
            .with_hint("raise its maximum first: pvhctl mem-max, or maxmem in its config");
    const std::uint64_t most = kib + kMaxMemorySlackKib;
    hv.set_max_memory(domain.id, most);
    if (info.is_hvm) hv.set_pod_target(domain.id, PageCount{most / kKibPerPage});
    std::vector<xen::NodeChange> nodes{{.path = target_path(domain.id), .value = decimal(kib)}};
    if (domain.id == kDom0) // Xen's limit, which is lower now, is no longer what it may have
        nodes.push_back({.path = max_path(domain.id), .value = decimal(limits.max_kib)});
    else // dom0 has no home below /vm
        nodes.push_back(
            {.path = "/vm/" + to_string(domain.uuid) + "/memory", .value = decimal(kib / 1024)});
    write_while_there(store, domain, nodes);
}

void set_memory_max(xen::Hypervisor& hv, xen::Store& store, const Domain& domain,
                    std::uint64_t kib) {
    require_running(hv, domain);
    const MemoryLimits limits = memory_limits(hv, store, domain);
    if (kib < limits.target_kib)
        throw Error{Errc::invalid_config,
                    fmt::format("at most {} KiB are wanted, and {} is asked to have {} KiB now",
                                kib, domain.id, limits.target_kib)}
            .with_hint("lower what it is asked for first: pvhctl mem-set");
    hv.set_max_memory(domain.id, kib + kMaxMemorySlackKib);
    write_while_there(store, domain, {{.path = max_path(domain.id), .value = decimal(kib)}});
}

void pin_vcpus(xen::Hypervisor& hv, const Domain& domain, std::optional<unsigned> vcpu,
               const CpuMask* hard, const CpuMask* soft) {
    const auto info = require_alive(hv, domain);
    if (vcpu) require_vcpu(info, *vcpu);
    const unsigned first = vcpu.value_or(0);
    const unsigned last = vcpu.value_or(info.max_vcpu_id);
    for (unsigned id = first; id <= last; ++id)
        hv.set_affinity(domain.id, id, hard, soft);
}

void send_trigger(xen::Hypervisor& hv, const Domain& domain, xen::Trigger trigger, unsigned vcpu) {
    require_vcpu(require_running(hv, domain), vcpu);
    hv.send_trigger(domain.id, trigger, vcpu);
}

void send_sysrq(xen::Hypervisor& hv, xen::Store& store, const Domain& domain, char key) {
    require_running(hv, domain);
    const std::string node = device::domain_path(domain.id) + "/control/sysrq";
    write_while_there(store, domain, {{.path = node, .value = std::string{key}}});
}

std::optional<std::uint64_t> start_time_of(xen::Store& store, const Domain& domain) {
    return number_in(store.read(fmt::format("/vm/{}/start_time", to_string(domain.uuid))));
}

} // namespace pvh
