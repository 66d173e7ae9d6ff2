// SPDX-License-Identifier: LGPL-2.1-or-later
// Domains as libxl writes them as JSON, which xl list -l and xl create -n print and scripts grep.
// [tools/libs/light/libxl_types.idl libxl_domain_config]
#pragma once

#include "cli/context.h"
#include "libdomain/spec/domain_spec.h"
#include "rpc/messages.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace pvh::cli {

/// What is not libxl's default.
nlohmann::ordered_json libxl_config_of(const DomainSpec& spec);

/// Of xl list -l: ours as we have them, others as their toolstack has noted them in files of dom0;
/// who has no such note is left out, as xl does.
nlohmann::ordered_json libxl_list_of(const std::vector<rpc::DomainStatus>& domains,
                                     Context& context);

/// With xl's indentation.
std::string text_of(const nlohmann::ordered_json& json);

} // namespace pvh::cli
