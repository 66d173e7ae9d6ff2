// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings.h"

#include <utility>

namespace pvh::config {

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

Settings::Settings(const std::vector<Assignment>& assignments, Diagnostics& diagnostics) {
    for (const Assignment& assignment : assignments) {
        const auto [entry, is_new] = settings_.try_emplace(assignment.key, assignment);
        if (is_new) continue;
        if (assignment.op == AssignmentOp::set)
            entry->second.set(assignment);
        else
            append(assignment, diagnostics);
    }
}

void Settings::append(const Assignment& assignment, Diagnostics& diagnostics) {
    Setting& setting = settings_.at(assignment.key);
    const bool is_list = assignment.value.kind == ValueKind::list;
    if (is_list == setting.is_list()) return setting.append(assignment);
    diagnostics.error(assignment.value.span, is_list ? "+= cannot add a list to a string"
                                                     : "+= cannot add a string to a list");
    mark_faulty(assignment.key);
}

const Setting* Settings::find(std::string_view key) const {
    const auto found = settings_.find(key);
    return found == settings_.end() ? nullptr : &found->second;
}

const Setting* Settings::find_sound(std::string_view key) const {
    return is_faulty(key) ? nullptr : find(key);
}

} // namespace pvh::config
