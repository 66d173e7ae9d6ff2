// SPDX-License-Identifier: LGPL-2.1-or-later
// How the tests of this folder read a config: as t.cfg, from /folder.
#pragma once

#include "config/check_config.h"
#include "config/read_config.h"
#include "libdomain/core/error.h"

#include <string>
#include <vector>

namespace pvh::config::test {

/// Three good lines; what a test adds stands on line 4.
inline constexpr const char* kBase = "name = \"t\"\ntype = \"pvh\"\nkernel = \"/k\"\n";

inline ReadResult read(const std::string& text, const std::vector<std::string>& overrides = {},
                       const std::string& directory = "/folder") {
    return read_domain_config({.name = "t.cfg", .text = text}, overrides, directory);
}

inline CheckResult check_lines(const std::string& lines) {
    return check_domain_config({.name = "t.cfg", .text = kBase + lines + "\n"}, {}, "/folder");
}

inline ReadResult read_lines(const std::string& lines) {
    return read(kBase + lines + "\n");
}

/// The report about a config that is not accepted; empty if it is.
inline std::string report(const std::string& text, const std::vector<std::string>& overrides = {},
                          const std::string& directory = "/folder") {
    try {
        read(text, overrides, directory);
        return {};
    } catch (const Error& e) {
        return e.code() == Errc::invalid_config ? e.what()
                                                : std::string{"another error: "} + e.what();
    }
}

inline std::string report_on_lines(const std::string& lines) {
    return report(kBase + lines + "\n");
}

} // namespace pvh::config::test
