// SPDX-License-Identifier: LGPL-2.1-or-later
// JSON of every message, both ways, as nlohmann/json finds it by argument-dependent lookup:
//     nlohmann::json params = CreateParams{...};    auto result = answer.get<CreateResult>();
// Parameters are read strictly: an unknown member, a missing one or a wrong type throws
// InvalidParams. Results are read leniently: a member that a newer daemon adds is skipped. A
// Selector or Identity sits flat beside the other members: {"name": "web", "force": true}.
#pragma once

#include "rpc/messages.h"

#include <nlohmann/json.hpp>

namespace pvh::rpc {

void to_json(nlohmann::json& json, const Selector& message);
void to_json(nlohmann::json& json, const Identity& message);
void to_json(nlohmann::json& json, const CreateParams& message);
void to_json(nlohmann::json& json, const TimelineStage& message);
void to_json(nlohmann::json& json, const CreateResult& message);
void to_json(nlohmann::json& json, const MemoryRangeResult& message);
void to_json(nlohmann::json& json, const LoadResult& message);
void to_json(nlohmann::json& json, const PlanResult& message);
void to_json(nlohmann::json& json, const DomainStatus& message);
void to_json(nlohmann::json& json, const ListParams& message);
void to_json(nlohmann::json& json, const ListResult& message);
void to_json(nlohmann::json& json, const GetResult& message);
void to_json(nlohmann::json& json, const ShutdownParams& message);
void to_json(nlohmann::json& json, const DevicesResult& message);
void to_json(nlohmann::json& json, const AttachParams& message);
void to_json(nlohmann::json& json, const DetachParams& message);
void to_json(nlohmann::json& json, const DeviceResult& message);
void to_json(nlohmann::json& json, const VcpusParams& message);
void to_json(nlohmann::json& json, const VcpusResult& message);
void to_json(nlohmann::json& json, const VcpuStateParams& message);
void to_json(nlohmann::json& json, const VcpuStateResult& message);
void to_json(nlohmann::json& json, const SetVcpusParams& message);
void to_json(nlohmann::json& json, const RenameParams& message);
void to_json(nlohmann::json& json, const SetMemoryParams& message);
void to_json(nlohmann::json& json, const MemoryResult& message);
void to_json(nlohmann::json& json, const PinVcpuParams& message);
void to_json(nlohmann::json& json, const TriggerParams& message);
void to_json(nlohmann::json& json, const SysrqParams& message);
void to_json(nlohmann::json& json, const SchedulingParams& message);
void to_json(nlohmann::json& json, const DomainScheduling& message);
void to_json(nlohmann::json& json, const SchedulingResult& message);
void to_json(nlohmann::json& json, const SetSchedulingParams& message);
void to_json(nlohmann::json& json, const UptimeParams& message);
void to_json(nlohmann::json& json, const UptimeResult& message);
void to_json(nlohmann::json& json, const CpuPoolStatus& message);
void to_json(nlohmann::json& json, const CpuPoolsResult& message);
void to_json(nlohmann::json& json, const SetConfigParams& message);
void to_json(nlohmann::json& json, const SetConfigResult& message);
void to_json(nlohmann::json& json, const CreateCpuPoolParams& message);
void to_json(nlohmann::json& json, const CpuPoolParams& message);
void to_json(nlohmann::json& json, const UpdateCpuPoolParams& message);
void to_json(nlohmann::json& json, const SetCpuPoolParams& message);
void to_json(nlohmann::json& json, const TopologyResult& message);
void to_json(nlohmann::json& json, const UsageParams& message);
void to_json(nlohmann::json& json, const UsageResult& message);
void to_json(nlohmann::json& json, const DmesgParams& message);
void to_json(nlohmann::json& json, const DmesgResult& message);
void to_json(nlohmann::json& json, const DebugKeysParams& message);
void to_json(nlohmann::json& json, const NoResult& message);
void to_json(nlohmann::json& json, const DumpCoreParams& message);
void to_json(nlohmann::json& json, const DumpCoreResult& message);
void to_json(nlohmann::json& json, const WaitParams& message);
void to_json(nlohmann::json& json, const WaitResult& message);
void to_json(nlohmann::json& json, const ConsoleResult& message);
void to_json(nlohmann::json& json, const ConsoleAttachParams& message);
void to_json(nlohmann::json& json, const ConsoleAttachResult& message);
void to_json(nlohmann::json& json, const Event& message);
void to_json(nlohmann::json& json, const EventsParams& message);
void to_json(nlohmann::json& json, const EventsResult& message);
void to_json(nlohmann::json& json, const SubscribeParams& message);
void to_json(nlohmann::json& json, const SubscribeResult& message);
void to_json(nlohmann::json& json, const JobBegun& message);
void to_json(nlohmann::json& json, const JobStatus& message);
void to_json(nlohmann::json& json, const JobListResult& message);
void to_json(nlohmann::json& json, const JobParams& message);
void to_json(nlohmann::json& json, const JobWaitParams& message);
void to_json(nlohmann::json& json, const MetricsResult& message);
void to_json(nlohmann::json& json, const DoctorResult& message);
void to_json(nlohmann::json& json, const SystemInfo& message);
void to_json(nlohmann::json& json, const PingResult& message);
void to_json(nlohmann::json& json, const NoParams& message);

void from_json(const nlohmann::json& json, Selector& message);
void from_json(const nlohmann::json& json, Identity& message);
void from_json(const nlohmann::json& json, CreateParams& message);
void from_json(const nlohmann::json& json, TimelineStage& message);
void from_json(const nlohmann::json& json, CreateResult& message);
void from_json(const nlohmann::json& json, MemoryRangeResult& message);
void from_json(const nlohmann::json& json, LoadResult& message);
void from_json(const nlohmann::json& json, PlanResult& message);
void from_json(const nlohmann::json& json, DomainStatus& message);
void from_json(const nlohmann::json& json, ListParams& message);
void from_json(const nlohmann::json& json, ListResult& message);
void from_json(const nlohmann::json& json, GetResult& message);
void from_json(const nlohmann::json& json, ShutdownParams& message);
void from_json(const nlohmann::json& json, AttachParams& message);
void from_json(const nlohmann::json& json, DetachParams& message);
void from_json(const nlohmann::json& json, DeviceResult& message);
void from_json(const nlohmann::json& json, VcpusParams& message);
void from_json(const nlohmann::json& json, DevicesResult& message);
void from_json(const nlohmann::json& json, VcpusResult& message);
void from_json(const nlohmann::json& json, VcpuStateParams& message);
void from_json(const nlohmann::json& json, VcpuStateResult& message);
void from_json(const nlohmann::json& json, SetVcpusParams& message);
void from_json(const nlohmann::json& json, RenameParams& message);
void from_json(const nlohmann::json& json, SetMemoryParams& message);
void from_json(const nlohmann::json& json, MemoryResult& message);
void from_json(const nlohmann::json& json, PinVcpuParams& message);
void from_json(const nlohmann::json& json, TriggerParams& message);
void from_json(const nlohmann::json& json, SysrqParams& message);
void from_json(const nlohmann::json& json, SchedulingParams& message);
void from_json(const nlohmann::json& json, DomainScheduling& message);
void from_json(const nlohmann::json& json, SchedulingResult& message);
void from_json(const nlohmann::json& json, SetSchedulingParams& message);
void from_json(const nlohmann::json& json, UptimeParams& message);
void from_json(const nlohmann::json& json, UptimeResult& message);
void from_json(const nlohmann::json& json, CpuPoolStatus& message);
void from_json(const nlohmann::json& json, CpuPoolsResult& message);
void from_json(const nlohmann::json& json, SetConfigParams& message);
void from_json(const nlohmann::json& json, SetConfigResult& message);
void from_json(const nlohmann::json& json, CreateCpuPoolParams& message);
void from_json(const nlohmann::json& json, CpuPoolParams& message);
void from_json(const nlohmann::json& json, UpdateCpuPoolParams& message);
void from_json(const nlohmann::json& json, SetCpuPoolParams& message);
void from_json(const nlohmann::json& json, TopologyResult& message);
void from_json(const nlohmann::json& json, UsageParams& message);
void from_json(const nlohmann::json& json, UsageResult& message);
void from_json(const nlohmann::json& json, DmesgParams& message);
void from_json(const nlohmann::json& json, DmesgResult& message);
void from_json(const nlohmann::json& json, DebugKeysParams& message);
void from_json(const nlohmann::json& json, NoResult& message);
void from_json(const nlohmann::json& json, DumpCoreParams& message);
void from_json(const nlohmann::json& json, DumpCoreResult& message);
void from_json(const nlohmann::json& json, WaitParams& message);
void from_json(const nlohmann::json& json, WaitResult& message);
void from_json(const nlohmann::json& json, ConsoleResult& message);
void from_json(const nlohmann::json& json, ConsoleAttachParams& message);
void from_json(const nlohmann::json& json, ConsoleAttachResult& message);
void from_json(const nlohmann::json& json, Event& message);
void from_json(const nlohmann::json& json, EventsParams& message);
void from_json(const nlohmann::json& json, EventsResult& message);
void from_json(const nlohmann::json& json, SubscribeParams& message);
void from_json(const nlohmann::json& json, SubscribeResult& message);
void from_json(const nlohmann::json& json, JobBegun& message);
void from_json(const nlohmann::json& json, JobStatus& message);
void from_json(const nlohmann::json& json, JobListResult& message);
void from_json(const nlohmann::json& json, JobParams& message);
void from_json(const nlohmann::json& json, JobWaitParams& message);
void from_json(const nlohmann::json& json, MetricsResult& message);
void from_json(const nlohmann::json& json, DoctorResult& message);
void from_json(const nlohmann::json& json, SystemInfo& message);
void from_json(const nlohmann::json& json, PingResult& message);
void from_json(const nlohmann::json& json, NoParams& message);

} // namespace pvh::rpc
