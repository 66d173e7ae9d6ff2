// SPDX-License-Identifier: LGPL-2.1-or-later
// Core dumps: what domain.dump_core and the policies coredump-* have in common.
#pragma once

#include "daemon/asio.h"
#include "daemon/progress.h"
#include "daemon/toolstack.h"
#include "libdomain/core_dump.h"

#include <memory>
#include <string>

namespace pvh::daemon {

struct DumpOrder {
    Domain domain;
    std::string path;    // absolute
    bool is_live{};      // the guest runs on meanwhile
    bool is_by_itself{}; // nobody watches: it takes the place of an older one, and fills no disk
    std::shared_ptr<Progress> progress{}; // of a job, which may be cancelled; or null
};

/// The node of a domain that stands still for a core dump, and is to go on afterwards.
std::string hold_path(DomId id);

struct DumpOutcome {
    CoreDump dump;
    std::uint64_t disk_bytes{}; // that the file takes
};

/// Dumps on a worker. A guest that runs stands still meanwhile, unless it is live; a pvhd that dies
/// then leaves it to the next one to let it go on. Throws cancelled soon after pvhd begins to stop,
/// or after a cancel of the job. The caller holds the domain's operation.
Task<DumpOutcome> dump_core(Toolstack& toolstack, DumpOrder order);

/// Whether another domain than this one is being dumped: one at a time, for builds need the
/// workers.
bool is_dumping(const Toolstack& toolstack, const Uuid& uuid);

/// As its config wants it of a domain that has ended; the caller holds its operation. Whatever
/// fails is logged and told as an event: what follows the dump is not to wait for it.
Task<void> dump_ended(Toolstack& toolstack, Record record);

} // namespace pvh::daemon
