// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pvh::config {

namespace {

/// Twice in a file is mostly a slip; the command line is there to override.
void warn_of_second(const Sources& sources, const Setting& first, const Assignment& second,
                    Diagnostics& diagnostics) {
    const bool is_one_text = first.key_span().source == second.key_span.source;
    if (!is_one_text || !diagnostics.wants_warnings()) return;
    const Place place = place_of(sources.at(second.key_span.source).text, first.key_span().begin);
    diagnostics.warning(
        second.key_span,
        fmt::format("{} is already set on line {}, the last one counts", second.key, place.line),
        second.value.kind == ValueKind::list ? "use += to add to the list" : "");
}

} // namespace

bool Setting::is_unparsed() const {
    return std::any_of(parts_.begin(), parts_.end(),
                       [](const Assignment* part) { return part->is_faulty; });
}

bool Setting::lacks_value() const {
    return std::any_of(parts_.begin(), parts_.end(), [](const Assignment* part) {
        return part->value.kind == ValueKind::missing;
    });
}

std::string Setting::text() const {
    std::string joined;
    for (const Assignment* part : parts_)
        joined += part->value.text;
    return joined;
}

std::vector<const Value*> Setting::items() const {
    std::vector<const Value*> all;
    for (const Assignment* part : parts_)
        for (const Value& item : part->value.items)
            all.push_back(&item);
    return all;
}

Phrase Setting::phrase(const Sources& sources) const {
    std::vector<const Value*> values;
    for (const Assignment* part : parts_)
        values.push_back(&part->value);
    return {sources, std::move(values)};
}

Settings::Settings(const Sources& sources, const std::vector<Assignment>& assignments,
                   Diagnostics& diagnostics) {
    for (const Assignment& assignment : assignments) {
        const auto [entry, is_new] = settings_.try_emplace(assignment.key, assignment);
        if (is_new) continue;
        Setting& setting = entry->second;
        if (assignment.op == AssignmentOp::append) {
            append(setting, assignment, diagnostics);
            continue;
        }
        warn_of_second(sources, setting, assignment, diagnostics);
        overridden_.insert(overridden_.end(), setting.parts().begin(), setting.parts().end());
        setting.set(assignment);
    }
    for (const auto& [key, setting] : settings_)
        if (setting.lacks_value()) mark_faulty(key);
}

void Settings::append(Setting& setting, const Assignment& assignment, Diagnostics& diagnostics) {
    const bool is_list = assignment.value.kind == ValueKind::list;
    const bool is_unknown = setting.lacks_value() || assignment.value.kind == ValueKind::missing;
    if (is_list == setting.is_list() || is_unknown) return setting.append(assignment);
    diagnostics.error(assignment.value.span, is_list ? "+= cannot add a list to a string"
                                                     : "+= cannot add a string to a list");
    mark_faulty(assignment.key);
}

std::string Settings::why_idle(std::string_view key) const {
    const auto found = idle_.find(key);
    return found == idle_.end() ? std::string{} : found->second;
}

const Setting* Settings::find(std::string_view key) const {
    const auto found = settings_.find(key);
    return found == settings_.end() ? nullptr : &found->second;
}

const Setting* Settings::find_sound(std::string_view key) const {
    return is_faulty(key) ? nullptr : find(key);
}

} // namespace pvh::config
