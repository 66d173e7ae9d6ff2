// SPDX-License-Identifier: LGPL-2.1-or-later
// Every command of pvhctl. Each adds itself to `app`, and does its work from there when it is the
// one that was given.
#pragma once

#include "cli/context.h"

#include <CLI/App.hpp>

namespace pvh::cli {

void setup_create(::CLI::App& app, Context& context);
void setup_plan(::CLI::App& app, Context& context);
void setup_check(::CLI::App& app, Context& context);
void setup_autostart(::CLI::App& app, Context& context);
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
void setup_selftest(::CLI::App& app, Context& context);
void setup_completion(::CLI::App& app, Context& context);
void setup_version(::CLI::App& app, Context& context);

} // namespace pvh::cli
