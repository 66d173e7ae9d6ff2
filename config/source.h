// SPDX-License-Identifier: LGPL-2.1-or-later
// Texts and places in them. Everything that complains about a config points with a Span.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::config {

/// One text in the language of xl.cfg: a file, or one argument of the command line.
struct Source {
    std::string name; // as it is to appear in messages
    std::string text;
};

/// The same, owned by the caller of read_domain_config.
struct SourceView {
    std::string_view name;
    std::string_view text;
};

/// In the order in which they are read: a later one overrides an earlier one.
using Sources = std::vector<SourceView>;

/// Bytes [begin, end) of one source. Orders as a reader meets them.
struct Span {
    std::uint32_t source{};
    std::uint32_t begin{};
    std::uint32_t end{};
    friend auto operator<=>(const Span&, const Span&) =
        default; // NOLINT(modernize-use-nullptr): clang-tidy 14 misreads <=>
};

/// The bytes of `span`.
std::string_view text_of(const Sources& sources, Span span);

/// Line and column, both from 1. A column counts bytes, as vi and most compilers do; a byte-order
/// mark counts nothing.
struct Place {
    std::uint32_t line{1};
    std::uint32_t column{1};
};

Place place_of(std::string_view text, std::uint32_t offset);

/// place_of for offsets that do not fall, at the cost of reading the text once in all.
class PlaceCounter {
  public:
    explicit PlaceCounter(std::string_view text) : text_{text} {}

    Place at(std::uint32_t offset);

  private:
    std::string_view text_;
    std::uint32_t line_begin_{0};
    std::uint32_t line_{1};
    std::uint32_t at_{0};
};

/// The line that holds `offset`, without its end.
struct Line {
    std::uint32_t begin{};
    std::string_view text;
};

Line line_at(std::string_view text, std::uint32_t offset);

/// The UTF-8 byte-order mark that Windows editors put first.
inline constexpr std::string_view kByteOrderMark{"\xEF\xBB\xBF"};

} // namespace pvh::config
