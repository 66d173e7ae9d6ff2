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

/// The answer of a method that lists domains, {"domains": [...]}, or one of its form about those
/// that were asked for. Failures as in try_each.
nlohmann::json fetch_domains(std::string_view method, const std::vector<std::string>& arguments,
                             Context& context);

/// A method that takes a domain and answers with its identity: silent, but for --json.
void call_and_report(Context& context, std::string_view method, const nlohmann::json& params);

/// Has pvhd do it as a job, and prints the job's number, whatever becomes of it.
void begin_job(Context& context, std::string_view method, nlohmann::json params);

/// A command without options of its own, such as `pause DOM...`: calls `method` for each domain.
::CLI::App* setup_simple(::CLI::App& app, Context& context, const std::string& command,
                         const std::string& description, std::string_view method);

/// As xl shows it: one without a name in xenstore is half built, half gone, or nobody's.
std::string shown_name(const rpc::Identity& domain);

/// Of a pvhd that went away, which its end or a restart may be: says so, and asks until it answers.
/// False if it does not come back.
bool await_return(Context& context);

} // namespace pvh::cli
