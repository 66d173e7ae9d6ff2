// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/source.h"

#include <algorithm>

namespace pvh::config {

std::string_view text_of(const Sources& sources, Span span) {
    return sources.at(span.source).text.substr(span.begin, span.end - span.begin);
}

Line line_at(std::string_view text, std::uint32_t offset) {
    const std::size_t at = std::min<std::size_t>(offset, text.size());
    const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    if (begin == 0 && text.starts_with(kByteOrderMark)) begin = kByteOrderMark.size();
    std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > begin && text[end - 1] == '\r') --end;
    end = std::max(end, begin);
    return {.begin = static_cast<std::uint32_t>(begin), .text = text.substr(begin, end - begin)};
}

Place place_of(std::string_view text, std::uint32_t offset) {
    const std::size_t at = std::min<std::size_t>(offset, text.size());
    const auto newlines =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    const std::uint32_t begin = line_at(text, offset).begin;
    return {.line = static_cast<std::uint32_t>(newlines) + 1,
            .column = at < begin ? 1 : static_cast<std::uint32_t>(at) - begin + 1};
}

Place PlaceCounter::at(std::uint32_t offset) {
    const auto end = static_cast<std::uint32_t>(std::min<std::size_t>(offset, text_.size()));
    if (at_ == 0 && text_.starts_with(kByteOrderMark))
        line_begin_ = static_cast<std::uint32_t>(kByteOrderMark.size());
    for (; at_ < end; ++at_) {
        if (text_[at_] != '\n') continue;
        ++line_;
        line_begin_ = at_ + 1;
    }
    return {.line = line_, .column = end < line_begin_ ? 1 : end - line_begin_ + 1};
}

} // namespace pvh::config
