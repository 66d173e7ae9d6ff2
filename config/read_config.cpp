// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/read_config.h"

#include "config/check_config.h"
#include "libdomain/core/error.h"

#include <utility>

namespace pvh::config {

ReadResult read_domain_config(const Source& file, const std::vector<std::string>& overrides,
                              const std::string& directory, Unknown unknown) {
    CheckResult result = check_domain_config(file, overrides, directory, unknown);
    if (result.has_errors) throw Error{Errc::invalid_config, std::move(result.report)};
    return {.spec = std::move(result.spec), .warnings = std::move(result.warnings)};
}

} // namespace pvh::config
