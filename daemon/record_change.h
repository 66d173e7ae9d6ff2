// SPDX-License-Identifier: LGPL-2.1-or-later
// Events of a domain's life, from what the registry has: whoever changes a record need not think of
// them, and none is told twice.
#pragma once

#include "daemon/event_log.h"
#include "daemon/registry.h"

namespace pvh::daemon {

/// Appends what has to be told for the events to agree with the registry on this domid.
void record_change(EventLog& events, const Registry& registry, DomId id);

/// The same for every domain that either knows of: what ended while there was no pvhd.
void record_changes(EventLog& events, const Registry& registry);

} // namespace pvh::daemon
