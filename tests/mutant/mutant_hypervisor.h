// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/xen/hypervisor.h"
#include "tests/mutant/mutation.h"

#include <memory>
#include <string>

namespace pvh::mutant {

/// Forwards all to the real hypervisor, but for what the chosen mutation changes. Each domain that
/// is created chooses anew: the file holds a name, or nothing.
class MutantHypervisor : public xen::Hypervisor {
  public:
    MutantHypervisor(std::unique_ptr<xen::Hypervisor> real, std::string file,
                     std::shared_ptr<Chosen> chosen)
        : real_{std::move(real)}, file_{std::move(file)}, chosen_{std::move(chosen)} {}

    DomId create_domain(const xen::CreateDomain& args) override;
    void populate(DomId dom, std::span<const Extent> extents, xen::Populate how,
                  std::optional<unsigned> node) override;
    void set_memory_map(DomId dom, std::span<const MemoryRange> map) override;
    std::unique_ptr<xen::ForeignMapping> map(DomId dom, std::span<const Gfn> gfns) override;
    void set_hvm_param(DomId dom, xen::HvmParam param, std::uint64_t value) override;
    Port alloc_unbound_port(DomId dom, DomId remote) override;
    void seed_grants(DomId dom, std::span<const xen::SeededGrant> grants) override;
    void set_boot_vcpu(DomId dom, const VcpuState& state, unsigned vcpu_count) override;

    void destroy_domain(DomId dom) override { real_->destroy_domain(dom); }

    void set_handle(DomId dom, const Uuid& handle) override { real_->set_handle(dom, handle); }

    bool has_frames_on_demand(DomId dom) override { return real_->has_frames_on_demand(dom); }

    Gfn last_gfn(DomId dom) override { return real_->last_gfn(dom); }

    std::vector<bool> present(DomId dom, Gfn first, PageCount count) override {
        return real_->present(dom, first, count);
    }

    void pause(DomId dom) override { real_->pause(dom); }

    void unpause(DomId dom) override { real_->unpause(dom); }

    void remote_shutdown(DomId dom, ShutdownReason reason) override {
        real_->remote_shutdown(dom, reason);
    }

    xen::SecurityId find_label(const std::string& label) override {
        return real_->find_label(label);
    }

    void set_label(DomId dom, xen::SecurityId label) override { real_->set_label(dom, label); }

    void set_max_vcpus(DomId dom, unsigned count) override { real_->set_max_vcpus(dom, count); }

    void set_affinity(DomId dom, unsigned vcpu, const CpuMask* hard, const CpuMask* soft) override {
        real_->set_affinity(dom, vcpu, hard, soft);
    }

    void set_scheduling(DomId dom, std::uint32_t pool, const xen::Scheduling& scheduling) override {
        real_->set_scheduling(dom, pool, scheduling);
    }

    xen::Scheduling scheduling(DomId dom, std::uint32_t pool) override {
        return real_->scheduling(dom, pool);
    }

    xen::HostCpus& host_cpus() override { return real_->host_cpus(); }

    void send_trigger(DomId dom, xen::Trigger trigger, unsigned vcpu) override {
        real_->send_trigger(dom, trigger, vcpu);
    }

    void set_tsc_mode(DomId dom, unsigned mode) override { real_->set_tsc_mode(dom, mode); }

    void set_time_offset(DomId dom, std::int32_t seconds) override {
        real_->set_time_offset(dom, seconds);
    }

    void set_max_memory(DomId dom, std::uint64_t kib) override { real_->set_max_memory(dom, kib); }

    void set_paging_pool(DomId dom, std::uint64_t bytes) override {
        real_->set_paging_pool(dom, bytes);
    }

    void claim_pages(DomId dom, PageCount pages) override { real_->claim_pages(dom, pages); }

    void set_pod_target(DomId dom, PageCount pages) override { real_->set_pod_target(dom, pages); }

    void set_virtual_numa(DomId dom, const VirtualNuma& numa) override {
        real_->set_virtual_numa(dom, numa);
    }

    VcpuState vcpu_state(DomId dom, unsigned vcpu) override { return real_->vcpu_state(dom, vcpu); }

    std::optional<Bytes> vcpu_context(DomId dom, unsigned vcpu) override {
        return real_->vcpu_context(dom, vcpu);
    }

    void set_cpu_policy(DomId dom, std::span<const CpuidLeaf> leaves) override {
        real_->set_cpu_policy(dom, leaves);
    }

    std::optional<xen::DomainInfo> domain_info(DomId dom) override {
        return real_->domain_info(dom);
    }

    std::vector<xen::DomainInfo> list_domains() override { return real_->list_domains(); }

    std::vector<xen::VcpuInfo> list_vcpus(DomId dom) override { return real_->list_vcpus(dom); }

    xen::HostInfo host_info() override { return real_->host_info(); }

    std::string read_console(bool clear) override { return real_->read_console(clear); }

    void send_debug_keys(const std::string& keys) override { real_->send_debug_keys(keys); }

    std::vector<std::optional<unsigned>> cpu_nodes() override { return real_->cpu_nodes(); }

    std::vector<CpuidLeaf> default_cpu_policy() override { return real_->default_cpu_policy(); }

    std::vector<CpuidLeaf> host_cpu_policy() override { return real_->host_cpu_policy(); }

  private:
    std::unique_ptr<xen::Hypervisor> real_;
    std::string file_;
    std::shared_ptr<Chosen> chosen_;
    void spoil_policy(DomId dom);
    void drain_paging_pool(DomId dom);
    void set_mistaken_param(DomId dom);

    bool has_ram_{false}; // the first populate is RAM
    unsigned ports_{0};   // the second port is the console's   [build_domain.cpp wire_rings]
};

} // namespace pvh::mutant
