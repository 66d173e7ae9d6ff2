// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/jobs.h"
#include "daemon/outlet.h"
#include "rpc/messages.h"

namespace pvh::daemon {

rpc::JobStatus status_of(const Job& job);

/// The notification "job.progress", to whoever began it; nothing once he has gone.
void tell_progress(const Job& job, const Progress::Sight& sight, Outlet& outlet);

} // namespace pvh::daemon
