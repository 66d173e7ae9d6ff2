// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/read_config.h"
#include "rpc/protocol_error.h"

namespace pvh::daemon {

/// The domain that params with either a config or a spec describe. Throws InvalidParams or
/// Errc::invalid_config.
template <class Params> config::ReadResult read_description(const Params& params) {
    if (params.spec) return {.spec = params.spec->value, .warnings = {}};
    if (!params.directory.empty() && params.directory.front() != '/')
        throw rpc::InvalidParams{"member \"directory\" must be an absolute path"};
    return config::read_domain_config(
        {.name = params.config_name, .text = params.config.value()}, params.overrides,
        params.directory, params.strict ? config::Unknown::refused : config::Unknown::warned);
}

} // namespace pvh::daemon
