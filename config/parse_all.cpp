// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/parse_all.h"

#include "config/limits.h"
#include "config/parser.h"
#include "libdomain/core/error.h"

#include <iterator>

#include <fmt/format.h>

namespace pvh::config {

namespace {

void check_size(std::string_view name, std::size_t size) {
    if (size > kMaxText)
        throw Error{Errc::invalid_config,
                    fmt::format("{}:1:1: error: the text has {} bytes, at most {} are read", name,
                                size, kMaxText)};
}

} // namespace

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

} // namespace pvh::config
