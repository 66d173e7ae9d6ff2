// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/settings.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

namespace pvh::daemon {

/// Where a daemon's settings come from: the options of its command line, and a file, which is read
/// again on SIGHUP.
class SettingsSource {
  public:
    /// --settings, and an option for each of these keys. `app` must not outlive this.
    void add_options(CLI::App& app, std::span<const std::string_view> keys);
    /// The same with every key that is one value.
    void add_options(CLI::App& app);

    /// The default file may be absent, one that is named may not. Logs what is warned of. Throws
    /// Error, whose text is ready to print.
    [[nodiscard]] Settings read() const;
    /// What is warned of in a file that somebody wants checked, a line each. Throws as read() does.
    [[nodiscard]] static std::string check(const std::string& path);

    /// Reads again, and takes over into `now` what a reload can change; what it cannot is logged. A
    /// file with an error is logged, and changes nothing.
    void reload(Settings& now) const;

  private:
    [[nodiscard]] ReadSettings read_quietly() const;

    std::string path_ = kSettingsFile;
    bool is_named_{false};
    std::vector<GivenSetting> given_;
};

} // namespace pvh::daemon
