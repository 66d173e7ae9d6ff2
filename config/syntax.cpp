// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/syntax.h"

#include "config/string_literal.h"

namespace pvh::config {

Span span_inside(const Sources& sources, const Value& value, std::size_t index) {
    const std::string_view text = sources.at(value.span.source).text;
    const std::uint32_t at = value.kind == ValueKind::string
                                 ? offset_in_literal(text, value.span.begin, index)
                                 : value.span.begin + static_cast<std::uint32_t>(index);
    return {.source = value.span.source, .begin = at, .end = at + 1};
}

} // namespace pvh::config
