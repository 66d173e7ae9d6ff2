// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/rehearsal.h"

#include "libdomain/build/build_domain.h"
#include "libdomain/build/load_guest.h"
#include "libdomain/core/error.h"
#include "libdomain/device/qemu.h"
#include "libdomain/spec/device_rules.h"
#include "libdomain/xen/hypervisor.h"

#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/ranges.h>

namespace pvh {

namespace {

using Steps = std::vector<std::string>;

/// A page of its own in the place of a guest's: what is written there is forgotten.
class ScratchMapping final : public xen::ForeignMapping {
  public:
    [[nodiscard]] std::span<std::byte> bytes() override { return page_; }

  private:
    std::array<std::byte, kPageSize> page_{};
};

/// Notes each call. Asks nothing of Xen: what only a real one can answer is never asked by a build.
class NotingHypervisor final : public xen::Hypervisor {
  public:
    /// `loaded_pages`: how many a real build would map.
    NotingHypervisor(Steps& steps, std::size_t loaded_pages)
        : steps_{steps}, loaded_pages_{loaded_pages} {}

    DomId create_domain(const xen::CreateDomain& args) override {
        note("domctl createdomain: {} vCPUs, ports to {}, grant version {}, CPU pool {}{}{}",
             args.max_vcpus, args.max_event_channel_port, args.grant_version, args.cpupool,
             args.has_nested_hvm ? ", nested HVM" : "", args.has_vpmu ? ", vPMU" : "");
        return kRehearsedDomain;
    }

    void destroy_domain(DomId /*dom*/) override { note("domctl destroydomain"); }

    void set_handle(DomId /*dom*/, const Uuid& /*handle*/) override {
        note("domctl setdomainhandle");
    }

    void pause(DomId /*dom*/) override { note("domctl pausedomain"); }

    void unpause(DomId /*dom*/) override { note("domctl unpausedomain"); }

    void remote_shutdown(DomId /*dom*/, ShutdownReason /*reason*/) override {
        note("sched_op remote_shutdown");
    }

    xen::SecurityId find_label(const std::string& label) override {
        note("flask_op context_to_sid: {}", label);
        return 0;
    }

    void set_label(DomId /*dom*/, xen::SecurityId /*label*/) override {
        note("flask_op relabel_domain");
    }

    void set_max_vcpus(DomId /*dom*/, unsigned count) override {
        note("domctl max_vcpus: {}", count);
    }

    void set_affinity(DomId /*dom*/, unsigned vcpu, const CpuMask* hard,
                      const CpuMask* soft) override {
        note("domctl setvcpuaffinity: vCPU {}{}{}", vcpu, hard != nullptr ? ", hard" : "",
             soft != nullptr ? ", soft" : "");
    }

    void set_scheduling(DomId /*dom*/, std::uint32_t /*pool*/,
                        const xen::Scheduling& scheduling) override {
        note("domctl scheduler_op:{}{}",
             scheduling.weight ? fmt::format(" weight {}", *scheduling.weight) : "",
             scheduling.cap ? fmt::format(" cap {}", *scheduling.cap) : "");
    }

    xen::Scheduling scheduling(DomId /*dom*/, std::uint32_t /*pool*/) override { return {}; }

    void send_trigger(DomId /*dom*/, xen::Trigger trigger, unsigned vcpu) override {
        note("domctl sendtrigger: {} to vCPU {}", static_cast<unsigned>(trigger), vcpu);
    }

    void set_tsc_mode(DomId /*dom*/, unsigned mode) override {
        note("domctl settscinfo: mode {}", mode);
    }

    void set_time_offset(DomId /*dom*/, std::int32_t seconds) override {
        note("domctl settimeoffset: {} s", seconds);
    }

    void set_max_memory(DomId /*dom*/, std::uint64_t kib) override {
        note("domctl max_mem: {} KiB", kib);
    }

    void set_paging_pool(DomId /*dom*/, std::uint64_t bytes) override {
        note("domctl set_paging_mempool_size: {} bytes", bytes);
    }

    void claim_pages(DomId /*dom*/, PageCount pages) override {
        note("memory_op claim_pages: {}", pages.value());
    }

    void populate(DomId /*dom*/, std::span<const Extent> extents, xen::Populate how,
                  std::optional<unsigned> node) override {
        std::map<unsigned, std::size_t, std::greater<>> of_order;
        for (const Extent& extent : extents)
            ++of_order[extent.order];
        for (const auto& [order, count] : of_order)
            note("memory_op populate_physmap: {} extents of {} KiB{}{}", count, 4ULL << order,
                 how == xen::Populate::on_demand ? ", on demand" : "",
                 node ? fmt::format(", from NUMA node {}", *node) : "");
    }

    void set_virtual_numa(DomId /*dom*/, const VirtualNuma& numa) override {
        note("domctl setvnumainfo: {} nodes, {} ranges of memory", numa.pnodes.size(),
             numa.memory.size());
    }

    void set_pod_target(DomId /*dom*/, PageCount pages) override {
        note("memory_op set_pod_target: {} pages", pages.value());
    }

    void set_memory_map(DomId /*dom*/, std::span<const MemoryRange> map) override {
        note("memory_op set_memory_map: {} ranges", map.size());
    }

    std::unique_ptr<xen::ForeignMapping> map(DomId /*dom*/,
                                             std::span<const Gfn> /*gfns*/) override {
        note("map {} guest pages, fill and unmap them", loaded_pages_);
        return std::make_unique<ScratchMapping>();
    }

    bool has_frames_on_demand(DomId /*dom*/) override { return false; }

    Gfn last_gfn(DomId /*dom*/) override { return {}; }

    std::vector<bool> present(DomId /*dom*/, Gfn /*first*/, PageCount count) override {
        return std::vector<bool>(count.value());
    }

    void set_hvm_param(DomId /*dom*/, xen::HvmParam param, std::uint64_t value) override {
        note("hvm_op set_param: {} = {:#x}", static_cast<std::uint32_t>(param), value);
    }

    Port alloc_unbound_port(DomId /*dom*/, DomId remote) override {
        note("event_channel_op alloc_unbound: for {}", remote);
        return Port{++ports_};
    }

    void seed_grants(DomId /*dom*/, std::span<const xen::SeededGrant> grants) override {
        for (const xen::SeededGrant& grant : grants)
            note("seed grant {}: {} for {}", grant.ref.value(), grant.gfn, grant.backend);
    }

    void set_boot_vcpu(DomId /*dom*/, const VcpuState& /*state*/, unsigned vcpu_count) override {
        note("domctl sethvmcontext: vCPU 0, MTRRs of {}", vcpu_count);
    }

    VcpuState vcpu_state(DomId /*dom*/, unsigned /*vcpu*/) override { return {}; }

    std::optional<Bytes> vcpu_context(DomId /*dom*/, unsigned /*vcpu*/) override {
        return std::nullopt;
    }

    void set_cpu_policy(DomId /*dom*/, std::span<const CpuidLeaf> leaves) override {
        note("domctl set_cpu_policy: {} leaves", leaves.size());
    }

    std::optional<xen::DomainInfo> domain_info(DomId /*dom*/) override { return std::nullopt; }

    std::vector<xen::DomainInfo> list_domains() override { return {}; }

    std::vector<xen::VcpuInfo> list_vcpus(DomId /*dom*/) override { return {}; }

    xen::HostInfo host_info() override { return {}; }

    xen::HostCpus& host_cpus() override {
        throw Error{Errc::internal, "a rehearsal has no host whose CPUs could be divided"};
    }

    std::string read_console(bool /*clear*/) override { return {}; }

    void send_debug_keys(const std::string& keys) override { note("sysctl debug_keys: {}", keys); }

    std::vector<std::optional<unsigned>> cpu_nodes() override { return {}; }

    std::vector<CpuidLeaf> default_cpu_policy() override { return {}; }

    std::vector<CpuidLeaf> host_cpu_policy() override { return {}; }

  private:
    template <class... Args> void note(fmt::format_string<Args...> format, Args&&... args) {
        steps_.push_back(fmt::format(format, std::forward<Args>(args)...));
    }

    Steps& steps_;
    std::size_t loaded_pages_;
    std::uint32_t ports_ = 0;
};

/// A disk that nobody opened: which loop device it would be only the kernel can say.
class NotedDisk final : public device::HeldDisk {
  public:
    explicit NotedDisk(std::string path) : path_{std::move(path)} {}

    [[nodiscard]] std::string path() const override { return path_; }

    [[nodiscard]] std::string number() const override { return "?"; }

    [[nodiscard]] std::string identity() const override { return "?"; }

  private:
    std::string path_;
};

class NotingDevices final : public device::HostDevices {
  public:
    NotingDevices(Steps& steps, xen::Store& store) : steps_{steps}, store_{store} {}

    void require_backend(const std::string& /*kind*/) override {}

    std::unique_ptr<device::HeldDisk> hold_disk(const DiskSpec& disk) override {
        steps_.push_back(fmt::format(
            "open {}, {}, as {}", disk.target, disk.is_writable ? "writable" : "read-only",
            server_of(disk) == DiskBackend::qdisk ? "an image" : "a block device"));
        return std::make_unique<NotedDisk>(disk.target);
    }

    std::vector<device::DiskUser> other_users(const device::HeldDisk& /*disk*/) override {
        return {};
    }

    void require_directory(const std::string& /*path*/) override {}

    device::QemuProcess start_qemu(DomId frontend) override {
        steps_.push_back(
            fmt::format("start {}", fmt::join(device::qemu_arguments("qemu", frontend), " ")));
        return {};
    }

    void await_qemu(xen::Store& store, const device::Address& device,
                    const device::QemuProcess& /*qemu*/) override {
        await_backend(store, device);
    }

    std::optional<device::QemuProcess> find_qemu(DomId /*frontend*/) override { return {}; }

    void end_qemu(DomId /*frontend*/) override {}

    void require_bridge(const std::string& /*bridge*/) override {}

    unsigned plug(const device::BridgePort& port) override {
        steps_.push_back(fmt::format("add {} to bridge {}", port.interface, port.bridge));
        constexpr unsigned kUsualMtu = 1500;
        return port.mtu.value_or(kUsualMtu);
    }

    void require_script(const std::string& /*path*/) override {}

    void end_script(const std::string& /*process*/) override {}

    device::ScriptEnd run_script(const device::ScriptCall& call) override {
        steps_.push_back(fmt::format("run {}", fmt::join(call.arguments, " ")));
        for (const auto& [name, value] : call.environment) // of a disk it has to name the device
            if (name == "XENBUS_PATH" && value.starts_with("backend/vbd/"))
                store_.write("/local/domain/0/" + value + "/physical-device", "?");
        return {};
    }

    void await_backend(xen::Store& /*store*/, const device::Address& device) override {
        steps_.push_back("wait for " + backend_path(device));
    }

    bool has_backend(const device::Address& /*device*/) override { return false; }

    bool await_closed(xen::Store& /*store*/, const device::Address& /*device*/,
                      std::chrono::milliseconds /*limit*/) override {
        return true;
    }

    device::Traffic traffic() override { return {}; }

  private:
    Steps& steps_;
    xen::Store& store_;
};

char letter_of(xen::Access access) {
    switch (access) {
    case xen::Access::none:
        return 'n';
    case xen::Access::read:
        return 'r';
    case xen::Access::write:
        return 'w';
    case xen::Access::both:
        return 'b';
    }
    return 'n';
}

std::string text_of(const xen::Permissions& permissions) {
    std::string text;
    for (const xen::Permission& permission : permissions)
        text += fmt::format("{}{}{}", text.empty() ? "" : ",", letter_of(permission.access),
                            permission.domain.value());
    return text;
}

std::string parent_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

/// Reads a real store, and keeps what is written to itself.
class NotingStore final : public xen::Store {
  public:
    NotingStore(xen::Store& real, Steps& steps) : real_{real}, steps_{steps} {}

    std::optional<std::string> read(const std::string& path) override {
        const auto own = nodes_.find(path);
        return own != nodes_.end() ? own->second.value : real_.read(path);
    }

    void write(const std::string& path, std::string_view value) override {
        Node& node = node_at(path);
        node.value = value;
        node.is_named = true;
        ++written_;
    }

    void remove(const std::string& path) override { steps_.push_back("xenstore rm " + path); }

    std::optional<std::vector<std::string>> list(const std::string& path) override {
        return real_.list(path);
    }

    void set_permissions(const std::string& path, const xen::Permissions& permissions) override {
        node_at(path).permissions = text_of(permissions);
        ++written_;
    }

    void transact(const std::function<void(xen::Store&)>& body) override {
        body(*this);
        steps_.push_back(
            fmt::format("xenstore transaction: {} requests", std::exchange(written_, 0)));
    }

    void introduce(DomId /*dom*/, Gfn ring, Port port) override {
        note_writes();
        steps_.push_back(fmt::format("xenstore introduce: ring {}, {}", ring, port));
    }

    void note_writes() {
        if (written_ > 0)
            steps_.push_back(fmt::format("xenstore: {} requests", std::exchange(written_, 0)));
    }

    [[nodiscard]] std::vector<RehearsedNode> nodes() const {
        std::vector<RehearsedNode> all;
        for (const auto& [path, node] : nodes_)
            if (node.is_named || !is_for_all(path))
                all.push_back({path, node.value, node.permissions});
        return all;
    }

  private:
    struct Node {
        std::string value;
        std::string permissions;
        bool is_named = false; // not only a folder of others
    };

    /// Whether it is a folder that the first domain of a boot makes, and nobody removes.
    static bool is_for_all(const std::string& path) {
        const std::string number = fmt::format("/{}", kRehearsedDomain.value());
        return path == "/libxl" || path == "/vm" ||
               (path.starts_with("/local/domain/0/") && path.find(number) == std::string::npos);
    }

    /// Made if it is not there, with the folders it is in, by which it inherits their permissions.
    /// Those that are real already are dom0's.
    Node& node_at(const std::string& path) {
        const auto found = nodes_.find(path);
        if (found != nodes_.end()) return found->second;
        const std::string parent = parent_of(path);
        const bool is_real = parent.empty() || (!nodes_.contains(parent) && real_.read(parent));
        std::string permissions = is_real ? "n0" : node_at(parent).permissions;
        return nodes_[path] = {"", std::move(permissions)};
    }

    xen::Store& real_;
    Steps& steps_;
    std::map<std::string, Node> nodes_;
    unsigned written_ = 0;
};

} // namespace

Rehearsal rehearse_build(boot::BuildPlan plan, xen::Store& store) {
    Rehearsal rehearsal;
    NotingHypervisor hypervisor{rehearsal.steps, touched_pages(plan.loads).size()};
    NotingStore noting{store, rehearsal.steps};
    // One page stands for all of them: a rehearsal copies no images.
    plan.loads = {{.what = "all", .address = GuestAddr{0}, .size = kPageSize, .data = {}}};
    Timeline timeline;
    NotingDevices devices{rehearsal.steps, noting};
    build_domain(hypervisor, noting, devices, plan, timeline);
    noting.note_writes();
    rehearsal.nodes = noting.nodes();
    return rehearsal;
}

} // namespace pvh
