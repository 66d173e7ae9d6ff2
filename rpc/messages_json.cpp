// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/messages_json.h"

#include "rpc/json_reader.h"
#include "rpc/json_writer.h"
#include "rpc/protocol_error.h"
#include "rpc/spec_json.h"

#include <fmt/format.h>

namespace pvh::rpc {

namespace {

void require_one(const Selector& selector) {
    const int given = static_cast<int>(selector.uuid.has_value()) +
                      static_cast<int>(selector.name.has_value()) +
                      static_cast<int>(selector.domid.has_value());
    if (given != 1)
        throw InvalidParams{R"(exactly one of "uuid", "name" and "domid" selects a domain)"};
}

template <class Params> void require_one_description(const Params& params) {
    if (params.config.has_value() == params.spec.has_value())
        throw InvalidParams{R"(exactly one of "config" and "spec" describes a domain)"};
    if (params.spec && !params.overrides.empty())
        throw InvalidParams{R"("overrides" belong to "config", and "spec" is given)"};
}

void require_one_device(const std::optional<std::string>& disk,
                        const std::optional<std::string>& vif) {
    if (disk.has_value() == vif.has_value())
        throw InvalidParams{R"(exactly one of "disk" and "vif" tells the device)"};
}

} // namespace

// One line each: the members themselves are in members.h.

void to_json(nlohmann::json& json, const Selector& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const Identity& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const CreateParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const TimelineStage& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const CreateResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const MemoryRangeResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const LoadResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const PlanResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DomainStatus& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const ListParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const ListResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const GetResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const ShutdownParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DevicesResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const AttachParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DetachParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DeviceResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const VcpusParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const VcpusResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const VcpuStateParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const VcpuStateResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SetVcpusParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const RenameParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SetMemoryParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const MemoryResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const PinVcpuParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const TriggerParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SysrqParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SchedulingParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DomainScheduling& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SchedulingResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SetSchedulingParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const UptimeParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const UptimeResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const CpuPoolStatus& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const CpuPoolsResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SetConfigParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SetConfigResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const CreateCpuPoolParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const CpuPoolParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const UpdateCpuPoolParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SetCpuPoolParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const TopologyResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const UsageParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const UsageResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DmesgParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DmesgResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DebugKeysParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const NoResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DumpCoreParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DumpCoreResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const WaitParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const WaitResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const ConsoleResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const ConsoleAttachParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const ConsoleAttachResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const Event& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const EventsParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const EventsResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SubscribeParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SubscribeResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const JobBegun& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const JobStatus& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const JobListResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const JobParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const JobWaitParams& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const MetricsResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const DoctorResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const SystemInfo& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const PingResult& message) {
    json = write_message(message);
}

void to_json(nlohmann::json& json, const NoParams& message) {
    json = write_message(message);
}

void from_json(const nlohmann::json& json, Selector& message) {
    read_message(json, message);
    require_one(message);
}

void from_json(const nlohmann::json& json, Identity& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, CreateParams& message) {
    read_message(json, message);
    require_one_description(message);
}

void from_json(const nlohmann::json& json, TimelineStage& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, CreateResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, MemoryRangeResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, LoadResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, PlanResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, DomainStatus& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, ListParams& message) {
    read_message(json, message);
    if (message.fields) require_fields_of<DomainStatus>(*message.fields);
}

void from_json(const nlohmann::json& json, ListResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, GetResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, ShutdownParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, VcpusParams& message) {
    read_message(json, message);
    if (!message.domain.is_empty()) require_one(message.domain);
}

void from_json(const nlohmann::json& json, DevicesResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, AttachParams& message) {
    read_message(json, message);
    require_one(message.domain);
    require_one_device(message.disk, message.vif);
}

void from_json(const nlohmann::json& json, DetachParams& message) {
    read_message(json, message);
    require_one(message.domain);
    require_one_device(message.disk, message.vif);
    if (message.timeout_ms > kMaxDetachMs)
        throw InvalidParams{fmt::format("timeout_ms {} is out of range: want 0 to {}",
                                        message.timeout_ms, kMaxDetachMs)};
}

void from_json(const nlohmann::json& json, DeviceResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, VcpusResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, VcpuStateParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, VcpuStateResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, SetVcpusParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, RenameParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, SetMemoryParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, MemoryResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, PinVcpuParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, TriggerParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, SysrqParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, SchedulingParams& message) {
    read_message(json, message);
    if (!message.domain.is_empty()) require_one(message.domain);
}

void from_json(const nlohmann::json& json, DomainScheduling& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, SchedulingResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, SetSchedulingParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, UptimeParams& message) {
    read_message(json, message);
    if (!message.domain.is_empty()) require_one(message.domain);
}

void from_json(const nlohmann::json& json, UptimeResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, CpuPoolStatus& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, CpuPoolsResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, SetConfigParams& message) {
    read_message(json, message);
    require_one(message.domain);
    require_one_description(message);
}

void from_json(const nlohmann::json& json, SetConfigResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, CreateCpuPoolParams& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, CpuPoolParams& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, UpdateCpuPoolParams& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, SetCpuPoolParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, TopologyResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, UsageParams& message) {
    read_message(json, message);
    if (!message.domain.is_empty()) require_one(message.domain);
}

void from_json(const nlohmann::json& json, UsageResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, DmesgParams& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, DmesgResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, DebugKeysParams& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, NoResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, DumpCoreParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, DumpCoreResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, WaitParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, WaitResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, ConsoleResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, ConsoleAttachParams& message) {
    read_message(json, message);
    require_one(message.domain);
}

void from_json(const nlohmann::json& json, ConsoleAttachResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, Event& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, EventsParams& message) {
    read_message(json, message);
    if (!message.filter.domain.is_empty()) require_one(message.filter.domain);
}

void from_json(const nlohmann::json& json, EventsResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, SubscribeParams& message) {
    read_message(json, message);
    if (!message.filter.domain.is_empty()) require_one(message.filter.domain);
}

void from_json(const nlohmann::json& json, SubscribeResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, JobBegun& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, JobStatus& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, JobListResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, JobParams& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, JobWaitParams& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, MetricsResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, DoctorResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, SystemInfo& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, PingResult& message) {
    read_message(json, message);
}

void from_json(const nlohmann::json& json, NoParams& message) {
    read_message(json, message);
}

} // namespace pvh::rpc
