// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/examples.h"

#include <string>

namespace pvh::cli {

void add_examples(::CLI::App& command, const char* group,
                  std::initializer_list<std::string_view> lines) {
    std::string footer = command.get_footer();
    if (!footer.empty()) footer += "\n\n";
    footer += lines.size() == 1 ? "Example:" : "Examples:";
    for (const std::string_view line : lines)
        footer.append("\n  ").append(line);
    command.footer(footer)->group(group);
}

} // namespace pvh::cli
