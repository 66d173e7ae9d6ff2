// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/metrics_text.h"

#include <iterator>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

void append_escaped(std::string& out, std::string_view value) {
    constexpr std::string_view kReplacement = "\xef\xbf\xbd";
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\\')
            out += "\\\\";
        else if (c == '"')
            out += "\\\"";
        else if (c == '\n')
            out += "\\n";
        else if (byte < 0x20 || byte == 0x7f)
            out += kReplacement;
        else
            out += c;
    }
}

} // namespace

std::string labels_of(std::initializer_list<std::pair<std::string_view, std::string_view>> labels) {
    std::string out;
    for (const auto& [name, value] : labels) {
        if (!out.empty()) out += ',';
        out += name;
        out += "=\"";
        append_escaped(out, value);
        out += '"';
    }
    return out;
}

std::string join_labels(std::string_view labels, std::string_view more) {
    const bool are_both = !labels.empty() && !more.empty();
    return fmt::format("{}{}{}", labels, are_both ? "," : "", more);
}

std::string seconds_of(std::uint64_t nanoseconds) {
    constexpr std::uint64_t kPerSecond = 1'000'000'000;
    return fmt::format("{}.{:09}", nanoseconds / kPerSecond, nanoseconds % kPerSecond);
}

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                   type);
}

void MetricsText::sample(std::string_view labels, std::string_view value, std::string_view suffix) {
    const bool has_labels = !labels.empty();
    fmt::format_to(std::back_inserter(text_), "{}{}{}{}{} {}\n", name_, suffix,
                   has_labels ? "{" : "", labels, has_labels ? "}" : "", value);
}

void MetricsText::sample(std::string_view labels, std::uint64_t value, std::string_view suffix) {
    const fmt::format_int text{value};
    sample(labels, std::string_view{text.data(), text.size()}, suffix);
}

void MetricsText::single(std::string_view name, std::string_view type, std::string_view help,
                         std::uint64_t value) {
    family(name, type, help);
    sample("", value);
}

} // namespace pvh::daemon
