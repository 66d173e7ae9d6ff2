// SPDX-License-Identifier: LGPL-2.1-or-later
// The config of a CPU pool: name, sched, and cpus or nodes.   [docs/man/xlcpupool.cfg.5]
#pragma once

#include "config/source.h"

#include <optional>
#include <string>
#include <vector>

namespace pvh::config {

struct PoolConfig {
    std::optional<std::string> name;
    std::optional<std::string> scheduler;
    std::optional<std::string> cpus; // as in cpus= of a domain: a list's items, joined by commas
    std::vector<unsigned> nodes;     // those CPUs of them that are free
    std::vector<std::string> warnings;
};

/// Overrides are read after the file, as with a domain's config. The texts are untrusted. Throws
/// Errc::invalid_config with every complaint and its place.
PoolConfig read_pool_config(const Source& file, const std::vector<std::string>& overrides);

} // namespace pvh::config
