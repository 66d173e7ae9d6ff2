// SPDX-License-Identifier: LGPL-2.1-or-later
// What commands that act on domains have in common.
#pragma once

#include "cli/context.h"
#include "rpc/messages.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

namespace pvh::cli {

inline constexpr std::string_view kDomainHelp = "Name, domid or UUID";

/// Does `act`. A failure is printed, its status kept, and others still have their turn; only a
/// daemon that is not there ends it all.
void try_each(Context& context, const std::function<void()>& act);

/// Does `act` for each argument. Failures as in try_each.
void for_each_domain(const std::vector<std::string>& arguments, Context& context,
                     const std::function<void(const rpc::Selector&)>& act);

/// A method that takes a domain and answers with its identity: silent, but for --json.
void call_and_report(Context& context, std::string_view method, const nlohmann::json& params);

/// A command without options of its own, such as `pause DOM...`: calls `method` for each domain.
void setup_simple(::CLI::App& app, Context& context, const std::string& command,
                  const std::string& description, std::string_view method);

} // namespace pvh::cli
