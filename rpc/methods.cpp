// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/methods.h"

#include "libdomain/core/nearest.h"
#include "rpc/envelope.h"
#include "rpc/error_object.h"
#include "rpc/protocol_error.h"
#include "rpc/schema.h"
#include "rpc/shortened.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace pvh::rpc {

namespace {

using nlohmann::json;

/// The document describes itself no further than this.
json open_rpc_schema() {
    return {{"type", "object"}, {"description", "an OpenRPC document"}};
}

constexpr std::array<Method, 47> kMethods{{
    {"cpupool.create", "Makes a CPU pool", Role::admin, true, schema_of<CreateCpuPoolParams>,
     schema_of<CpuPoolStatus>},
    {"cpupool.destroy", "Ends a CPU pool that has no domains", Role::admin, true,
     schema_of<CpuPoolParams>, schema_of<CpuPoolStatus>},
    {"cpupool.list", "Lists the CPU pools", Role::reader, false, schema_of<NoParams>,
     schema_of<CpuPoolsResult>},
    {"cpupool.update", "Gives a CPU pool another name, CPUs or parameters", Role::admin, true,
     schema_of<UpdateCpuPoolParams>, schema_of<CpuPoolStatus>},
    {"device.attach", "Attaches a disk or an interface to a domain that runs", Role::operate, true,
     schema_of<AttachParams>, schema_of<DeviceResult>},
    {"device.detach", "Takes a disk or an interface away from a domain", Role::operate, true,
     schema_of<DetachParams>, schema_of<DeviceResult>},
    {"device.list", "Lists the devices of a domain but its first console", Role::reader, false,
     schema_of<Selector>, schema_of<DevicesResult>},
    {"domain.console",
     "Waits a bounded time for the domain's console and tells its pseudo-terminal", Role::operate,
     false, schema_of<Selector>, schema_of<ConsoleResult>},
    {"domain.create", "Builds a domain from a config and starts it", Role::operate, true,
     schema_of<CreateParams>, schema_of<CreateResult>},
    {"domain.destroy", "Ends a domain at once", Role::operate, true, schema_of<Selector>,
     schema_of<Identity>},
    {"domain.dump_core", "Writes a domain's memory and vCPUs into a file of dom0", Role::admin,
     true, schema_of<DumpCoreParams>, schema_of<DumpCoreResult>},
    {"domain.get", "Tells everything about one domain", Role::reader, false, schema_of<Selector>,
     schema_of<GetResult>},
    {"domain.list", "Lists every domain that Xen knows", Role::reader, false, schema_of<ListParams>,
     schema_of<ListResult>},
    {"domain.pause", "Stops a domain's vCPUs", Role::operate, true, schema_of<Selector>,
     schema_of<Identity>},
    {"domain.pin_vcpu", "Says on which CPUs of the host vCPUs may run", Role::operate, true,
     schema_of<PinVcpuParams>, schema_of<Identity>},
    {"domain.plan", "Tells what domain.create would build; touches nothing", Role::operate, false,
     schema_of<CreateParams>, schema_of<PlanResult>},
    {"domain.reboot", "Asks the guest to reboot", Role::operate, true, schema_of<ShutdownParams>,
     schema_of<Identity>},
    {"domain.rename", "Gives a domain another name", Role::operate, true, schema_of<RenameParams>,
     schema_of<Identity>},
    {"domain.scheduling", "Tells what the scheduler has of one domain, or of all", Role::reader,
     false, schema_of<SchedulingParams>, schema_of<SchedulingResult>},
    {"domain.set_config", "Gives a domain another config for its next life", Role::operate, true,
     schema_of<SetConfigParams>, schema_of<SetConfigResult>},
    {"domain.set_cpupool", "Moves a domain to another CPU pool", Role::operate, true,
     schema_of<SetCpuPoolParams>, schema_of<Identity>},
    {"domain.set_memory", "Asks the guest for a memory size, or moves its limit", Role::operate,
     true, schema_of<SetMemoryParams>, schema_of<MemoryResult>},
    {"domain.set_scheduling", "Sets a domain's share of the CPUs", Role::operate, true,
     schema_of<SetSchedulingParams>, schema_of<DomainScheduling>},
    {"domain.set_vcpus", "Asks the guest to use so many of its vCPUs", Role::operate, true,
     schema_of<SetVcpusParams>, schema_of<Identity>},
    {"domain.shutdown", "Asks the guest to power off", Role::operate, true,
     schema_of<ShutdownParams>, schema_of<Identity>},
    {"domain.sysrq", "Presses a key for the guest's kernel: Linux' SysRq", Role::operate, true,
     schema_of<SysrqParams>, schema_of<Identity>},
    {"domain.trigger", "Sends a vCPU an NMI, INIT or other signal", Role::operate, true,
     schema_of<TriggerParams>, schema_of<Identity>},
    {"domain.unpause", "Lets a paused domain run", Role::operate, true, schema_of<Selector>,
     schema_of<Identity>},
    {"domain.uptime", "Tells how long one domain has run, or all", Role::reader, false,
     schema_of<UptimeParams>, schema_of<UptimeResult>},
    {"domain.usage", "Tells what of CPUs, disks and network one domain has used, or all",
     Role::reader, false, schema_of<UsageParams>, schema_of<UsageResult>},
    {"domain.vcpu_state", "Tells the registers of a vCPU, hidden parts included", Role::operate,
     false, schema_of<VcpuStateParams>, schema_of<VcpuStateResult>},
    {"domain.vcpus", "Lists the vCPUs of one domain, or of all", Role::reader, false,
     schema_of<VcpusParams>, schema_of<VcpusResult>},
    {"domain.wait", "Answers once the domain has reached a state", Role::reader, false,
     schema_of<WaitParams>, schema_of<WaitResult>},
    {"events.list", "Tells what has happened to domains", Role::reader, false,
     schema_of<EventsParams>, schema_of<EventsResult>},
    {"events.subscribe", "Sends what happens to domains from now on, as notifications",
     Role::reader, false, schema_of<SubscribeParams>, schema_of<SubscribeResult>},
    {"job.cancel", "Asks a job to end without having done anything", Role::operate, true,
     schema_of<JobParams>, schema_of<JobStatus>},
    {"job.get", "Tells how far a job is", Role::reader, false, schema_of<JobParams>,
     schema_of<JobStatus>},
    {"job.list", "Lists the jobs under way and the last that ended", Role::reader, false,
     schema_of<NoParams>, schema_of<JobListResult>},
    {"job.wait", "Answers once a job has ended", Role::reader, false, schema_of<JobWaitParams>,
     schema_of<JobStatus>},
    {"metrics.get", "Tells figures of domains, host and pvhd, as Prometheus takes them",
     Role::reader, false, schema_of<NoParams>, schema_of<MetricsResult>},
    {"rpc.discover", "Tells this document", Role::reader, false, schema_of<NoParams>,
     open_rpc_schema},
    {"system.debug_keys", "Presses keys on Xen's own console", Role::admin, true,
     schema_of<DebugKeysParams>, schema_of<NoResult>},
    {"system.dmesg", "Tells what Xen has printed", Role::operate, true, schema_of<DmesgParams>,
     schema_of<DmesgResult>},
    {"system.doctor", "Tells what of the host is as it should be, and what to do about the rest",
     Role::reader, false, schema_of<NoParams>, schema_of<DoctorResult>},
    {"system.info", "Tells what the host and its Xen are", Role::reader, false, schema_of<NoParams>,
     schema_of<SystemInfo>},
    {"system.ping", "Tells that pvhd answers", Role::reader, false, schema_of<NoParams>,
     schema_of<PingResult>},
    {"system.topology", "Tells cores, sockets and NUMA nodes of the host", Role::reader, false,
     schema_of<NoParams>, schema_of<TopologyResult>},
}};

json describe_params(const Method& method) {
    json schema = method.params_schema();
    if (method.is_mutating) schema["properties"].update(envelope_schema());
    const json required = schema.value("required", json::array());
    json params = json::array();
    for (const auto& [name, member] : schema.at("properties").items()) {
        const bool is_required =
            std::find(required.begin(), required.end(), name) != required.end();
        params.push_back({{"name", name}, {"required", is_required}, {"schema", member}});
    }
    return params;
}

json describe_errors() {
    json errors = json::array();
    for (std::size_t i = 0; i < kErrcs; ++i) {
        const auto code = static_cast<Errc>(i);
        errors.push_back({{"code", rpc_code_of(code)}, {"message", to_string(code)}});
    }
    return errors;
}

json describe_method(const Method& method) {
    return {{"name", method.name},
            {"summary", method.summary},
            {"paramStructure", "by-name"},
            {"params", describe_params(method)},
            {"result", {{"name", "result"}, {"schema", method.result_schema()}}},
            {"errors", describe_errors()},
            {"x-role", to_string(method.role)},
            {"x-mutating", method.is_mutating}};
}

} // namespace

std::string_view to_string(Role role) {
    switch (role) {
    case Role::reader:
        return "reader";
    case Role::operate:
        return "operator";
    case Role::admin:
        return "admin";
    }
    return "admin";
}

std::span<const Method> methods() {
    return kMethods;
}

const Method* find_method(std::string_view name) {
    const auto* found = std::find_if(kMethods.begin(), kMethods.end(),
                                     [&](const Method& method) { return method.name == name; });
    return found == kMethods.end() ? nullptr : found;
}

const Method& require_method(std::string_view name) {
    if (const Method* method = find_method(name)) return *method;
    std::vector<std::string_view> names;
    names.reserve(kMethods.size());
    for (const Method& method : kMethods)
        names.push_back(method.name);
    const auto nearest = nearest_of(name, names);
    throw ProtocolError{
        kMethodNotFound,
        fmt::format("there is no method \"{}\"{}", shortened(name),
                    nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "")};
}

json describe_api(std::string_view daemon_version) {
    json list = json::array();
    for (const Method& method : kMethods)
        list.push_back(describe_method(method));
    return {{"openrpc", "1.2.6"},
            {"info",
             {{"title", "pvhd"},
              {"description", "PVH domains on Xen"},
              {"version", fmt::format("{}.{}.0", kApiMajor, kApiMinor)},
              {"x-daemon-version", daemon_version}}},
            {"methods", std::move(list)}};
}

} // namespace pvh::rpc
