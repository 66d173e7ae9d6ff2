// SPDX-License-Identifier: LGPL-2.1-or-later
// The commands of xl, and what becomes of them here.   [tools/xl/xl_cmdtable.c]
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::cli {

using Words = std::vector<std::string>;

struct XlCommand {
    std::string_view name;
    std::string_view about;
    /// Not empty: why it is refused.
    std::string_view lack = {};
    /// What pvhctl's command of that name is called with. Null: the same words.
    Words (*translate)(const Words& words) = nullptr;
    /// It takes -n.
    bool can_dry_run = false;
    /// Which has it print a config in libxl's shape; others tell it in pvhctl's words.
    bool dry_run_is_json = false;
};

/// Those that xl 4.17 has, in its order: which beginnings are ambiguous depends on them all.
std::span<const XlCommand> xl_commands();

/// The one of that name, or the only one that begins so; null if there is none or more.
const XlCommand* find_xl_command(std::string_view word);

} // namespace pvh::cli
