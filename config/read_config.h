// SPDX-License-Identifier: LGPL-2.1-or-later
// The door of the room: text in the language of xl.cfg to a DomainSpec.
#pragma once

#include "config/check_options.h"
#include "config/source.h"
#include "libdomain/spec/domain_spec.h"

#include <string>
#include <vector>

namespace pvh::config {

struct ReadResult {
    DomainSpec spec;                   // valid, paths absolute
    std::vector<std::string> warnings; // one line each: file:line:col: warning: ...
};

/// Reads one domain's config. `overrides` are arguments of a command line (key=value), read after
/// the file in their order. `directory` is absolute; relative paths start there. Neither files nor
/// Xen are touched. The texts are untrusted: their cost is bounded (config/limits.h). Throws
/// Errc::invalid_config, whose text is every complaint with its place, ready to print.
ReadResult read_domain_config(const Source& file, const std::vector<std::string>& overrides,
                              const std::string& directory, Unknown unknown = Unknown::warned);

} // namespace pvh::config
