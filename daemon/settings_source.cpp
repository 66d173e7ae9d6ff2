// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/settings_source.h"

#include "config/limits.h"
#include "libdomain/core/error.h"
#include "libdomain/core/file.h"
#include "libdomain/core/log.h"

#include <algorithm>
#include <utility>

namespace pvh::daemon {

namespace {

/// The file's text, or an empty one if it may be absent and is.
config::Source text_of(const std::string& path, bool may_be_absent) {
    try {
        const Bytes bytes = read_regular_file(path, config::kMaxText, "settings");
        return {.name = path, .text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
    } catch (const Error& e) {
        if (e.code() != Errc::not_found || !may_be_absent) throw;
        return {.name = path, .text = {}};
    }
}

} // namespace

void SettingsSource::add_options(CLI::App& app, std::span<const std::string_view> keys) {
    app.add_option_function<std::string>(
           "--settings",
           [this](const std::string& path) {
               path_ = path;
               is_named_ = true;
           },
           "File of settings; options here go before it")
        ->type_name("FILE")
        ->default_str(kSettingsFile);
    for (const SettingKey& key : setting_keys()) {
        const std::string name{key.option.key};
        if (std::find(keys.begin(), keys.end(), name) == keys.end()) continue;
        app.add_option_function<std::string>(
               flag_of(name),
               [this, name](const std::string& text) {
                   given_.push_back({name, text});
               },
               std::string{key.option.summary})
            ->type_name(key.option.shape == config::Shape::number ? "N" : "TEXT")
            ->default_str(default_text(key));
    }
}

void SettingsSource::add_options(CLI::App& app) {
    std::vector<std::string_view> keys;
    for (const SettingKey& key : setting_keys())
        if (key.option.shape != config::Shape::strings) keys.push_back(key.option.key);
    add_options(app, keys);
}

ReadSettings SettingsSource::read_quietly() const {
    return read_settings(text_of(path_, !is_named_), given_);
}

Settings SettingsSource::read() const {
    ReadSettings read = read_quietly();
    for (const std::string& warning : read.warnings)
        log::warn("{}", warning);
    return std::move(read.settings);
}

std::string SettingsSource::check(const std::string& path) {
    const ReadSettings read = read_settings(text_of(path, false), {});
    std::string lines;
    for (const std::string& warning : read.warnings)
        lines += warning + '\n';
    return lines;
}

void SettingsSource::reload(Settings& now) const {
    try {
        for (const std::string_view key : take_over(now, read()))
            log::warn("{} has changed in {}: that takes a restart", key, path_);
        log::info("{} is read again", path_);
    } catch (const Error& e) {
        log::error("{} is not taken over, nothing changes: {}", path_, e.what());
    }
}

} // namespace pvh::daemon
