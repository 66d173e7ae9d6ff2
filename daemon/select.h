// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"
#include "daemon/toolstack.h"
#include "rpc/messages.h"

#include <optional>
#include <string>

namespace pvh::daemon {

/// The domain that a selector means now, from the index. Throws conflict if a name stands for
/// several.
std::optional<Record> lookup(const Registry& registry, const rpc::Selector& selector);

/// As lookup; if the index has none, looks at Xen's list once more. Throws not_found, or busy while
/// it is being created.
Task<Record> find_domain(Toolstack& toolstack, rpc::Selector selector);

/// Whoever has the name or the UUID may have ended without pvhd having heard of it yet: as in
/// xl destroy web; pvhctl create web.cfg
Task<void> forget_who_is_gone(Toolstack& toolstack, std::string name, std::optional<Uuid> uuid);

/// Whether there is no such domain yet, or not now: somebody creates it, or it is between two
/// lives.
bool is_unborn(const Registry& registry, const rpc::Selector& selector);

/// Whether a restart of it is under way, and Xen has it not.
bool is_between_lives(const Registry& registry, const rpc::Selector& selector);

/// As find_domain, for what must never be done to dom0: throws unsupported.
Task<Record> find_guest(Toolstack& toolstack, rpc::Selector selector);

/// Waits until no policy works on the domain any more; a restart is not tried again if it fails.
/// Returns who is meant, without a domid, if a policy had it in hand; it may be gone then.
Task<std::optional<rpc::Identity>> await_policy(Toolstack& toolstack, rpc::Selector selector);

/// For messages: name "web", d7, UUID ...
std::string describe(const rpc::Selector& selector);

rpc::Identity identity_of(const Record& record);

} // namespace pvh::daemon
