// SPDX-License-Identifier: LGPL-2.1-or-later
// Asking domains to end, and waiting for it: what shutdown and reboot share.
#pragma once

#include "cli/context.h"
#include "rpc/messages.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

namespace pvh::cli {

struct EndingOptions {
    std::vector<std::string> domains;
    bool all = false;
    bool wait = false;
    bool force = false;
    bool managed = false;
    bool destroy = false;
    std::optional<double> timeout_seconds;
};

/// What is waited for.
enum class Goal {
    ended,   // the guest has stopped, or the domain is gone
    cleared, // and the domain is gone too, if its spec has it destroyed
};

/// Adds DOM..., --all, --wait, --force and --timeout.
void add_ending_options(::CLI::App& sub, EndingOptions& options);

/// Adds --managed and --destroy, for the end of a host.
void add_last_options(::CLI::App& sub, EndingOptions& options);

/// Calls `method` (domain.shutdown or domain.reboot) for each domain, and only then waits: they end
/// side by side.
void run_ending(const EndingOptions& options, std::string_view method, Goal goal, Context& context);

/// Whether a domain that ended for this reason will leave the list: the spec says destroy, or there
/// is no reason because somebody destroyed it. Not of an unmanaged one that stopped: others look
/// after it.
bool leaves_after(const std::optional<DomainSpec>& spec, std::string_view shutdown_reason);

} // namespace pvh::cli
