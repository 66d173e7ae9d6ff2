// SPDX-License-Identifier: LGPL-2.1-or-later
// metrics.get: one list of domains by Xen, names from memory, counters of devices from sysfs;
// nothing of xenstore.
#include "daemon/metrics.h"

#include "daemon/metrics_text.h"
#include "daemon/status.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/version.h"
#include "libdomain/linux/sysfs.h"
#include "libdomain/spec/vdev.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace pvh::daemon {

namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kNsPerUs = 1000;
constexpr const char* kCounter = "counter";
constexpr const char* kGauge = "gauge";

/// What is written of each domain: its labels are made once.
struct LabelledDomain {
    const rpc::DomainStatus* status{};
    std::string labels;
};

using Domains = std::vector<LabelledDomain>;

std::string labels_of_domain(const rpc::DomainStatus& status) {
    constexpr std::size_t kLongestName = 256;
    return labels_of({{"name", guest_text(status.domain.name, kLongestName)},
                      {"uuid", to_string(status.domain.uuid)},
                      {"domid", std::to_string(status.domain.domid)}});
}

// ---- domains

void add_domain_states(MetricsText& out, const Domains& domains) {
    constexpr std::array<std::string_view, 6> kStates{"running", "blocked",  "idle",
                                                      "paused",  "shutdown", "dying"};
    out.family("pvhd_domain_state", kGauge, "1 for the state that the domain is in, 0 for others.");
    for (const auto& [status, labels] : domains)
        for (const std::string_view state : kStates)
            out.sample(join_labels(labels, labels_of({{"state", state}})),
                       std::uint64_t{status->state == state});
}

void add_domain_info(MetricsText& out, const Domains& domains) {
    out.family("pvhd_domain_info", kGauge, "Always 1: whether pvhd looks after the domain.");
    for (const auto& [status, labels] : domains)
        out.sample(
            join_labels(labels, labels_of({{"managed", status->managed ? "true" : "false"}})), 1);
}

void add_cpu_seconds(MetricsText& out, const Domains& domains) {
    out.family("pvhd_domain_cpu_seconds_total", kCounter, "CPU time of all the domain's vCPUs.");
    for (const auto& [status, labels] : domains)
        out.sample(labels, seconds_of(status->cpu_time_ns));
}

using Figure = std::uint64_t (*)(const rpc::DomainStatus&);

void add_per_domain(MetricsText& out, const Domains& domains, const char* name, const char* help,
                    Figure figure) {
    out.family(name, kGauge, help);
    for (const auto& [status, labels] : domains)
        out.sample(labels, figure(*status));
}

void add_domains(MetricsText& out, const Domains& domains) {
    add_domain_info(out, domains);
    add_domain_states(out, domains);
    add_cpu_seconds(out, domains);
    add_per_domain(out, domains, "pvhd_domain_memory_bytes", "Memory that the domain owns.",
                   [](const rpc::DomainStatus& status) { return status.memory_kib * 1024; });
    add_per_domain(out, domains, "pvhd_domain_memory_max_bytes", "Memory that the domain may own.",
                   [](const rpc::DomainStatus& status) { return status.max_memory_kib * 1024; });
    add_per_domain(
        out, domains, "pvhd_domain_vcpus_online", "vCPUs that the guest has up.",
        [](const rpc::DomainStatus& status) { return std::uint64_t{status.vcpus_online}; });
    add_per_domain(out, domains, "pvhd_domain_vcpus_max", "vCPUs that the domain has.",
                   [](const rpc::DomainStatus& status) { return std::uint64_t{status.max_vcpus}; });
}

// ---- devices

/// A device's counters, with the labels of its domain and its own.
template <class Device> struct Labelled {
    const Device* device{};
    std::string labels;
};

using Names = std::map<DomId, std::string>; // labels by domain

template <class Device, class Name>
std::vector<Labelled<Device>> label(const std::vector<Device>& devices, const Names& domains,
                                    Name name_of) {
    std::vector<Labelled<Device>> labelled;
    for (const Device& device : devices) {
        const auto domain =
            domains.find(device.frontend); // a device may be there still, or already
        if (domain == domains.end()) continue;
        labelled.push_back(
            {&device, join_labels(domain->second, labels_of({{"device", name_of(device)}}))});
    }
    return labelled;
}

template <class Device> struct Family {
    const char* name;
    const char* help;
    std::uint64_t (*figure)(const Device&);
};

template <class Device, std::size_t N>
void add_devices(MetricsText& out, const std::vector<Labelled<Device>>& devices,
                 const std::array<Family<Device>, N>& families) {
    for (const Family<Device>& family : families) {
        out.family(family.name, kCounter, family.help);
        for (const auto& [device, labels] : devices)
            out.sample(labels, family.figure(*device));
    }
}

using device::DiskTraffic;
using device::NicTraffic;

constexpr std::array<Family<NicTraffic>, 4> kNicFamilies{{
    {"pvhd_domain_network_receive_bytes_total", "What the guest has received.",
     [](const NicTraffic& nic) { return nic.received_bytes; }},
    {"pvhd_domain_network_receive_packets_total", "What the guest has received.",
     [](const NicTraffic& nic) { return nic.received_packets; }},
    {"pvhd_domain_network_transmit_bytes_total", "What the guest has sent.",
     [](const NicTraffic& nic) { return nic.sent_bytes; }},
    {"pvhd_domain_network_transmit_packets_total", "What the guest has sent.",
     [](const NicTraffic& nic) { return nic.sent_packets; }},
}};

constexpr std::array<Family<DiskTraffic>, 7> kDiskFamilies{{
    {"pvhd_domain_disk_read_requests_total", "Reads of the guest.",
     [](const DiskTraffic& disk) { return disk.read_requests; }},
    {"pvhd_domain_disk_write_requests_total", "Writes of the guest.",
     [](const DiskTraffic& disk) { return disk.write_requests; }},
    {"pvhd_domain_disk_flush_requests_total", "Flushes of the guest.",
     [](const DiskTraffic& disk) { return disk.flush_requests; }},
    {"pvhd_domain_disk_discard_requests_total", "Discards of the guest.",
     [](const DiskTraffic& disk) { return disk.discard_requests; }},
    {"pvhd_domain_disk_read_bytes_total", "What the guest has read.",
     [](const DiskTraffic& disk) { return disk.read_sectors * kSector; }},
    {"pvhd_domain_disk_written_bytes_total", "What the guest has written.",
     [](const DiskTraffic& disk) { return disk.written_sectors * kSector; }},
    {"pvhd_domain_disk_starved_total", "Times that blkback had no room for a request (oo_req).",
     [](const DiskTraffic& disk) { return disk.starved; }},
}};

void add_traffic(MetricsText& out, const Domains& domains, const device::Traffic& traffic) {
    Names names;
    for (const auto& [status, labels] : domains)
        names.emplace(DomId{status->domain.domid}, labels);
    add_devices(
        out,
        label(traffic.nics, names, [](const NicTraffic& nic) { return std::to_string(nic.id); }),
        kNicFamilies);
    add_devices(
        out,
        label(traffic.disks, names, [](const DiskTraffic& disk) { return vdev_name(disk.id); }),
        kDiskFamilies);
}

// ---- the host

void add_host(MetricsText& out, const xen::HostInfo& host) {
    const std::uint64_t free = host.free_pages.value();
    const std::uint64_t claimed = host.outstanding_pages.value();
    out.family("pvhd_host_info", kGauge, "Always 1: what runs here.");
    out.sample(labels_of({{"xen_version", guest_text(fmt::format("{}.{}{}", host.xen_major,
                                                                 host.xen_minor, host.xen_extra))},
                          {"pvhd_version", kVersion}}),
               1);
    out.single("pvhd_host_memory_bytes", kGauge, "Memory of the host, without what Xen reserves.",
               host.total_pages.value() * kPageSize);
    out.single("pvhd_host_memory_free_bytes", kGauge, "Memory neither owned nor claimed.",
               (free - std::min(free, claimed)) * kPageSize);
    out.single("pvhd_host_memory_claimed_bytes", kGauge,
               "Memory claimed by builds under way, not yet populated.", claimed * kPageSize);
    out.single("pvhd_host_cpus", kGauge, "Physical CPUs online.", host.nr_cpus);
}

// ---- pvhd itself

void add_errors(MetricsText& out, const Counters& counters) {
    out.family("pvhd_errors_total", kCounter, "Requests answered with an error, by its code.");
    for (std::size_t i = 0; i < kErrcs; ++i)
        out.sample(labels_of({{"code", to_string(static_cast<Errc>(i))}}), counters.errors.at(i));
}

void add_histogram(MetricsText& out, const std::string& labels, const Histogram& histogram) {
    for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
        const double bound = std::chrono::duration<double>(Histogram::kBounds.at(i)).count();
        out.sample(join_labels(labels, labels_of({{"le", fmt::format("{}", bound)}})),
                   histogram.up_to(i), "_bucket");
    }
    out.sample(join_labels(labels, labels_of({{"le", "+Inf"}})), histogram.count(), "_bucket");
    out.sample(labels, seconds_of(static_cast<std::uint64_t>(histogram.sum().count()) * kNsPerUs),
               "_sum");
    out.sample(labels, histogram.count(), "_count");
}

void add_create_stages(MetricsText& out, const Counters& counters) {
    out.family("pvhd_create_stage_seconds", "histogram",
               "What the stages of successful domain.create calls took.");
    for (const auto& [stage, histogram] : counters.create_stages)
        add_histogram(out, labels_of({{"stage", stage}}), histogram);
}

void add_pool(MetricsText& out, const Figures& figures) {
    if (figures.pool.empty()) return;
    out.family("pvhd_pool_domains_ready", kGauge,
               "Domains built ahead that wait, by their config.");
    for (const Pool::Figures& of : figures.pool)
        out.sample(labels_of({{"file", of.file}}), of.ready);
    out.family("pvhd_pool_domains_wanted", kGauge, "How many of them are to wait.");
    for (const Pool::Figures& of : figures.pool)
        out.sample(labels_of({{"file", of.file}}), of.wanted);
    out.single("pvhd_pool_hits_total", kCounter, "Creates that took one that was built ahead.",
               figures.pool_hits);
    out.single("pvhd_pool_misses_total", kCounter, "Creates that found none that fits.",
               figures.pool_misses);
}

void add_daemon(MetricsText& out, const Figures& figures) {
    const Counters& counters = figures.counters;
    const auto managed =
        std::count_if(figures.domains.begin(), figures.domains.end(),
                      [](const rpc::DomainStatus& status) { return status.managed; });
    out.single("pvhd_domains_managed", kGauge, "Domains that pvhd looks after.",
               static_cast<std::uint64_t>(managed));
    out.single("pvhd_creates_total", kCounter, "Domains that domain.create has made.",
               counters.creates);
    out.family("pvhd_destroys_total", kCounter,
               "Domains that were ended for good, by whose will: a client's or their config's.");
    out.sample(labels_of({{"by", "client"}}), counters.destroys_by_clients);
    out.sample(labels_of({{"by", "policy"}}), counters.destroys_by_policy);
    out.single("pvhd_restarts_total", kCounter, "Domains that were built anew after their end.",
               counters.restarts);
    add_create_stages(out, counters);
    add_pool(out, figures);
    out.single("pvhd_requests_total", kCounter, "Requests that clients have sent.",
               counters.requests);
    add_errors(out, counters);
    out.single("pvhd_events_total", kCounter, "Events in the log, also of a pvhd before.",
               figures.events);
    out.single("pvhd_connections", kGauge, "Clients that are connected.", counters.connections);
    out.single("pvhd_resident_memory_bytes", kGauge, "Memory of dom0 that pvhd has.",
               figures.resident_bytes);
    out.single("pvhd_open_fds", kGauge, "File descriptors that pvhd has open.", figures.open_fds);
}

// ---- gathering

/// The second number: pages that are in memory.   [proc(5), /proc/pid/statm]
std::uint64_t resident_bytes() {
    const std::string text = host::read_attribute("/proc/self/statm");
    const std::size_t blank = text.find(' ');
    std::uint64_t pages = 0;
    if (blank != std::string::npos)
        std::from_chars(text.data() + blank + 1, text.data() + text.size(), pages);
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// But the one that reads the folder.
std::uint64_t open_fds() {
    const std::size_t entries = host::list_folder("/proc/self/fd").size();
    return entries - std::min<std::size_t>(entries, 1);
}

struct Sight {
    std::vector<xen::DomainInfo> domains;
    xen::HostInfo host;
    device::Traffic traffic;
};

} // namespace

std::string metrics_text(const Figures& figures) {
    Domains domains;
    domains.reserve(figures.domains.size());
    for (const rpc::DomainStatus& status : figures.domains)
        domains.push_back({&status, labels_of_domain(status)});
    MetricsText out;
    add_domains(out, domains);
    add_traffic(out, domains, figures.traffic);
    add_host(out, figures.host);
    add_daemon(out, figures);
    return std::move(out).text();
}

namespace verbs {

Task<rpc::MetricsResult> metrics(Call call, rpc::NoParams /*params*/) {
    Toolstack& toolstack = call.toolstack;
    std::function<Sight(WorkerContext&)> look = [](WorkerContext& context) {
        return Sight{.domains = context.hypervisor.list_domains(),
                     .host = context.hypervisor.host_info(),
                     .traffic = context.devices.traffic()};
    };
    Sight sight = co_await toolstack.queries.run(std::move(look));
    Figures figures;
    for (const xen::DomainInfo& info : sight.domains)
        if (!toolstack.pool->owns(info.handle))
            figures.domains.push_back(make_status(info, toolstack.registry));
    figures.traffic = std::move(sight.traffic);
    figures.host = std::move(sight.host);
    figures.counters = toolstack.counters;
    figures.events = toolstack.events.next() - 1;
    figures.pool = toolstack.pool->figures();
    figures.pool_hits = toolstack.pool->hits();
    figures.pool_misses = toolstack.pool->misses();
    // Writing megabytes for a thousand domains is no work for the loop.
    std::function<std::string(WorkerContext&)> write =
        [figures = std::move(figures)](WorkerContext&) mutable {
            figures.resident_bytes = resident_bytes();
            figures.open_fds = open_fds();
            return metrics_text(figures);
        };
    rpc::MetricsResult result;
    result.text = co_await toolstack.queries.run(std::move(write));
    co_return result;
}

} // namespace verbs

} // namespace pvh::daemon
