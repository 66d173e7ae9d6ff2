// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/read_config.h"

#include "config/check_options.h"
#include "config/check_rules.h"
#include "config/diagnostics.h"
#include "config/domain_reader.h"
#include "config/limits.h"
#include "config/parser.h"
#include "config/settings.h"
#include "libdomain/core/error.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace pvh::config {

namespace {

constexpr std::string_view kCommandLine = "<command line>";

void check_size(std::string_view name, std::size_t size) {
    if (size > kMaxText)
        throw Error{Errc::invalid_config,
                    fmt::format("{}:1:1: error: the text has {} bytes, at most {} are read", name,
                                size, kMaxText)};
}

Sources collect_sources(const Source& file, const std::vector<std::string>& overrides) {
    check_size(file.name, file.text.size());
    if (overrides.size() > kMaxOverrides)
        throw Error{Errc::invalid_config,
                    fmt::format("{}:1:1: error: more than {} options are given", kCommandLine,
                                kMaxOverrides)};
    Sources sources{{file.name, file.text}};
    std::size_t total = 0;
    for (const std::string& text : overrides) {
        check_size(kCommandLine, total += text.size());
        sources.push_back({kCommandLine, text});
    }
    return sources;
}

std::vector<Assignment> parse_all(const Sources& sources, Diagnostics& diagnostics) {
    std::vector<Assignment> assignments = parse(sources, 0, diagnostics);
    for (std::uint32_t index = 1; index < sources.size(); ++index) {
        auto more = parse_override(sources, index, diagnostics);
        std::move(more.begin(), more.end(), std::back_inserter(assignments));
    }
    return assignments;
}

} // namespace

ReadResult read_domain_config(const Source& file, const std::vector<std::string>& overrides,
                              const std::string& directory) {
    const Sources sources = collect_sources(file, overrides);
    Diagnostics diagnostics{sources};
    const std::vector<Assignment> assignments = parse_all(sources, diagnostics);
    const bool is_whole = !diagnostics.has_errors();

    Settings settings{assignments, diagnostics};
    check_options(settings, diagnostics);
    DomainSpec spec = read_spec(settings, directory, diagnostics);
    // A line that could not be parsed may have held what a rule would miss.
    if (is_whole) check_rules(sources, settings, spec, diagnostics);

    if (diagnostics.has_errors()) throw Error{Errc::invalid_config, diagnostics.render()};
    return {.spec = std::move(spec), .warnings = diagnostics.warning_lines()};
}

} // namespace pvh::config
