// SPDX-License-Identifier: LGPL-2.1-or-later
// A Xen host in memory: a model with state, strict where Xen is lenient. Tests assert on what is
// there afterwards. A broken rule (populating twice, mapping what was never populated, destroying
// the unknown) is a std::logic_error: no code under test catches that.
#pragma once

#include "libdomain/core/unique_handle.h"
#include "libdomain/device/host_devices.h"
#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pvh::fake {

using Page = std::array<std::byte, kPageSize>;

/// What fresh guest memory holds here: nothing that anybody may rely on.
inline constexpr std::byte kStale{0xa5};

struct FakeDomain {
    xen::CreateDomain args;
    bool has_vcpus{};
    std::optional<xen::SecurityId> label; // now; args has that of its construction
    std::map<unsigned, std::pair<CpuMask, CpuMask>> affinity; // hard, soft; empty: not set
    xen::Scheduling scheduling;
    std::vector<std::pair<xen::Trigger, unsigned>> triggers; // with the vCPU
    unsigned tsc_mode{};
    std::int32_t time_offset{};
    std::optional<VirtualNuma> numa;
    std::map<unsigned, std::uint64_t> pages_of_node; // of those that one was asked for
    std::uint64_t max_memory_kib{};
    std::uint64_t paging_pool_bytes{};
    std::uint64_t claimed{};
    std::uint64_t pages{};
    std::optional<std::uint64_t> pod_target;
    std::map<std::uint64_t, std::uint64_t> ranges; // first gfn -> pages, disjoint
    std::map<std::uint64_t, Page> touched;         // only pages that were ever mapped
    std::vector<MemoryRange> memory_map;
    std::map<xen::HvmParam, std::uint64_t> params;
    std::vector<DomId> ports; // remote end; port 1 first
    std::map<std::uint32_t, xen::SeededGrant> grants;
    std::vector<CpuidLeaf> cpu_policy;
    std::optional<VcpuState> boot_vcpu;
    int pause_count{1};
    bool has_run{};
    std::optional<std::uint8_t> shutdown_reason;
    bool is_introduced{};
    bool is_dying{};

    [[nodiscard]] bool is_populated(Gfn gfn) const;
    /// The page as the guest would see it: stale if nobody wrote to it.
    [[nodiscard]] Page page(Gfn gfn) const;
};

struct FakeNode {
    std::string value;
    xen::Permissions permissions;
    friend bool operator==(const FakeNode&, const FakeNode&) = default;
};

struct FakePool {
    std::string scheduler = "credit2";
    std::set<unsigned> cpus = {};
    xen::SchedulerTuning tuning = {.tslice_ms = {}, .ratelimit_us = 1000, .migration_delay_us = {}};
};

/// What outlives a pvhd that is killed.
struct HostState {
    std::map<DomId, FakeDomain> domains;
    std::map<std::string, FakeNode> nodes;
    std::map<std::uint32_t, FakePool> cpu_pools = {{0, {.cpus = {0, 1, 2, 3}}}};
    // That a vCPU cannot leave: out of its pool it is, and the call fails.   [xen/common/sched/
    // cpupool.c cpupool_unassign_cpu_start]
    std::optional<unsigned> busy_cpu;
    std::uint64_t free_pages = 1ULL << 20; // 4 GiB
    DomId next_domid{1};
    std::map<std::string, device::DiskUser> served_files; // by backends
    std::map<std::string, device::BridgePort> ports;      // by interface
    std::set<DomId> qemus;                                // domains that have one
};

/// Shared by any number of FakeHypervisor and FakeStore objects, in any threads.
class FakeXen : public HostState {
  public:
    FakeXen();

    std::recursive_mutex mutex;
    int live_mappings = 0;
    bool keeps_zombies = false; // destroyed domains stay, dying, as if someone had mapped a page
    std::set<std::string> broken_calls;      // by name; they throw Errc::xen_error, always
    std::vector<std::string> labels;         // of the XSM policy; empty: there is no XSM
    std::set<std::string> files = {"/disk"}; // that disks can be
    std::multiset<std::string> held_files;   // by pvhd
    std::set<std::string> bridges = {"xenbr0"};
    std::function<device::ScriptEnd(const device::ScriptCall&)> script; // none: they end well
    bool backends_hang = false;           // they take nothing up and do not close
    std::string console = "(XEN) fake\n"; // of Xen
    device::Traffic traffic;              // as dom0's kernel has counted it
    bool guests_answer = true;            // they close their devices when they are asked to
    int conflicts_to_come = 0;            // that many next commits fail
    std::string restless_node; // a guest always writes it: no commit that knows it succeeds
    std::vector<std::string> calls;
    std::function<void()> before_call; // for a look at what there is by then
    const std::map<std::string, FakeNode>* committed = nullptr; // while a transaction is open
    std::map<DomId, UniqueFd> qemu_ends;                        // readable once it has ended

    /// Ends a QEMU by itself.
    void kill_qemu(DomId frontend);

    /// What there would be if pvhd were killed now.
    [[nodiscard]] HostState photograph() const;
    /// The k-th call from now (1 is the next) throws Errc::xen_error; 0 disarms.
    void fail_call(int k);
    /// Counts a call and throws if its turn has come; one failure, then all works again.
    void enter(const std::string& call);
    FakeDomain& domain(DomId dom);

  private:
    int calls_until_failure_ = 0;
};

/// Four CPUs on two nodes; CPU 4 is not online.
class FakeHostCpus final : public xen::HostCpus {
  public:
    explicit FakeHostCpus(FakeXen& xen) : xen_{xen} {}

    std::vector<xen::CpuPool> list_pools() override;
    std::uint32_t create_pool(const std::string& scheduler) override;
    void destroy_pool(std::uint32_t pool) override;
    void add_cpu(std::uint32_t pool, unsigned cpu) override;
    void remove_cpu(std::uint32_t pool, unsigned cpu) override;
    void move_domain(DomId dom, std::uint32_t pool) override;
    void tune(std::uint32_t pool, const xen::SchedulerTuning& tuning) override;
    std::vector<std::optional<xen::CpuPlace>> topology() override;
    std::vector<xen::NodeInfo> nodes() override;
    std::vector<std::optional<unsigned>>
    nodes_of(std::span<const xen::PciAddress> devices) override;
    std::vector<bool> node_affinity(DomId dom) override;

  private:
    FakePool& pool(std::uint32_t id);

    FakeXen& xen_;
};

class FakeHypervisor final : public xen::Hypervisor {
  public:
    explicit FakeHypervisor(FakeXen& xen) : xen_{xen}, host_cpus_{xen} {}

    DomId create_domain(const xen::CreateDomain& args) override;
    void destroy_domain(DomId dom) override;
    void set_handle(DomId dom, const Uuid& handle) override;
    void pause(DomId dom) override;
    void unpause(DomId dom) override;
    void remote_shutdown(DomId dom, ShutdownReason reason) override;
    void send_trigger(DomId dom, xen::Trigger trigger, unsigned vcpu) override;
    xen::SecurityId find_label(const std::string& label) override;
    void set_label(DomId dom, xen::SecurityId label) override;
    void set_max_vcpus(DomId dom, unsigned count) override;
    void set_affinity(DomId dom, unsigned vcpu, const CpuMask* hard, const CpuMask* soft) override;
    void set_scheduling(DomId dom, std::uint32_t pool, const xen::Scheduling& scheduling) override;
    xen::Scheduling scheduling(DomId dom, std::uint32_t pool) override;
    void set_tsc_mode(DomId dom, unsigned mode) override;
    void set_time_offset(DomId dom, std::int32_t seconds) override;
    void set_max_memory(DomId dom, std::uint64_t kib) override;
    void set_paging_pool(DomId dom, std::uint64_t bytes) override;
    void claim_pages(DomId dom, PageCount pages) override;
    void populate(DomId dom, std::span<const Extent> extents, xen::Populate how,
                  std::optional<unsigned> node) override;
    void set_virtual_numa(DomId dom, const VirtualNuma& numa) override;
    void set_pod_target(DomId dom, PageCount pages) override;
    void set_memory_map(DomId dom, std::span<const MemoryRange> map) override;
    std::unique_ptr<xen::ForeignMapping> map(DomId dom, std::span<const Gfn> gfns) override;
    bool has_frames_on_demand(DomId dom) override;
    Gfn last_gfn(DomId dom) override;
    std::vector<bool> present(DomId dom, Gfn first, PageCount count) override;
    void set_hvm_param(DomId dom, xen::HvmParam param, std::uint64_t value) override;
    Port alloc_unbound_port(DomId dom, DomId remote) override;
    void seed_grants(DomId dom, std::span<const xen::SeededGrant> grants) override;
    void set_boot_vcpu(DomId dom, const VcpuState& state, unsigned vcpu_count) override;
    VcpuState vcpu_state(DomId dom, unsigned vcpu) override;
    std::optional<Bytes> vcpu_context(DomId dom, unsigned vcpu) override;
    void set_cpu_policy(DomId dom, std::span<const CpuidLeaf> leaves) override;
    std::optional<xen::DomainInfo> domain_info(DomId dom) override;
    std::vector<xen::DomainInfo> list_domains() override;
    std::vector<xen::VcpuInfo> list_vcpus(DomId dom) override;
    xen::HostInfo host_info() override;

    xen::HostCpus& host_cpus() override { return host_cpus_; }

    std::string read_console(bool clear) override;
    void send_debug_keys(const std::string& keys) override;
    std::vector<std::optional<unsigned>> cpu_nodes() override;
    std::vector<CpuidLeaf> default_cpu_policy() override;
    std::vector<CpuidLeaf> host_cpu_policy() override;

  private:
    FakeXen& xen_;
    FakeHostCpus host_cpus_;
};

/// A dom0 whose backends do what they are told at once.
class FakeHostDevices final : public device::HostDevices {
  public:
    explicit FakeHostDevices(FakeXen& xen) : xen_{xen} {}

    void require_backend(const std::string& kind) override;
    std::unique_ptr<device::HeldDisk> hold_disk(const DiskSpec& disk) override;
    std::vector<device::DiskUser> other_users(const device::HeldDisk& disk) override;
    void require_directory(const std::string& path) override;
    void require_bridge(const std::string& bridge) override;
    unsigned plug(const device::BridgePort& port) override;
    void require_script(const std::string& path) override;
    device::ScriptEnd run_script(const device::ScriptCall& call) override;
    void end_script(const std::string& process) override;
    device::QemuProcess start_qemu(DomId frontend) override;
    void await_qemu(xen::Store& store, const device::Address& device,
                    const device::QemuProcess& qemu) override;
    std::optional<device::QemuProcess> find_qemu(DomId frontend) override;
    void end_qemu(DomId frontend) override;
    void await_backend(xen::Store& store, const device::Address& device) override;
    bool has_backend(const device::Address& device) override;
    bool await_closed(xen::Store& store, const device::Address& device,
                      std::chrono::milliseconds limit) override;
    device::Traffic traffic() override;

  private:
    device::QemuProcess process_of(DomId frontend);

    FakeXen& xen_;
};

class FakeStore final : public xen::Store {
  public:
    explicit FakeStore(FakeXen& xen) : xen_{xen} {}

    std::optional<std::string> read(const std::string& path) override;
    void write(const std::string& path, std::string_view value) override;
    void remove(const std::string& path) override;
    std::optional<std::vector<std::string>> list(const std::string& path) override;
    void set_permissions(const std::string& path, const xen::Permissions& permissions) override;
    void transact(const std::function<void(xen::Store&)>& body) override;
    void introduce(DomId dom, Gfn ring, Port port) override;

  private:
    FakeXen& xen_;
};

} // namespace pvh::fake
