// SPDX-License-Identifier: LGPL-2.1-or-later
// A DomainSpec as JSON without loss: in replies and in the daemon's state files. Keys are those of
// xl.cfg; memory carries its unit (memory_mib, max_memory_mib).
#pragma once

#include "libdomain/core/uuid.h"
#include "libdomain/spec/domain_spec.h"

#include <nlohmann/json.hpp>

namespace pvh {

void to_json(nlohmann::json& json, const Uuid& uuid);
void from_json(const nlohmann::json& json, Uuid& uuid);
void to_json(nlohmann::json& json, const DomainSpec& spec);
/// Lenient, as for any result: unknown members are skipped, missing ones keep their default.
void from_json(const nlohmann::json& json, DomainSpec& spec);

namespace rpc {

/// Strict: for our own files, where an unknown member means that a newer pvhd wrote what this one
/// would lose. Throws InvalidParams.
DomainSpec read_spec_strictly(const nlohmann::json& json);

} // namespace rpc

} // namespace pvh
