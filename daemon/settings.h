// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings of pvhd and pvhconsoled: a file in the language of xl.cfg, and the command line over
// it. One table drives the reader, the command line and pvhd.conf(5).
#pragma once

#include "config/option_table.h"
#include "config/source.h"
#include "daemon/roles.h"
#include "rpc/limits.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pvh::daemon {

inline constexpr const char* kSettingsFile = "/etc/pvhd/pvhd.conf";

/// So many domains to be built ahead as this config describes.
struct PoolEntry {
    unsigned size{};
    std::string file; // absolute

    friend bool operator==(const PoolEntry&, const PoolEntry&) = default;
};

struct Settings {
    std::string socket = rpc::kDefaultSocket;
    std::string group = "pvh";
    std::string state_dir = "/var/lib/pvhd";
    unsigned workers = 0; // 0: by CPUs and memory
    std::string log_level = "info";
    unsigned max_connections = rpc::kMaxConnections;
    unsigned stop_timeout = 60; // seconds
    std::vector<PoolEntry> pool;
    unsigned pool_memory = 256;     // MiB
    unsigned dom0_min_memory = 256; // MiB
    std::string autoballoon = "auto";
    std::optional<Roles> roles; // nothing until somebody is given one
};

/// Where in Roles a list of names goes.
struct RoleList {
    Members Roles::*role;
    std::vector<unsigned> Members::*who;
};

struct SettingKey {
    config::Option option;
    std::variant<std::string Settings::*, unsigned Settings::*, std::vector<PoolEntry> Settings::*,
                 RoleList>
        place;
    unsigned least = 0, most = 0; // of a number, both possible
    bool is_live = false;         // a reload applies it
};

/// In the order of the manual.
std::span<const SettingKey> setting_keys();

/// Of a list, an empty text.
std::string default_text(const SettingKey& key);

/// How the command line names a key: --log-level for log_level.
std::string flag_of(std::string_view key);

/// What the command line says of a key.
struct GivenSetting {
    std::string key;
    std::string text;
};

struct ReadSettings {
    Settings settings;
    std::vector<std::string> warnings; // one line each: file:line:col: warning: ...
};

/// Reads the file's text, and over it what is given. A user or group that there is not is warned
/// of, and gets nothing. Throws Errc::invalid_config, whose text is every complaint with its place.
ReadSettings read_settings(const config::Source& file, const std::vector<GivenSetting>& given);

/// Takes over what a reload can change, and returns the keys that it cannot: those stay as they
/// are.
std::vector<std::string_view> take_over(Settings& now, const Settings& next);

/// pvhd.conf(5), as scdoc reads it.
std::string settings_manual();

} // namespace pvh::daemon
