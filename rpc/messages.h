// SPDX-License-Identifier: LGPL-2.1-or-later
// What travels between pvhd and its clients, as values. JSON appears in messages_json.cpp only.
// Names of members are the names on the wire; parameters are by name only; an unknown member is
// refused with the nearest match.
#pragma once

#include "libdomain/core/guest_types.h"
#include "libdomain/core/uuid.h"
#include "libdomain/spec/domain_spec.h"
#include "rpc/event_type.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

/// One of the three; in JSON {"uuid": "..."}, {"name": "..."} or {"domid": 7}, beside a method's
/// other members.
struct Selector {
    std::optional<Uuid> uuid;
    std::optional<std::string> name;
    std::optional<std::uint16_t> domid;

    [[nodiscard]] bool is_empty() const { return !uuid && !name && !domid; }
};

/// Every reply about a domain carries all three.
struct Identity {
    Uuid uuid;
    std::string name;
    std::uint16_t domid{};
};

/// system.info, system.ping, rpc.discover
struct NoParams {};

/// A message in whose JSON unknown members are refused, though results skip them.
template <class T> struct Strictly { T value; };

/// domain.create and domain.plan
struct CreateParams {
    std::optional<std::string> config;        // text in the language of xl.cfg; either this or spec
    std::string config_name = "config";       // for messages: file:line:col
    std::vector<std::string> overrides;       // key=value each, parsed after the text
    std::string directory;                    // absolute: where relative paths in the config start
    bool strict = false;                      // an unknown option of the config is an error
    std::optional<Strictly<DomainSpec>> spec; // the domain as domain.plan tells it
    bool paused = false;                      // leave the domain paused
    bool trace = false;                       // answer with the timeline
};

struct TimelineStage {
    std::string stage;
    std::int64_t elapsed_us{};
};

struct CreateResult {
    Identity domain;
    std::vector<std::string> warnings;   // of the config, each file:line:col: warning: ...
    std::vector<TimelineStage> timeline; // only with trace
};

/// domain.set_config: the config of the domain's next life
struct SetConfigParams {
    Selector domain;
    std::optional<std::string> config; // as in CreateParams
    std::string config_name = "config";
    std::vector<std::string> overrides;
    std::string directory;
    bool strict = false;
    std::optional<Strictly<DomainSpec>> spec;
};

struct SetConfigResult {
    Identity domain;
    std::vector<std::string> warnings; // of the config
};

struct MemoryRangeResult {
    std::uint64_t address{};
    std::uint64_t size{};
    std::string type; // "ram", "reserved", "acpi", "nvs"
};

struct LoadResult {
    std::string what;
    std::uint64_t address{};
    std::uint64_t size{};
};

/// A node that create would write to xenstore.
struct PlannedNode {
    std::string path; // the domain's number is not chosen yet: 32767 stands for it
    std::string value;
    std::string permissions; // as xenstore-ls -p: "n0,r32767"
};

/// domain.plan: what create would build; nothing is touched.
struct PlanResult {
    DomainSpec spec;
    std::string kernel_format;
    std::uint64_t entry{};
    std::uint64_t start_info{};
    std::vector<MemoryRangeResult> memory_map;
    std::vector<LoadResult> loads;
    std::uint64_t needed_kib{};     // host memory that will be claimed
    std::vector<std::string> steps; // hypercalls, and what is done to xenstore, in their order
    std::vector<PlannedNode> nodes;
    std::vector<std::string> warnings;
};

/// domain.list and domain.get
struct DomainStatus {
    Identity domain;
    /// "running", "blocked", "paused", "shutdown", "dying", "idle" (runnable, not on a CPU), or
    /// "restarting": between two lives, without a domid (32756)
    std::string state;
    bool running{}, blocked{}, paused{}, shutdown{}, dying{};
    /// "poweroff", "reboot", "suspend", "crash", "watchdog", "soft_reset", or the number in digits;
    /// empty unless shutdown
    std::string shutdown_reason;
    std::uint64_t memory_kib{};      // owned now
    std::uint64_t max_memory_kib{};  // Xen's limit
    std::uint64_t outstanding_kib{}; // claimed, not yet populated
    unsigned vcpus_online{};
    unsigned max_vcpus{};
    std::uint64_t cpu_time_ns{};
    unsigned cpupool{};
    bool managed{};        // created by this daemon, or adopted from its state
    std::string operation; // "create", "destroy", ... while one is under way
    std::string remark;    // for people: why it is as it is, if that needs words
};

/// Names of members of a message: these are told alone, and only where they are neither false, 0
/// nor empty. Who it is about is told in any case, as far as it is asked for.
using Fields = std::vector<std::string>;

/// domain.list
struct ListParams {
    std::optional<Fields> fields; // of each domain; absent: all, whatever they are
};

struct ListResult {
    std::vector<DomainStatus> domains; // ascending by domid, dom0 first
    std::optional<Fields> fields;      // as asked for; not told
};

struct GetResult {
    DomainStatus status;
    std::optional<DomainSpec> spec;      // of managed domains
    std::optional<DomainSpec> next_spec; // of its next life, if domain.set_config gave one
    std::string console_tty;             // empty until there is one
};

/// domain.shutdown and domain.reboot
struct ShutdownParams {
    Selector domain;
    bool force = false; // do not ask the guest: end it with that reason by the hypervisor
};

/// domain.vcpus
struct VcpusParams {
    Selector domain; // empty: all
};

struct VcpuStatus {
    unsigned vcpu{};
    bool online{}, blocked{}, running{};
    unsigned cpu{}; // where it runs or last ran
    std::uint64_t cpu_time_ns{};
    std::string hard_affinity, soft_affinity; // "0-3,5", "all" or "none"
};

struct DomainVcpus {
    Identity domain;
    std::vector<VcpuStatus> vcpus; // ascending by number
};

struct VcpusResult {
    std::vector<DomainVcpus> domains; // ascending by domid
};

/// domain.vcpu_state: of a vCPU that is up
struct VcpuStateParams {
    Selector domain;
    unsigned vcpu = 0;
};

struct VcpuStateResult {
    Identity domain;
    VcpuState state;
};

/// domain.set_vcpus
struct SetVcpusParams {
    Selector domain;
    unsigned vcpus{}; // how many are to be online: the first ones
};

/// domain.rename
struct RenameParams {
    Selector domain;
    std::string new_name;
};

/// domain.set_memory: one of the two, or both
struct SetMemoryParams {
    Selector domain;
    std::optional<std::uint64_t> target_kib; // what the guest's balloon driver is asked for
    std::optional<std::uint64_t> max_kib;    // how far that may go
};

struct MemoryResult {
    Identity domain;
    std::uint64_t target_kib{}, max_kib{};
    std::uint64_t memory_kib{}; // owned now
};

/// domain.pin_vcpu: lists of CPUs in the words of cpus=; absent: as it is
struct PinVcpuParams {
    Selector domain;
    std::optional<unsigned> vcpu; // absent: all
    std::optional<std::string> hard, soft;
};

/// domain.trigger
struct TriggerParams {
    Selector domain;
    std::string trigger; // "nmi", "reset", "init", "power" or "sleep"
    unsigned vcpu = 0;
};

/// domain.sysrq
struct SysrqParams {
    Selector domain;
    std::string key; // one character
};

/// domain.scheduling
struct SchedulingParams {
    Selector domain; // empty: all
};

/// What the scheduler of its CPU pool has of a domain; absent where that knows no such thing.
struct DomainScheduling {
    Identity domain;
    unsigned cpupool{};
    std::string scheduler; // "credit2", ...
    std::optional<unsigned> weight;
    std::optional<unsigned> cap; // percent of one CPU; 0: none
    std::string node_affinity;   // "0-1", "all" or "none"
};

struct SchedulingResult {
    std::vector<DomainScheduling> domains; // ascending by domid
};

/// domain.set_scheduling: absent ones stay as they are
struct SetSchedulingParams {
    Selector domain;
    std::optional<unsigned> weight, cap;
};

/// domain.uptime
struct UptimeParams {
    Selector domain; // empty: all
};

struct DomainUptime {
    Identity domain;
    std::optional<std::uint64_t> uptime_s; // absent: its toolstack did not note when it began
};

struct UptimeResult {
    std::vector<DomainUptime> domains; // ascending by domid
};

/// cpupool.list
struct CpuPoolStatus {
    unsigned id{};
    std::string name; // "" if xenstore has none
    std::string scheduler;
    std::vector<unsigned> cpus; // ascending
    unsigned domains{};
    std::optional<unsigned> tslice_ms, ratelimit_us, migration_delay_us; // of schedulers with them
};

struct CpuPoolsResult {
    std::vector<CpuPoolStatus> pools; // ascending by number
};

/// cpupool.create
struct CreateCpuPoolParams {
    std::string name;
    std::string scheduler;           // empty: that of pool 0
    std::optional<std::string> cpus; // in the words of cpus=; absent: none
};

/// cpupool.destroy
struct CpuPoolParams {
    std::string pool; // name or number
};

/// cpupool.update: absent ones stay as they are; done in this order, up to what fails
struct UpdateCpuPoolParams {
    std::string pool;
    std::optional<std::string> new_name;
    std::optional<std::string> add_cpus, remove_cpus; // in the words of cpus=
    std::optional<unsigned> tslice_ms, ratelimit_us, migration_delay_us;
};

/// domain.set_cpupool
struct SetCpuPoolParams {
    Selector domain;
    std::string pool; // name or number
};

/// system.topology
struct CpuTopology {
    unsigned cpu{};
    std::optional<unsigned> core, socket; // absent: the CPU does not tell
    unsigned node{};
};

struct NodeTopology {
    unsigned node{};
    std::uint64_t memory_kib{}, free_kib{};
    std::vector<unsigned> distances; // to each node by number
};

struct DeviceTopology {
    std::string device; // "0000:00:1f.2"
    unsigned node{};
};

struct TopologyResult {
    std::vector<CpuTopology> cpus;       // those online, ascending
    std::vector<NodeTopology> nodes;     // ascending
    std::vector<DeviceTopology> devices; // of PCI, whose node is known, ascending
};

/// domain.usage
struct UsageParams {
    Selector domain; // empty: all
};

/// Counters run from the domain's start, or from when the device was attached.
struct DomainUsage {
    DomainStatus status;
    unsigned vbds{}, vifs{};                   // those that dom0 serves
    std::uint64_t disk_reads{}, disk_writes{}; // requests
    std::uint64_t disk_read_bytes{}, disk_written_bytes{};
    std::uint64_t received_bytes{}, sent_bytes{}; // by the guest, from and to the network
};

struct UsageResult {
    std::uint64_t time_ns{};          // of a clock that only goes forward, when it was looked
    std::vector<DomainUsage> domains; // ascending by domid
};

/// device.list
struct DeviceStatus {
    std::string kind; // "vbd", "vif", "console", ...: of the backend
    unsigned devid{};
    std::uint32_t backend_domid{};
    std::string backend_path;
    unsigned state{}; // of the frontend, which the guest writes: XenbusState, 0 if it is none
    unsigned backend_state{}; // of the backend
    std::optional<std::uint32_t> event_channel, ring_ref, tx_ring_ref, rx_ring_ref; // the guest's
    std::string vdev, target;                                                       // of a disk
    bool writable{};                                                                // a disk
    std::string mac, bridge;            // of an interface
    std::string name, connection, path; // of a channel
};

struct DevicesResult {
    Identity domain;
    std::vector<DeviceStatus> devices; // in xenstore's order
};

/// device.attach: a disk or an interface, in the words of xl.cfg
struct AttachParams {
    Selector domain;
    std::optional<std::string> disk; // an item of disk=
    std::optional<std::string> vif;  // an item of vif=
    std::string directory;           // absolute: where a relative path starts
};

/// device.detach
struct DetachParams {
    Selector domain;
    std::optional<std::string> disk; // "xvdb", or its number
    std::optional<std::string> vif;  // its number or MAC
    bool force = false;              // take it away without asking the guest
    std::uint64_t timeout_ms = 10'000;
};

struct DeviceResult {
    Identity domain;
    DeviceStatus device;
    std::vector<std::string> warnings; // of the text, each disk:1:col: warning: ...
};

/// The longest that a guest may be waited for: a thread of the daemon waits with it.
inline constexpr std::uint64_t kMaxDetachMs = 60'000;

/// domain.dump_core
struct DumpCoreParams {
    Selector domain;
    std::string path;  // absolute; nothing is there yet
    bool live = false; // the guest runs on meanwhile
};

struct DumpCoreResult {
    Identity domain;
    std::string path;
    std::uint64_t bytes{};      // of the file, holes included
    std::uint64_t disk_bytes{}; // that it takes
    std::uint64_t memory_kib{}; // of the guest's, in it
    unsigned vcpus{};
};

/// domain.wait
struct WaitParams {
    Selector domain;
    std::string until = "gone"; // "shutdown" (stopped or gone), "gone", "running", "console"
    std::optional<std::uint64_t> timeout_ms; // none: as long as the connection lives
};

struct WaitResult {
    Identity domain;
    std::string reached;         // "shutdown", "gone", "running", "console"
    std::string shutdown_reason; // as in DomainStatus, if known
};

/// domain.console
struct ConsoleResult {
    Identity domain;
    std::string tty;     // path of the pseudo-terminal; waits a bounded time until there is one
    std::string service; // who made it: "pvhconsoled", or "xenconsoled"
};

/// console.attach, the one method of pvhconsoled: after its answer the connection carries bytes.
struct ConsoleAttachParams {
    Selector domain;
    bool replay = false;    // begin with what is kept
    bool follow = true;     // and go on until the domain ends
    bool read_only = false; // never the one who writes
    bool take_over = false; // the one who writes, whoever did
    bool notices = false;   // a person reads: lines about who writes may come between
};

struct ConsoleAttachResult {
    Identity domain;
    bool writes{};              // what the client sends goes to the guest
    std::string writer;         // who writes now: "pid 12 uid 0", or "" if nobody does
    std::uint64_t lost_bytes{}; // with replay: printed before what is kept begins
};

/// What an event tells beside its domain; which members there are depends on its type.
struct EventData {
    std::optional<bool> managed;             // created
    std::optional<bool> paused;              // created
    std::optional<std::string> reason;       // shutdown, destroyed, restarting: as shutdown_reason
    std::optional<std::string> old_name;     // renamed
    std::optional<std::string> device;       // device.*: "disk xvdb", "interface 0"
    std::optional<std::string> message;      // for people
    std::optional<std::uint64_t> delay_ms;   // restart_failed, restart_delayed: the next attempt
    std::optional<std::uint64_t> first_lost; // overflow: numbers of the events that are lost
    std::optional<std::uint64_t> last_lost;
};

/// One thing that happened; also the params of the notification "event".
struct Event {
    std::uint64_t seq{}; // ascends without gaps as long as boot_id stays
    std::string boot_id;
    std::string time; // "2026-11-22T18:07:19.123456Z"
    std::string type; // one of kWords<EventType>, or of a newer pvhd
    Identity domain;  // as it was then
    EventData data;
};

/// Which events a client wants to hear of. An empty selector: of all domains.
struct EventFilter {
    Selector domain;
    std::vector<EventType> types; // empty: all
};

/// events.list
struct EventsParams {
    EventFilter filter;
    std::optional<std::uint64_t> since; // those after this number; none: all that are kept
    std::string boot_id;                // what `since` belongs to; empty: not known
    std::uint64_t limit = 1000;         // at most so many, the oldest of them
};

struct EventsResult {
    std::string boot_id;
    std::uint64_t first{}; // number of the oldest that is kept
    std::uint64_t last{};  // of the newest; 0: there was none
    std::vector<Event> events;
};

/// events.subscribe
struct SubscribeParams {
    EventFilter filter;
    std::optional<std::uint64_t> since; // begin after this number; none: with what comes
    std::string boot_id;
};

struct SubscribeResult {
    std::string boot_id;
    std::uint64_t seq{}; // the notifications begin after this number
};

/// job.get and job.cancel
struct JobParams {
    std::string job;
};

/// job.wait
struct JobWaitParams {
    std::string job;
    std::optional<std::uint64_t> timeout_ms; // none: as long as the connection lives
};

/// What a call answers whose params have "mode": "job".
struct JobBegun {
    std::string job;
};

/// Also the params of the notification "job.progress", without result and error.
struct JobStatus {
    std::string job, method;
    std::string by;                // for whom: "pid 123 uid 0"
    std::string subject;           // for people: what it was asked to do it to
    std::string state;             // "running", "done", "failed", "cancelled"
    std::string stage;             // of a build: the last that is done
    std::uint64_t done{}, total{}; // stages; total is 0 where there are none to tell
    std::uint64_t elapsed_us{};
    std::optional<nlohmann::json> result, error; // as the call would have answered
};

struct JobListResult {
    std::vector<JobStatus> jobs; // as they began
};

/// system.info
struct SystemInfo {
    std::string version; // of pvhd
    unsigned api_major = 1, api_minor = 0;
    std::vector<std::string> features;
    // Host facts in the order and units of xl info.
    std::string host, release, kernel_version, machine;
    unsigned nr_cpus{}, max_cpu_id{}, nr_nodes{}, cores_per_socket{}, threads_per_core{}, cpu_khz{};
    std::string hw_caps; // eight 8-digit hex words joined by ':'
    std::vector<std::string> virt_caps;
    std::uint64_t total_memory_mib{}, free_memory_mib{}, sharing_freed_memory_mib{},
        sharing_used_memory_mib{}, outstanding_claims_mib{};
    unsigned free_cpus{};
    unsigned xen_major{}, xen_minor{};
    std::string xen_extra, xen_caps, xen_scheduler;
    unsigned xen_pagesize{};
    std::string platform_params, xen_changeset, xen_commandline;
    std::string cc_compiler, cc_compile_by, cc_compile_domain, cc_compile_date, build_id;
};

/// One thing that system.doctor has looked at.
struct DoctorCheck {
    std::string name;    // a stable word: "hap", "xenstored", ...
    std::string status;  // "ok", "warn", "fail"
    std::string message; // what was seen, for people
    std::string hint;    // what to do about it; empty if all is well
};

/// system.doctor
struct DoctorResult {
    std::vector<DoctorCheck> checks;
};

/// metrics.get
struct MetricsResult {
    std::string text; // Prometheus' text format, version 0.0.4
};

/// system.dmesg
struct DmesgParams {
    bool clear = false; // and empty it
};

struct DmesgResult {
    std::string text; // what Xen has printed, as much as it keeps
};

/// system.debug_keys
struct DebugKeysParams {
    std::string keys;
};

struct NoResult {};

/// system.ping
struct PingResult {
    std::string version; // of pvhd
};

} // namespace pvh::rpc
