// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/state_file.h"

#include "libdomain/core/error.h"
#include "libdomain/spec/validate.h"
#include "rpc/json_reader.h"
#include "rpc/parse.h"
#include "rpc/spec_json.h"

#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::daemon {

namespace {

// Raised by every change that an older pvhd would misread.
constexpr std::uint64_t kSchema = 2;

[[noreturn]] void disbelieve(std::string why) {
    throw Error{Errc::invalid_config, std::move(why)};
}

constexpr std::array<std::pair<Phase, const char*>, 6> kPhases{
    {{Phase::building, "building"},
     {Phase::complete, "complete"},
     {Phase::restarting, "restarting"},
     {Phase::ending, "ending"},
     {Phase::replacing, "replacing"},
     {Phase::setting_aside, "setting_aside"}}};

const char* word_of(Phase phase) {
    for (const auto& [known, word] : kPhases)
        if (known == phase) return word;
    return "";
}

Phase read_phase(const nlohmann::json& json) {
    for (const auto& [phase, word] : kPhases)
        if (json == word) return phase;
    disbelieve("its phase is unknown");
}

bool read_flag(const nlohmann::json& json, const char* name) {
    const auto found = json.find(name);
    bool flag = false;
    if (found != json.end()) rpc::read_value(*found, name, flag);
    return flag;
}

std::string read_boot_id(const nlohmann::json& json) {
    if (!json.is_string()) disbelieve("its boot_id is no text");
    return json.get<std::string>();
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

std::string format_state(const StateFile& file) {
    const StoredDomain& domain = file.domain;
    nlohmann::json json{{"schema", kSchema},
                        {"boot_id", file.boot_id},
                        {"phase", word_of(domain.phase)},
                        {"spec", domain.spec}};
    if (domain.domid) json["domid"] = domain.domid->value();
    if (domain.is_to_run) json["is_to_run"] = true;
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

StateFile parse_state(std::string_view text, const Uuid& uuid) {
    const nlohmann::json json = rpc::parse_untrusted(text);
    if (!json.is_object()) disbelieve("it holds no object");
    const auto& schema = member(json, "schema");
    if (schema != kSchema)
        disbelieve(
            fmt::format("its schema is {}, this pvhd reads {}", rpc::to_line(schema), kSchema));
    StoredDomain domain{.phase = read_phase(member(json, "phase")),
                        .spec = rpc::read_spec_strictly(member(json, "spec")),
                        .domid = read_domid(json),
                        .is_to_run = read_flag(json, "is_to_run")};
    if (domain.spec.uuid != uuid) disbelieve("it is about another UUID than its name says");
    require_valid(domain.spec);
    return {.boot_id = read_boot_id(member(json, "boot_id")), .domain = std::move(domain)};
}

} // namespace pvh::daemon
