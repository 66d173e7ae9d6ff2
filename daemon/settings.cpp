// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/settings.h"

#include "config/complaints.h"
#include "config/diagnostics.h"
#include "config/limits.h"
#include "config/number.h"
#include "config/parser.h"
#include "config/settings.h"
#include "config/value_shape.h"
#include "daemon/account_names.h"
#include "libdomain/autoballoon.h"
#include "libdomain/core/error.h"
#include "libdomain/core/nearest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

using config::Diagnostics;
using config::Setting;
using config::Shape;

constexpr unsigned kLargestPool = 1000; // of one entry
constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warn", "error"};

constexpr std::array kKeys{
    SettingKey{.option = {.key = "socket",
                          .shape = Shape::string,
                          .summary = "Unix socket to serve. pvhconsoled serves console.sock "
                                     "beside it. A socket that systemd passes goes before."},
               .place = &Settings::socket},
    SettingKey{.option = {.key = "group",
                          .shape = Shape::string,
                          .summary = "Group whose members may connect to the socket."},
               .place = &Settings::group},
    SettingKey{.option = {.key = "state_dir",
                          .shape = Shape::string,
                          .summary = "Folder in which pvhd remembers its domains."},
               .place = &Settings::state_dir},
    SettingKey{.option = {.key = "workers",
                          .shape = Shape::number,
                          .summary = "Domains that are built or destroyed at a time; with 0, as "
                                     "many as dom0 has CPUs, from 2 to 8, and fewer where it has "
                                     "little memory."},
               .place = &Settings::workers,
               .most = 64},
    SettingKey{.option = {.key = "log_level",
                          .shape = Shape::word,
                          .words = kLogLevels,
                          .summary = "How much to tell."},
               .place = &Settings::log_level,
               .is_live = true},
    SettingKey{.option = {.key = "max_connections",
                          .shape = Shape::number,
                          .summary = "Connections that pvhd accepts at a time."},
               .place = &Settings::max_connections,
               .least = 1,
               .most = 4096,
               .is_live = true},
    SettingKey{.option = {.key = "stop_timeout",
                          .shape = Shape::number,
                          .unit = "seconds",
                          .summary = "How long pvhd, when it stops, waits for what is under way. "
                                     "The next start rolls back what was left."},
               .place = &Settings::stop_timeout,
               .most = 3600,
               .is_live = true},
    SettingKey{.option = {.key = "pool",
                          .shape = Shape::strings,
                          .summary = "Domains to build ahead, for creates that find them ready: "
                                     "\"COUNT FILE\" each, FILE a config whose name, uuid, devices "
                                     "and command line do not matter."},
               .place = &Settings::pool},
    SettingKey{.option = {.key = "pool_memory",
                          .shape = Shape::number,
                          .unit = "MiB",
                          .summary = "What domains that are built ahead may have in all. They are "
                                     "given up when a create lacks memory."},
               .place = &Settings::pool_memory,
               .most = 16U * 1024 * 1024},
    SettingKey{.option = {.key = "dom0_min_memory",
                          .shape = Shape::number,
                          .unit = "MiB",
                          .summary = "What dom0 keeps: no target below it is set for dom0."},
               .place = &Settings::dom0_min_memory,
               .most = 16U * 1024 * 1024,
               .is_live = true},
    SettingKey{.option = {.key = "autoballoon",
                          .shape = Shape::word,
                          .words = kAutoballoonWords,
                          .summary = "Whether dom0 gives memory to a domain that is created when "
                                     "too little is free, down to dom0_min_memory: on, off, or "
                                     "auto, which is on unless Xen's command line has dom0_mem."},
               .place = &Settings::autoballoon,
               .is_live = true},
    SettingKey{.option = {.key = "reader_users",
                          .shape = Shape::strings,
                          .summary = "Users who are readers."},
               .place = RoleList{&Roles::readers, &Members::users},
               .is_live = true},
    SettingKey{.option = {.key = "reader_groups",
                          .shape = Shape::strings,
                          .summary = "Groups whose members are readers."},
               .place = RoleList{&Roles::readers, &Members::groups},
               .is_live = true},
    SettingKey{.option = {.key = "operator_users",
                          .shape = Shape::strings,
                          .summary = "Users who are operators."},
               .place = RoleList{&Roles::operators, &Members::users},
               .is_live = true},
    SettingKey{.option = {.key = "operator_groups",
                          .shape = Shape::strings,
                          .summary = "Groups whose members are operators."},
               .place = RoleList{&Roles::operators, &Members::groups},
               .is_live = true},
    SettingKey{.option = {.key = "admin_users",
                          .shape = Shape::strings,
                          .summary = "Users who are admins."},
               .place = RoleList{&Roles::admins, &Members::users},
               .is_live = true},
    SettingKey{.option = {.key = "admin_groups",
                          .shape = Shape::strings,
                          .summary = "Groups whose members are admins."},
               .place = RoleList{&Roles::admins, &Members::groups},
               .is_live = true},
};

const SettingKey* find_key(std::string_view name) {
    const auto* found = std::find_if(kKeys.begin(), kKeys.end(),
                                     [&](const SettingKey& key) { return key.option.key == name; });
    return found == kKeys.end() ? nullptr : found;
}

config::Diagnostic unknown_key(std::string_view name, const Setting& setting) {
    std::array<std::string_view, kKeys.size()> names;
    std::transform(kKeys.begin(), kKeys.end(), names.begin(),
                   [](const SettingKey& key) { return key.option.key; });
    const auto nearest = nearest_of(name, names);
    return config::error_at(
        setting.key_span(), fmt::format("unknown setting {}", config::in_quotes(name)),
        nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "pvhd.conf(5) has all of them");
}

/// "8 /etc/pvhd/pool.d/web.cfg"
std::optional<PoolEntry> parse_pool_entry(const std::string& text) {
    PoolEntry entry;
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, entry.size);
    if (failure != std::errc{} || entry.size < 1 || entry.size > kLargestPool) return std::nullopt;
    entry.file = text.substr(static_cast<std::size_t>(rest - text.data()));
    if (!entry.file.starts_with(" /")) return std::nullopt;
    entry.file.erase(0, 1);
    return entry;
}

/// Puts the value of one key into the settings.
class ValueReader {
  public:
    ValueReader(const SettingKey& key, const Setting& setting, Settings& out,
                Diagnostics& diagnostics)
        : key_{key}, setting_{setting}, out_{out}, diagnostics_{diagnostics} {}

    void operator()(std::string Settings::*place) const { out_.*place = setting_.text(); }

    void operator()(unsigned Settings::*place) const {
        const auto number = std::get<std::uint64_t>(config::parse_number(setting_.text()));
        if (number < key_.least || number > key_.most)
            return diagnostics_.error(
                setting_.value_span(), fmt::format("{} cannot be {}", key_.option.key, number),
                fmt::format("want {} to {}{}{}", key_.least, key_.most,
                            key_.option.unit.empty() ? "" : " ", key_.option.unit));
        out_.*place = static_cast<unsigned>(number);
    }

    void operator()(std::vector<PoolEntry> Settings::*place) const {
        for (const config::Value* item : setting_.items()) {
            auto entry = parse_pool_entry(item->text);
            if (entry)
                (out_.*place).push_back(*std::move(entry));
            else
                diagnostics_.error(
                    item->span,
                    fmt::format("{} is no entry of {}", config::in_quotes(item->text),
                                key_.option.key),
                    fmt::format("want a number from 1 to {}, a blank and the absolute path of a "
                                "config",
                                kLargestPool));
        }
    }

    void operator()(const RoleList& list) const {
        if (!out_.roles) out_.roles.emplace();
        for (const config::Value* item : setting_.items())
            if (const auto id = look_up(list, *item))
                ((*out_.roles).*(list.role).*(list.who)).push_back(*id);
    }

  private:
    /// Users and groups come and go, and may be kept elsewhere: one that is not there now should
    /// not keep a host's toolstack from starting.
    [[nodiscard]] std::optional<unsigned> look_up(const RoleList& list,
                                                  const config::Value& item) const {
        const bool is_user = list.who == &Members::users;
        const auto id = is_user ? find_user(item.text) : find_group(item.text);
        if (!id)
            diagnostics_.warning(item.span,
                                 fmt::format("there is no {} {}", is_user ? "user" : "group",
                                             config::in_quotes(item.text)));
        return id;
    }

    const SettingKey& key_;
    const Setting& setting_;
    Settings& out_;
    Diagnostics& diagnostics_;
};

void read_value(std::string_view name, const Setting& setting, Settings& out,
                Diagnostics& diagnostics) {
    const SettingKey* key = find_key(name);
    if (key == nullptr) return diagnostics.add(unknown_key(name, setting));
    if (auto fault = config::shape_fault(key->option, setting))
        return diagnostics.add(*std::move(fault));
    std::visit(ValueReader{*key, setting, out, diagnostics}, key->place);
}

/// As it stands on the command line: no byte of it means anything but itself.
config::Assignment assignment_of(const GivenSetting& given, std::uint32_t source) {
    const config::Span whole{source, 0, static_cast<std::uint32_t>(given.text.size())};
    return {
        .key = given.key,
        .key_span = whole,
        .op = config::AssignmentOp::set,
        .value = {.kind = config::ValueKind::word, .span = whole, .text = given.text, .items = {}}};
}

std::vector<config::Assignment> assignments_in(const config::Sources& sources,
                                               const std::vector<GivenSetting>& given,
                                               Diagnostics& diagnostics) {
    std::vector<config::Assignment> assignments = config::parse(sources, 0, diagnostics);
    for (std::uint32_t index = 1; index < sources.size(); ++index)
        assignments.push_back(assignment_of(given[index - 1], index));
    return assignments;
}

} // namespace

std::span<const SettingKey> setting_keys() {
    return kKeys;
}

std::string default_text(const SettingKey& key) {
    const Settings usual;
    if (const auto* text = std::get_if<std::string Settings::*>(&key.place)) return usual.*(*text);
    if (const auto* number = std::get_if<unsigned Settings::*>(&key.place))
        return fmt::format("{}", usual.*(*number));
    return {};
}

std::string flag_of(std::string_view key) {
    std::string flag = "--";
    std::replace_copy(key.begin(), key.end(), std::back_inserter(flag), '_', '-');
    return flag;
}

ReadSettings read_settings(const config::Source& file, const std::vector<GivenSetting>& given) {
    std::vector<std::string> flags(given.size());
    std::transform(given.begin(), given.end(), flags.begin(),
                   [](const GivenSetting& setting) { return flag_of(setting.key); });
    config::Sources sources{{file.name, file.text}};
    for (std::size_t i = 0; i < given.size(); ++i)
        sources.push_back({flags[i], given[i].text});

    Diagnostics diagnostics{sources};
    const auto assignments = assignments_in(sources, given, diagnostics);
    const config::Settings settings{sources, assignments, diagnostics};
    ReadSettings result;
    for (const auto& [name, setting] : settings.all())
        if (!settings.is_faulty(name)) read_value(name, setting, result.settings, diagnostics);
    if (diagnostics.has_errors()) throw Error{Errc::invalid_config, diagnostics.render()};
    result.warnings = diagnostics.warning_lines();
    return result;
}

std::vector<std::string_view> take_over(Settings& now, const Settings& next) {
    std::vector<std::string_view> refused;
    const auto take = [&](const SettingKey& key, auto Settings::*place) {
        if (now.*place == next.*place) return;
        if (key.is_live)
            now.*place = next.*place;
        else
            refused.push_back(key.option.key);
    };
    for (const SettingKey& key : kKeys) {
        if (const auto* text = std::get_if<std::string Settings::*>(&key.place)) take(key, *text);
        if (const auto* number = std::get_if<unsigned Settings::*>(&key.place)) take(key, *number);
        if (const auto* list = std::get_if<std::vector<PoolEntry> Settings::*>(&key.place))
            take(key, *list);
    }
    now.roles = next.roles;
    return refused;
}

} // namespace pvh::daemon
