// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/spec_json.h"

#include "rpc/json_reader.h"
#include "rpc/json_writer.h"

namespace pvh {

void to_json(nlohmann::json& json, const Uuid& uuid) {
    json = to_string(uuid);
}

void from_json(const nlohmann::json& json, Uuid& uuid) {
    rpc::read_value(json, "uuid", uuid);
}

void to_json(nlohmann::json& json, const DomainSpec& spec) {
    json = rpc::write_message(spec);
}

void from_json(const nlohmann::json& json, DomainSpec& spec) {
    rpc::read_message(json, spec);
}

namespace rpc {

DomainSpec read_spec_strictly(const nlohmann::json& json) {
    DomainSpec spec;
    read_message(json, spec, true);
    return spec;
}

} // namespace rpc

} // namespace pvh
