// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"
#include "daemon/call.h"
#include "rpc/jsonrpc.h"

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pvh::daemon {

/// Carries one entry of a line out and answers with its reply; nothing for a notification. Never
/// throws what a request can cause: that becomes the reply. A method that changes something leaves
/// one audit line.
Task<std::optional<nlohmann::json>> dispatch(Call call, rpc::Entry entry);

/// Whether the daemon has a handler of that name; for the test that compares with rpc::methods().
bool has_handler(std::string_view method);

} // namespace pvh::daemon
