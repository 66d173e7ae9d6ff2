// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/mutant/mutant_hypervisor.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "tests/mutant/wire.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

namespace pvh::mutant {

namespace {

std::string first_word(const std::string& file) {
    std::ifstream in{file};
    std::string word;
    in >> word;
    return word;
}

/// Changes what was loaded when the builder lets go of it.
class MutantMapping : public xen::ForeignMapping {
  public:
    MutantMapping(std::unique_ptr<xen::ForeignMapping> real, std::span<const Gfn> pages,
                  const Chosen& chosen)
        : real_{std::move(real)}, pages_{pages.begin(), pages.end()}, chosen_{chosen} {}

    ~MutantMapping() override {
        try {
            mutate();
        } catch (const Error& e) { // what follows then finds no clause broken
            log::error("{}", e.what());
        }
    }

    std::span<std::byte> bytes() override { return real_->bytes(); }

  private:
    void mutate() {
        GuestMemory memory{real_->bytes(), pages_};
        if (const auto* load = chosen_.of<LoadMistake>()) load->apply(memory);
        const auto* context = chosen_.of<ContextMistake>();
        if (context != nullptr && context->load != nullptr) context->load(memory);
        const auto* map = chosen_.of<MapMistake>();
        if (map == nullptr || map->by_xen_alone) return;
        std::vector<MemoryRange> ranges = memory.memory_map();
        map->apply(ranges);
        memory.set_memory_map(ranges);
    }

    std::unique_ptr<xen::ForeignMapping> real_;
    std::vector<Gfn> pages_;
    Chosen chosen_;
};

} // namespace

DomId MutantHypervisor::create_domain(const xen::CreateDomain& args) {
    const std::string name = first_word(file_);
    const Mutation* mutation = name.empty() ? nullptr : &find_mutation(name);
    has_ram_ = false;
    ports_ = 0;
    *chosen_ = {.mutation = mutation, .domain = {}};
    xen::CreateDomain mutable_args = args;
    if (const auto* create = chosen_->of<CreateMistake>()) create->apply(mutable_args);
    const OnTheWire wire{mutation};
    chosen_->domain = real_->create_domain(mutable_args);
    return chosen_->domain;
}

void MutantHypervisor::populate(DomId dom, std::span<const Extent> extents, xen::Populate how,
                                std::optional<unsigned> node) {
    std::vector<Extent> mutable_extents{extents.begin(), extents.end()};
    if (const auto* ram = chosen_->of<RamMistake>(); ram != nullptr && !has_ram_)
        ram->apply(mutable_extents);
    has_ram_ = true;
    real_->populate(dom, mutable_extents, how, node);
}

void MutantHypervisor::set_memory_map(DomId dom, std::span<const MemoryRange> map) {
    std::vector<MemoryRange> ranges{map.begin(), map.end()};
    if (const auto* mistake = chosen_->of<MapMistake>()) mistake->apply(ranges);
    real_->set_memory_map(dom, ranges);
}

std::unique_ptr<xen::ForeignMapping> MutantHypervisor::map(DomId dom, std::span<const Gfn> gfns) {
    return std::make_unique<MutantMapping>(real_->map(dom, gfns), gfns, *chosen_);
}

void MutantHypervisor::set_hvm_param(DomId dom, xen::HvmParam param, std::uint64_t value) {
    const auto* mistake = chosen_->of<ParamMistake>();
    if (mistake == nullptr || mistake->param != param) real_->set_hvm_param(dom, param, value);
}

void MutantHypervisor::set_mistaken_param(DomId dom) {
    const auto* mistake = chosen_->of<ParamMistake>();
    if (mistake != nullptr && mistake->value)
        real_->set_hvm_param(dom, mistake->param, *mistake->value);
}

void MutantHypervisor::drain_paging_pool(DomId dom) {
    if (chosen_->of<PagingMistake>() == nullptr) return;
    try {
        real_->set_paging_pool(dom, 0);
    } catch (const Error&) { // Xen has given back all that is free, and misses what is in use
    }
}

void MutantHypervisor::spoil_policy(DomId dom) {
    const auto* mistake = chosen_->of<CpuidMistake>();
    if (mistake == nullptr) return;
    const std::vector<CpuidLeaf> policy = real_->default_cpu_policy();
    const auto found = std::find_if(policy.begin(), policy.end(), [&](const CpuidLeaf& leaf) {
        return leaf.leaf == mistake->leaf;
    });
    if (found == policy.end()) throw Error{Errc::internal, "mutation without its CPUID leaf"};
    std::array<CpuidLeaf, 1> leaves{*found};
    mistake->apply(leaves[0]);
    real_->set_cpu_policy(dom, leaves);
}

Port MutantHypervisor::alloc_unbound_port(DomId dom, DomId remote) {
    const auto* mistake = chosen_->of<PortMistake>();
    const bool is_console = ++ports_ == 2;
    return real_->alloc_unbound_port(dom,
                                     mistake != nullptr && is_console ? mistake->remote : remote);
}

void MutantHypervisor::seed_grants(DomId dom, std::span<const xen::SeededGrant> grants) {
    std::vector<xen::SeededGrant> mutable_grants{grants.begin(), grants.end()};
    const auto* mistake = chosen_->of<GrantMistake>();
    if (mistake != nullptr && mistake->apply != nullptr) mistake->apply(mutable_grants);
    real_->seed_grants(dom, mutable_grants);
}

void MutantHypervisor::set_boot_vcpu(DomId dom, const VcpuState& state, unsigned vcpu_count) {
    VcpuState mutable_state = state;
    if (const auto* vcpu = chosen_->of<VcpuMistake>()) vcpu->apply(mutable_state);
    const bool has_mtrrs = chosen_->of<MtrrMistake>() == nullptr;
    set_mistaken_param(dom);
    spoil_policy(dom);
    drain_paging_pool(dom);
    if (const auto* clock = chosen_->of<ClockMistake>())
        real_->set_time_offset(dom, clock->seconds);
    const OnTheWire wire{chosen_->mutation};
    real_->set_boot_vcpu(dom, mutable_state, has_mtrrs ? vcpu_count : 0);
}

} // namespace pvh::mutant
