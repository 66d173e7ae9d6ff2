// SPDX-License-Identifier: LGPL-2.1-or-later
// What pvhctl help tells beside the commands: each topic is a page, not a chapter.
#pragma once

#include <span>
#include <string_view>

namespace pvh::cli {

struct HelpTopic {
    std::string_view name;
    std::string_view about;
    std::string_view text;
};

std::span<const HelpTopic> help_topics();

} // namespace pvh::cli
