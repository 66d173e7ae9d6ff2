// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"
#include "tests/fake/fake_xen.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

namespace pvh::fake {

namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

[[noreturn]] void broken(const std::string& rule) {
    throw std::logic_error{"fake Xen: " + rule};
}

// Writes back what the caller changed when the mapping goes.
class FakeMapping final : public xen::ForeignMapping {
  public:
    FakeMapping(FakeXen& xen, DomId dom, std::span<const Gfn> gfns)
        : xen_{xen}, dom_{dom}, gfns_{gfns.begin(), gfns.end()}, memory_(gfns.size() * kPageSize) {
        const FakeDomain& domain = xen_.domain(dom);
        for (std::size_t i = 0; i < gfns_.size(); ++i) {
            const Page page = domain.page(gfns_[i]);
            std::memcpy(memory_.data() + i * kPageSize, page.data(), kPageSize);
        }
        ++xen_.live_mappings;
    }

    FakeMapping(const FakeMapping&) = delete;
    FakeMapping& operator=(const FakeMapping&) = delete;

    ~FakeMapping() override {
        const Lock lock{xen_.mutex};
        --xen_.live_mappings;
        const auto found = xen_.domains.find(dom_);
        if (found == xen_.domains.end()) return;
        for (std::size_t i = 0; i < gfns_.size(); ++i)
            std::memcpy(found->second.touched[gfns_[i].value()].data(),
                        memory_.data() + i * kPageSize, kPageSize);
    }

    std::span<std::byte> bytes() override { return memory_; }

  private:
    FakeXen& xen_;
    DomId dom_;
    std::vector<Gfn> gfns_;
    std::vector<std::byte> memory_;
};

void add_range(FakeDomain& domain, std::uint64_t first, std::uint64_t pages) {
    const auto next = domain.ranges.lower_bound(first);
    if (next != domain.ranges.end() && next->first < first + pages) broken("populated twice");
    if (next != domain.ranges.begin()) {
        const auto& previous = *std::prev(next);
        if (previous.first + previous.second > first) broken("populated twice");
    }
    domain.ranges[first] = pages;
}

xen::DomainInfo info_of(DomId id, const FakeDomain& domain) {
    xen::DomainInfo info{};
    info.id = id;
    info.handle = domain.args.handle;
    info.is_paused = domain.pause_count > 0;
    info.is_shutdown = domain.shutdown_reason.has_value();
    info.shutdown_reason = domain.shutdown_reason.value_or(0xff);
    info.is_dying = domain.is_dying;
    info.is_hvm = id != kDom0;
    info.cpupool = domain.args.cpupool;
    info.pages = PageCount{domain.pages};
    info.max_pages = PageCount{domain.max_memory_kib / 4};
    info.outstanding_claims = PageCount{domain.claimed};
    info.cpu_time_ns = domain.has_run ? 1'000'000'000 : 0;
    info.online_vcpus = domain.args.max_vcpus;
    info.max_vcpu_id = domain.args.max_vcpus - 1;
    return info;
}

} // namespace

bool FakeDomain::is_populated(Gfn gfn) const {
    const auto next = ranges.upper_bound(gfn.value());
    if (next == ranges.begin()) return false;
    const auto& range = *std::prev(next);
    return gfn.value() < range.first + range.second;
}

Page FakeDomain::page(Gfn gfn) const {
    const auto found = touched.find(gfn.value());
    if (found != touched.end()) return found->second;
    Page page;
    page.fill(kStale);
    return page;
}

FakeXen::FakeXen() {
    FakeDomain dom0;
    dom0.args.max_vcpus = 1;
    dom0.pause_count = 0;
    domains[kDom0] = dom0;
    const xen::Permissions dom0_only{{kDom0, xen::Access::none}};
    for (const char* path : {"/", "/local", "/local/domain", "/local/domain/0",
                             "/local/domain/0/backend", "/vm", "/libxl", "/tool"})
        nodes[path] = {.value = "", .permissions = dom0_only};
    nodes["/local/domain/0/name"] = {.value = "Domain-0", .permissions = dom0_only};
}

void FakeXen::fail_call(int k) {
    calls_until_failure_ = k;
}

void FakeXen::enter(const std::string& call) {
    calls.push_back(call);
    if (before_call) before_call();
    if (broken_calls.contains(call)) throw Error{Errc::xen_error, "broken: " + call, EIO};
    if (calls_until_failure_ == 0) return;
    if (--calls_until_failure_ == 0) throw Error{Errc::xen_error, "made to fail: " + call, EIO};
}

HostState FakeXen::photograph() const {
    HostState state = *this;
    if (committed != nullptr) state.nodes = *committed;
    return state;
}

FakeDomain& FakeXen::domain(DomId dom) {
    const auto found = domains.find(dom);
    if (found == domains.end()) broken(fmt::format("{} does not exist", dom));
    return found->second;
}

DomId FakeHypervisor::create_domain(const xen::CreateDomain& args) {
    const Lock lock{xen_.mutex};
    xen_.enter("create_domain");
    if (args.max_vcpus < 1 || args.max_vcpus > 128) broken("max_vcpus out of range");
    if (args.grant_version != 1 && args.grant_version != 2) broken("grant version");
    const DomId id = xen_.next_domid;
    xen_.next_domid = DomId{static_cast<std::uint16_t>(id.value() + 1)};
    xen_.domains[id].args = args;
    return id;
}

void FakeHypervisor::destroy_domain(DomId dom) {
    const Lock lock{xen_.mutex};
    xen_.enter("destroy_domain");
    if (xen_.live_mappings != 0) broken("destroyed while its memory is mapped");
    FakeDomain& domain = xen_.domain(dom);
    xen_.free_pages += domain.pages + domain.claimed;
    if (xen_.keeps_zombies) {
        domain.pages = domain.claimed = 0;
        domain.is_dying = true;
    } else {
        xen_.domains.erase(dom);
    }
}

void FakeHypervisor::set_handle(DomId dom, const Uuid& handle) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_handle");
    xen_.domain(dom).args.handle = handle;
}

void FakeHypervisor::pause(DomId dom) {
    const Lock lock{xen_.mutex};
    xen_.enter("pause");
    ++xen_.domain(dom).pause_count;
}

void FakeHypervisor::unpause(DomId dom) {
    const Lock lock{xen_.mutex};
    xen_.enter("unpause");
    FakeDomain& domain = xen_.domain(dom);
    if (domain.pause_count == 0) throw Error{Errc::xen_error, "unpause", EINVAL};
    if (!domain.boot_vcpu) broken("unpaused without a vCPU state");
    if (!domain.is_introduced) broken("unpaused before it was introduced");
    if (--domain.pause_count == 0) domain.has_run = true;
}

void FakeHypervisor::remote_shutdown(DomId dom, ShutdownReason reason) {
    const Lock lock{xen_.mutex};
    xen_.enter("remote_shutdown");
    xen_.domain(dom).shutdown_reason = static_cast<std::uint8_t>(reason);
}

xen::SecurityId FakeHypervisor::find_label(const std::string& label) {
    const Lock lock{xen_.mutex};
    xen_.enter("find_label");
    const auto found = std::find(xen_.labels.begin(), xen_.labels.end(), label);
    if (found == xen_.labels.end()) throw Error{Errc::unsupported, "no label " + label};
    return static_cast<xen::SecurityId>(found - xen_.labels.begin());
}

void FakeHypervisor::set_label(DomId dom, xen::SecurityId label) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_label");
    xen_.domain(dom).label = label;
}

void FakeHypervisor::set_max_vcpus(DomId dom, unsigned count) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_max_vcpus");
    if (count != xen_.domain(dom).args.max_vcpus) broken("max_vcpus differs from create's");
    xen_.domain(dom).has_vcpus = true;
}

void FakeHypervisor::set_affinity(DomId dom, unsigned vcpu, const CpuMask* hard,
                                  const CpuMask* soft) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_affinity");
    FakeDomain& domain = xen_.domain(dom);
    if (!domain.has_vcpus || vcpu >= domain.args.max_vcpus) broken("affinity of no vCPU");
    if (hard == nullptr && soft == nullptr) broken("affinity without a mask");
    domain.affinity[vcpu] = {hard != nullptr ? *hard : CpuMask{},
                             soft != nullptr ? *soft : CpuMask{}};
}

void FakeHypervisor::set_scheduling(DomId dom, std::uint32_t pool,
                                    const xen::Scheduling& scheduling) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_scheduling");
    if (xen_.domain(dom).args.cpupool != pool) broken("scheduling in another pool");
    xen::Scheduling& now = xen_.domain(dom).scheduling;
    if (scheduling.weight) now.weight = scheduling.weight;
    if (scheduling.cap) now.cap = scheduling.cap;
}

xen::Scheduling FakeHypervisor::scheduling(DomId dom, std::uint32_t pool) {
    const Lock lock{xen_.mutex};
    xen_.enter("scheduling");
    if (xen_.domain(dom).args.cpupool != pool) broken("scheduling in another pool");
    const xen::Scheduling& now = xen_.domain(dom).scheduling;
    return {.weight = now.weight.value_or(256), .cap = now.cap.value_or(0)};
}

void FakeHypervisor::send_trigger(DomId dom, xen::Trigger trigger, unsigned vcpu) {
    const Lock lock{xen_.mutex};
    xen_.enter("send_trigger");
    xen_.domain(dom).triggers.emplace_back(trigger, vcpu);
}

std::string FakeHypervisor::read_console(bool clear) {
    const Lock lock{xen_.mutex};
    xen_.enter("read_console");
    std::string text = xen_.console;
    if (clear) xen_.console.clear();
    return text;
}

void FakeHypervisor::send_debug_keys(const std::string& keys) {
    const Lock lock{xen_.mutex};
    xen_.enter("send_debug_keys");
    for (const char key : keys)
        xen_.console += fmt::format("(XEN) '{}' pressed\n", key);
}

void FakeHypervisor::set_tsc_mode(DomId dom, unsigned mode) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_tsc_mode");
    xen_.domain(dom).tsc_mode = mode;
}

void FakeHypervisor::set_time_offset(DomId dom, std::int32_t seconds) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_time_offset");
    xen_.domain(dom).time_offset = seconds;
}

void FakeHypervisor::set_max_memory(DomId dom, std::uint64_t kib) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_max_memory");
    xen_.domain(dom).max_memory_kib = kib;
}

void FakeHypervisor::set_paging_pool(DomId dom, std::uint64_t bytes) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_paging_pool");
    if (bytes % kPageSize != 0) broken("paging pool is no multiple of a page");
    if (!xen_.domain(dom).ranges.empty()) broken("paging pool set after memory was populated");
    xen_.domain(dom).paging_pool_bytes = bytes;
}

void FakeHypervisor::claim_pages(DomId dom, PageCount pages) {
    const Lock lock{xen_.mutex};
    xen_.enter("claim_pages");
    FakeDomain& domain = xen_.domain(dom);
    xen_.free_pages += domain.claimed;
    domain.claimed = 0;
    if (pages.value() == 0) return;
    if (pages.value() > domain.max_memory_kib / 4) broken("claim above max memory");
    const std::uint64_t wanted = pages.value() - domain.pages;
    if (wanted > xen_.free_pages) throw Error{Errc::no_memory, "claim", ENOMEM};
    domain.claimed = wanted;
    xen_.free_pages -= wanted;
}

void FakeHypervisor::set_virtual_numa(DomId dom, const VirtualNuma& numa) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_virtual_numa");
    if (numa.vcpus.size() != xen_.domain(dom).args.max_vcpus) broken("virtual NUMA of other vCPUs");
    if (numa.distances.size() != numa.pnodes.size() * numa.pnodes.size()) broken("distances");
    xen_.domain(dom).numa = numa;
}

void FakeHypervisor::populate(DomId dom, std::span<const Extent> extents, xen::Populate how,
                              std::optional<unsigned> node) {
    const Lock lock{xen_.mutex};
    xen_.enter("populate");
    FakeDomain& domain = xen_.domain(dom);
    if (domain.paging_pool_bytes == 0) broken("populated without a paging pool");
    for (const Extent& extent : extents) {
        const std::uint64_t pages = 1ULL << extent.order;
        if (extent.first.value() % pages != 0) broken("extent is not aligned to its order");
        add_range(domain, extent.first.value(), pages);
        if (how == xen::Populate::on_demand) continue;
        domain.pages += pages;
        if (node) domain.pages_of_node[*node] += pages;
        const std::uint64_t from_claim = std::min(pages, domain.claimed);
        domain.claimed -= from_claim;
        xen_.free_pages -= pages - from_claim;
    }
    if (domain.pages > domain.max_memory_kib / 4) broken("more memory than max_mem");
}

void FakeHypervisor::set_pod_target(DomId dom, PageCount pages) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_pod_target");
    xen_.domain(dom).pod_target = pages.value();
}

void FakeHypervisor::set_memory_map(DomId dom, std::span<const MemoryRange> map) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_memory_map");
    if (map.size() > 128) broken("more than E820MAX ranges");
    xen_.domain(dom).memory_map.assign(map.begin(), map.end());
}

std::unique_ptr<xen::ForeignMapping> FakeHypervisor::map(DomId dom, std::span<const Gfn> gfns) {
    const Lock lock{xen_.mutex};
    xen_.enter("map");
    const FakeDomain& domain = xen_.domain(dom);
    for (const Gfn gfn : gfns)
        if (!domain.is_populated(gfn)) broken(fmt::format("{} mapped but never populated", gfn));
    return std::make_unique<FakeMapping>(xen_, dom, gfns);
}

bool FakeHypervisor::has_frames_on_demand(DomId dom) {
    const Lock lock{xen_.mutex};
    xen_.enter("has_frames_on_demand");
    return xen_.domain(dom).pod_target.has_value();
}

Gfn FakeHypervisor::last_gfn(DomId dom) {
    const Lock lock{xen_.mutex};
    xen_.enter("last_gfn");
    const auto& ranges = xen_.domain(dom).ranges;
    if (ranges.empty()) return Gfn{};
    return Gfn{ranges.rbegin()->first + ranges.rbegin()->second - 1};
}

std::vector<bool> FakeHypervisor::present(DomId dom, Gfn first, PageCount count) {
    const Lock lock{xen_.mutex};
    xen_.enter("present");
    const FakeDomain& domain = xen_.domain(dom);
    std::vector<bool> present;
    for (std::uint64_t i = 0; i < count.value(); ++i)
        present.push_back(domain.is_populated(first + PageCount{i}));
    return present;
}

void FakeHypervisor::set_hvm_param(DomId dom, xen::HvmParam param, std::uint64_t value) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_hvm_param");
    xen_.domain(dom).params[param] = value;
}

Port FakeHypervisor::alloc_unbound_port(DomId dom, DomId remote) {
    const Lock lock{xen_.mutex};
    xen_.enter("alloc_unbound_port");
    FakeDomain& domain = xen_.domain(dom);
    domain.ports.push_back(remote);
    return Port{static_cast<std::uint32_t>(domain.ports.size())};
}

void FakeHypervisor::seed_grants(DomId dom, std::span<const xen::SeededGrant> grants) {
    const Lock lock{xen_.mutex};
    xen_.enter("seed_grants");
    for (const xen::SeededGrant& grant : grants) {
        if (!xen_.domain(dom).is_populated(grant.gfn)) broken("grant of a page that is not there");
        xen_.domain(dom).grants[grant.ref.value()] = grant;
    }
}

void FakeHypervisor::set_boot_vcpu(DomId dom, const VcpuState& state, unsigned vcpu_count) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_boot_vcpu");
    FakeDomain& domain = xen_.domain(dom);
    if (!domain.has_vcpus || vcpu_count != domain.args.max_vcpus)
        broken("vCPU state before max_vcpus");
    domain.boot_vcpu = state;
}

VcpuState FakeHypervisor::vcpu_state(DomId dom, unsigned vcpu) {
    const Lock lock{xen_.mutex};
    xen_.enter("vcpu_state");
    const FakeDomain& domain = xen_.domain(dom);
    if (vcpu != 0 || !domain.boot_vcpu) throw Error{Errc::bad_state, "vCPU is down", ENODATA};
    return *domain.boot_vcpu;
}

std::optional<Bytes> FakeHypervisor::vcpu_context(DomId dom, unsigned vcpu) {
    const Lock lock{xen_.mutex};
    xen_.enter("vcpu_context");
    if (vcpu != 0 || !xen_.domain(dom).boot_vcpu) return std::nullopt;
    return Bytes(5168, std::byte{0x11}); // as large as on x86-64
}

void FakeHypervisor::set_cpu_policy(DomId dom, std::span<const CpuidLeaf> leaves) {
    const Lock lock{xen_.mutex};
    xen_.enter("set_cpu_policy");
    if (xen_.domain(dom).has_run) broken("CPU policy set after the first unpause");
    xen_.domain(dom).cpu_policy.assign(leaves.begin(), leaves.end());
}

std::optional<xen::DomainInfo> FakeHypervisor::domain_info(DomId dom) {
    const Lock lock{xen_.mutex};
    xen_.enter("domain_info");
    const auto found = xen_.domains.find(dom);
    if (found == xen_.domains.end()) return std::nullopt;
    return info_of(dom, found->second);
}

std::vector<xen::DomainInfo> FakeHypervisor::list_domains() {
    const Lock lock{xen_.mutex};
    xen_.enter("list_domains");
    std::vector<xen::DomainInfo> list;
    for (const auto& [id, domain] : xen_.domains)
        list.push_back(info_of(id, domain));
    return list;
}

std::vector<xen::VcpuInfo> FakeHypervisor::list_vcpus(DomId dom) {
    const Lock lock{xen_.mutex};
    xen_.enter("list_vcpus");
    const FakeDomain& domain = xen_.domain(dom);
    std::vector<xen::VcpuInfo> vcpus;
    for (unsigned id = 0; id < domain.args.max_vcpus; ++id) {
        const auto affinity = domain.affinity.find(id);
        const CpuMask all(4, true);
        const bool is_set = affinity != domain.affinity.end();
        vcpus.push_back(
            {.id = id,
             .is_online = id == 0,
             .is_blocked = id == 0,
             .cpu = id,
             .cpu_time_ns = 1'500'000'000,
             .hard_affinity =
                 is_set && !affinity->second.first.empty() ? affinity->second.first : all,
             .soft_affinity =
                 is_set && !affinity->second.second.empty() ? affinity->second.second : all});
    }
    return vcpus;
}

xen::HostInfo FakeHypervisor::host_info() {
    const Lock lock{xen_.mutex};
    xen_.enter("host_info");
    xen::HostInfo host{};
    host.xen_major = 4;
    host.xen_minor = 17;
    host.xen_extra = ".5";
    host.library_version = "4.17.0";
    host.xen_commandline = "dom0_mem=1024M";
    host.nr_cpus = 4;
    host.scheduler = "credit2";
    host.total_pages = PageCount{2ULL << 20}; // 8 GiB
    host.has_hvm = host.has_hap = host.has_gnttab_v1 = host.has_gnttab_v2 = true;
    host.free_pages = PageCount{xen_.free_pages};
    return host;
}

std::vector<std::optional<unsigned>> FakeHypervisor::cpu_nodes() {
    const Lock lock{xen_.mutex};
    xen_.enter("cpu_nodes");
    return {0, 0, 1, 1};
}

std::vector<CpuidLeaf> FakeHypervisor::default_cpu_policy() {
    const Lock lock{xen_.mutex};
    xen_.enter("default_cpu_policy");
    // An AMD CPU with leaf 1 and the two extended leaves that planning edits.
    return {{.leaf = 0, .subleaf = ~0U, .a = 1, .b = 0x68747541, .c = 0x444d4163, .d = 0x69746e65},
            {.leaf = 1, .subleaf = ~0U, .a = 0x00100f43, .b = 0, .c = 0x80002001, .d = 0x178bfbff},
            {.leaf = 0x80000000,
             .subleaf = ~0U,
             .a = 0x80000008,
             .b = 0x68747541,
             .c = 0x444d4163,
             .d = 0x69746e65},
            {.leaf = 0x80000001, .subleaf = ~0U, .a = 0, .b = 0, .c = 0x7, .d = 0x2fd3fbff},
            {.leaf = 0x80000008, .subleaf = ~0U, .a = 0x3028, .b = 0, .c = 0, .d = 0}};
}

std::vector<CpuidLeaf> FakeHypervisor::host_cpu_policy() {
    return default_cpu_policy();
}

} // namespace pvh::fake
