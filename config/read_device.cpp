// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/read_device.h"

#include "config/diagnostics.h"
#include "config/limits.h"
#include "config/settings.h"
#include "config/spec_reader.h"
#include "libdomain/core/error.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

namespace pvh::config {

namespace {

/// key = [ text ], without quotes: no byte of it means anything but itself.
std::vector<Assignment> as_assignment(std::string_view key, std::string_view text) {
    const Span whole{.source = 0, .begin = 0, .end = static_cast<std::uint32_t>(text.size())};
    Value item{.kind = ValueKind::word, .span = whole, .text = std::string{text}, .items = {}};
    Value list{.kind = ValueKind::list, .span = whole, .text = {}, .items = {std::move(item)}};
    return {{.key = std::string{key},
             .key_span = {},
             .op = AssignmentOp::set,
             .value = std::move(list)}};
}

} // namespace

ReadResult read_device(std::string_view key, std::string_view text, const std::string& directory) {
    if (text.size() > kMaxLine)
        throw Error{Errc::invalid_config, fmt::format("{}:1:1: error: the text has {} bytes, at "
                                                      "most {} are read",
                                                      key, text.size(), kMaxLine)};
    const Sources sources{{key, text}};
    Diagnostics diagnostics{sources};
    const std::vector<Assignment> assignments = as_assignment(key, text);
    Settings settings{sources, assignments, diagnostics};
    DomainSpec spec = SpecReader{sources, settings, directory, diagnostics}.read_options();
    if (diagnostics.has_errors()) throw Error{Errc::invalid_config, diagnostics.render()};
    return {.spec = std::move(spec), .warnings = diagnostics.warning_lines()};
}

} // namespace pvh::config
