// SPDX-License-Identifier: LGPL-2.1-or-later
// The methods of rpc/protocol.md, one coroutine each: parameters in, result out, Error for whatever
// goes wrong.
#pragma once

#include "daemon/asio.h"
#include "daemon/call.h"
#include "rpc/messages.h"

namespace pvh::daemon::verbs {

Task<rpc::CreateResult> create(Call call, rpc::CreateParams params);
Task<rpc::PlanResult> plan(Call call, rpc::CreateParams params);

Task<rpc::ListResult> list(Call call, rpc::ListParams params);
Task<rpc::GetResult> get(Call call, rpc::Selector selector);
Task<rpc::DevicesResult> devices(Call call, rpc::Selector selector);
Task<rpc::DeviceResult> attach(Call call, rpc::AttachParams params);
Task<rpc::DeviceResult> detach(Call call, rpc::DetachParams params);
Task<rpc::VcpuStateResult> vcpu_state(Call call, rpc::VcpuStateParams params);
Task<rpc::VcpusResult> vcpus(Call call, rpc::VcpusParams params);
Task<rpc::DumpCoreResult> dump_core(Call call, rpc::DumpCoreParams params);
Task<rpc::WaitResult> wait(Call call, rpc::WaitParams params);
Task<rpc::ConsoleResult> console(Call call, rpc::Selector selector);

Task<rpc::EventsResult> events(Call call, rpc::EventsParams params);
Task<rpc::SubscribeResult> subscribe(Call call, rpc::SubscribeParams params);

Task<rpc::JobStatus> cancel_job(Call call, rpc::JobParams params);
Task<rpc::JobStatus> get_job(Call call, rpc::JobParams params);
Task<rpc::JobListResult> list_jobs(Call call, rpc::NoParams params);
Task<rpc::JobStatus> wait_for_job(Call call, rpc::JobWaitParams params);

Task<rpc::Identity> pause(Call call, rpc::Selector selector);
Task<rpc::Identity> unpause(Call call, rpc::Selector selector);
Task<rpc::Identity> shutdown(Call call, rpc::ShutdownParams params);
Task<rpc::Identity> reboot(Call call, rpc::ShutdownParams params);
Task<rpc::Identity> set_vcpus(Call call, rpc::SetVcpusParams params);
Task<rpc::Identity> destroy(Call call, rpc::Selector selector);

Task<rpc::Identity> rename(Call call, rpc::RenameParams params);
Task<rpc::MemoryResult> set_memory(Call call, rpc::SetMemoryParams params);
Task<rpc::Identity> pin_vcpu(Call call, rpc::PinVcpuParams params);
Task<rpc::Identity> trigger(Call call, rpc::TriggerParams params);
Task<rpc::Identity> sysrq(Call call, rpc::SysrqParams params);
Task<rpc::SchedulingResult> scheduling(Call call, rpc::SchedulingParams params);
Task<rpc::DomainScheduling> set_scheduling(Call call, rpc::SetSchedulingParams params);
Task<rpc::Identity> set_cpu_pool(Call call, rpc::SetCpuPoolParams params);
Task<rpc::SetConfigResult> set_config(Call call, rpc::SetConfigParams params);
Task<rpc::UsageResult> usage(Call call, rpc::UsageParams params);
Task<rpc::UptimeResult> uptime(Call call, rpc::UptimeParams params);

Task<rpc::MetricsResult> metrics(Call call, rpc::NoParams params);
Task<rpc::DoctorResult> doctor(Call call, rpc::NoParams params);
Task<rpc::CpuPoolStatus> create_cpu_pool(Call call, rpc::CreateCpuPoolParams params);
Task<rpc::CpuPoolStatus> destroy_cpu_pool(Call call, rpc::CpuPoolParams params);
Task<rpc::CpuPoolsResult> list_cpu_pools(Call call, rpc::NoParams params);
Task<rpc::CpuPoolStatus> update_cpu_pool(Call call, rpc::UpdateCpuPoolParams params);
Task<rpc::DmesgResult> dmesg(Call call, rpc::DmesgParams params);
Task<rpc::NoResult> debug_keys(Call call, rpc::DebugKeysParams params);
Task<rpc::SystemInfo> info(Call call, rpc::NoParams params);
Task<rpc::PingResult> ping(Call call, rpc::NoParams params);
Task<rpc::TopologyResult> topology(Call call, rpc::NoParams params);

} // namespace pvh::daemon::verbs
