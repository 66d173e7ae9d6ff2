// SPDX-License-Identifier: LGPL-2.1-or-later
// Prometheus' text exposition format, version 0.0.4.
// [https://prometheus.io/docs/instrumenting/exposition_formats/]
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace pvh::daemon {

/// name="value",... as it stands between the braces; each value is UTF-8 and is escaped. Control
/// bytes, at which readers of the format stumble, become U+FFFD.
std::string labels_of(std::initializer_list<std::pair<std::string_view, std::string_view>> labels);

/// Both in one; either may be empty.
std::string join_labels(std::string_view labels, std::string_view more);

/// Nanoseconds as seconds, exactly: "1.250000000".
std::string seconds_of(std::uint64_t nanoseconds);

/// Writes families one after the other: the lines of each stay together.
class MetricsText {
  public:
    /// Begins a family; `help` is one line.
    void family(std::string_view name, std::string_view type, std::string_view help);
    /// A line of the family that was begun last. `suffix` is that of a histogram's lines.
    void sample(std::string_view labels, std::string_view value, std::string_view suffix = "");
    void sample(std::string_view labels, std::uint64_t value, std::string_view suffix = "");
    /// A family of one line without labels.
    void single(std::string_view name, std::string_view type, std::string_view help,
                std::uint64_t value);

    [[nodiscard]] std::string text() && { return std::move(text_); }

  private:
    std::string text_;
    std::string name_;
};

} // namespace pvh::daemon
