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

/// Without quotes: no byte of it means anything but itself.
Value as_word(std::string_view text) {
    const Span whole{.source = 0, .begin = 0, .end = static_cast<std::uint32_t>(text.size())};
    return {.kind = ValueKind::word, .span = whole, .text = std::string{text}, .items = {}};
}

Value as_list(Value item) {
    const Span whole = item.span;
    return {.kind = ValueKind::list, .span = whole, .text = {}, .items = {std::move(item)}};
}

/// key = value, and nothing else.
ReadResult read_alone(std::string_view key, std::string_view text, Value value,
                      const std::string& directory) {
    const Sources sources{{key, text}};
    Diagnostics diagnostics{sources};
    const std::vector<Assignment> assignments{{.key = std::string{key},
                                               .key_span = {},
                                               .op = AssignmentOp::set,
                                               .value = std::move(value)}};
    Settings settings{sources, assignments, diagnostics};
    DomainSpec spec = SpecReader{sources, settings, directory, diagnostics}.read_options();
    if (diagnostics.has_errors()) throw Error{Errc::invalid_config, diagnostics.render()};
    return {.spec = std::move(spec), .warnings = diagnostics.warning_lines()};
}

void require_short(std::string_view key, std::string_view text) {
    if (text.size() > kMaxLine)
        throw Error{Errc::invalid_config, fmt::format("{}:1:1: error: the text has {} bytes, at "
                                                      "most {} are read",
                                                      key, text.size(), kMaxLine)};
}

} // namespace

ReadResult read_device(std::string_view key, std::string_view text, const std::string& directory) {
    require_short(key, text);
    return read_alone(key, text, as_list(as_word(text)), directory);
}

CpuList read_cpu_list(std::string_view text) {
    require_short("cpus", text);
    return read_alone("cpus", text, as_word(text), "/").spec.hard_affinity.at(0);
}

} // namespace pvh::config
