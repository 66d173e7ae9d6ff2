// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/state_file.h"

#include "libdomain/core/error.h"
#include "libdomain/spec/validate.h"
#include "rpc/json_reader.h"
#include "rpc/parse.h"
#include "rpc/spec_json.h"

#include <cstdint>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::daemon {

namespace {

// Raised by every change that an older pvhd would misread.
constexpr std::uint64_t kSchema = 1;

[[noreturn]] void disbelieve(std::string why) {
    throw Error{Errc::invalid_config, std::move(why)};
}

const char* word_of(Phase phase) {
    return phase == Phase::building ? "building" : "complete";
}

Phase read_phase(const nlohmann::json& json) {
    if (json == "building") return Phase::building;
    if (json == "complete") return Phase::complete;
    disbelieve("its phase is unknown");
}

const nlohmann::json& member(const nlohmann::json& json, const char* name) {
    const auto found = json.find(name);
    if (found == json.end()) disbelieve(fmt::format("it has no \"{}\"", name));
    return *found;
}

std::optional<DomId> read_domid(const nlohmann::json& json) {
    const auto found = json.find("domid");
    if (found == json.end()) return std::nullopt;
    std::uint16_t domid{};
    rpc::read_value(*found, "domid", domid);
    return DomId{domid};
}

} // namespace

std::string format_state(const StoredDomain& domain) {
    nlohmann::json json{
        {"schema", kSchema}, {"phase", word_of(domain.phase)}, {"spec", domain.spec}};
    if (domain.domid) json["domid"] = domain.domid->value();
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

StoredDomain parse_state(std::string_view text, const Uuid& uuid) {
    const nlohmann::json json = rpc::parse_untrusted(text);
    if (!json.is_object()) disbelieve("it holds no object");
    const auto& schema = member(json, "schema");
    if (schema != kSchema)
        disbelieve(
            fmt::format("its schema is {}, this pvhd reads {}", rpc::to_line(schema), kSchema));
    StoredDomain domain{.phase = read_phase(member(json, "phase")),
                        .spec = rpc::read_spec_strictly(member(json, "spec")),
                        .domid = read_domid(json)};
    if (domain.spec.uuid != uuid) disbelieve("it is about another UUID than its name says");
    require_valid(domain.spec);
    return domain;
}

} // namespace pvh::daemon
