// SPDX-License-Identifier: LGPL-2.1-or-later
// Every command of pvhctl. Each adds itself to `app`, and does its work from there when it is the
// one that was given.
#pragma once

#include "cli/context.h"
#include "cli/examples.h"

#include <CLI/App.hpp>

namespace pvh::cli {

void setup_create(::CLI::App& app, Context& context);
void setup_plan(::CLI::App& app, Context& context);
void setup_check(::CLI::App& app, Context& context);
void setup_autostart(::CLI::App& app, Context& context);
void setup_config_update(::CLI::App& app, Context& context);
void setup_top(::CLI::App& app, Context& context);
void setup_list(::CLI::App& app, Context& context);
void setup_destroy(::CLI::App& app, Context& context);
void setup_shutdown(::CLI::App& app, Context& context);
void setup_reboot(::CLI::App& app, Context& context);
void setup_pause(::CLI::App& app, Context& context);
void setup_unpause(::CLI::App& app, Context& context);
void setup_console(::CLI::App& app, Context& context);
void setup_domid(::CLI::App& app, Context& context);
void setup_domname(::CLI::App& app, Context& context);
void setup_info(::CLI::App& app, Context& context);
void setup_doctor(::CLI::App& app, Context& context);
void setup_metrics(::CLI::App& app, Context& context);
void setup_events(::CLI::App& app, Context& context);
void setup_wait(::CLI::App& app, Context& context);
void setup_jobs(::CLI::App& app, Context& context);
void setup_job_wait(::CLI::App& app, Context& context);
void setup_job_cancel(::CLI::App& app, Context& context);
void setup_block_list(::CLI::App& app, Context& context);
void setup_network_list(::CLI::App& app, Context& context);
void setup_channel_list(::CLI::App& app, Context& context);
void setup_block_attach(::CLI::App& app, Context& context);
void setup_block_detach(::CLI::App& app, Context& context);
void setup_network_attach(::CLI::App& app, Context& context);
void setup_network_detach(::CLI::App& app, Context& context);
void setup_cd_insert(::CLI::App& app, Context& context);
void setup_cd_eject(::CLI::App& app, Context& context);
void setup_dump_core(::CLI::App& app, Context& context);
void setup_vcpu_list(::CLI::App& app, Context& context);
void setup_vcpu_set(::CLI::App& app, Context& context);
void setup_vcpu_pin(::CLI::App& app, Context& context);
void setup_mem_set(::CLI::App& app, Context& context);
void setup_mem_max(::CLI::App& app, Context& context);
void setup_rename(::CLI::App& app, Context& context);
void setup_trigger(::CLI::App& app, Context& context);
void setup_sysrq(::CLI::App& app, Context& context);
void setup_uptime(::CLI::App& app, Context& context);
void setup_vm_list(::CLI::App& app, Context& context);
void setup_claims(::CLI::App& app, Context& context);
void setup_sched_credit(::CLI::App& app, Context& context);
void setup_sched_credit2(::CLI::App& app, Context& context);
void setup_sched_rtds(::CLI::App& app, Context& context);
void setup_cpupool_list(::CLI::App& app, Context& context);
void setup_cpupool_create(::CLI::App& app, Context& context);
void setup_cpupool_destroy(::CLI::App& app, Context& context);
void setup_cpupool_rename(::CLI::App& app, Context& context);
void setup_cpupool_cpu_add(::CLI::App& app, Context& context);
void setup_cpupool_cpu_remove(::CLI::App& app, Context& context);
void setup_cpupool_migrate(::CLI::App& app, Context& context);
void setup_cpupool_numa_split(::CLI::App& app, Context& context);
void setup_dmesg(::CLI::App& app, Context& context);
void setup_debug_keys(::CLI::App& app, Context& context);
void setup_selftest(::CLI::App& app, Context& context);
void setup_help(::CLI::App& app, Context& context);
void setup_completion(::CLI::App& app, Context& context);
void setup_version(::CLI::App& app, Context& context);

/// All of them: the tree of commands as help and the completion see it.
void setup_all(::CLI::App& app, Context& context);

} // namespace pvh::cli
