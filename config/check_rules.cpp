// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/check_rules.h"

#include "config/characters.h"
#include "config/complaints.h"
#include "config/option_table.h"
#include "libdomain/spec/validate.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace pvh::config {

namespace {

/// A key whose value follows from another one, or contradicts it.
struct Relation {
    std::string_view key;
    std::string_view partner;
};

constexpr std::array<Relation, 13> kRelations{{
    {"memory", "maxmem"},
    {"maxmem", "memory"},
    {"vcpus", "maxvcpus"},
    {"maxvcpus", "vcpus"},
    {"cmdline", "extra"},
    {"cmdline", "root"},
    {"vnuma", "memory"},
    {"vnuma", "maxmem"},
    {"vnuma", "maxvcpus"},
    {"memory", "vnuma"},
    {"maxmem", "vnuma"},
    {"maxvcpus", "vnuma"},
    {"kernel", "type"}, // of a missing kernel, the line that asks for a PVH guest is the best place
}};

bool contradicts(const DomainSpec& spec, std::string_view key) {
    return (key == "maxmem" && spec.max_memory_mib < spec.memory_mib) ||
           (key == "maxvcpus" && spec.max_vcpus < spec.vcpus);
}

class RuleCheck {
  public:
    RuleCheck(const Sources& sources, const Settings& settings, const DomainSpec& spec,
              Diagnostics& diagnostics, bool is_whole)
        : sources_{sources}, settings_{settings}, spec_{spec},
          diagnostics_{diagnostics}, is_whole_{is_whole} {}

    void report(const Violation& violation) {
        if (is_tainted(violation.key)) return;
        if (!is_whole_ && settings_.find(violation.key) == nullptr) return;
        // Who has one of these wants no kernel; check_release() says what there is to say.
        if (violation.key == "kernel" && is_booted_otherwise()) return;
        Diagnostic diagnostic = error_at(place_of(violation), violation.message, violation.hint);
        if (contradicts(spec_, violation.key)) name_both(violation.key, diagnostic);
        diagnostics_.add(std::move(diagnostic));
    }

  private:
    [[nodiscard]] bool is_booted_otherwise() const {
        return std::any_of(settings_.all().begin(), settings_.all().end(), [](const auto& entry) {
            const Option* option = find_option(entry.first);
            return option != nullptr && option->brings_kernel;
        });
    }

    [[nodiscard]] bool is_tainted(std::string_view key) const {
        return settings_.is_faulty(key) ||
               std::any_of(kRelations.begin(), kRelations.end(), [&](const Relation& r) {
                   return r.key == key && settings_.is_faulty(r.partner);
               });
    }

    [[nodiscard]] Span place_of(const Violation& violation) const {
        const Setting* setting = settings_.find(violation.key);
        if (setting != nullptr && violation.item && setting->is_list())
            return setting->items().at(*violation.item)->span;
        return place_of_key(violation.key);
    }

    [[nodiscard]] Span place_of_key(std::string_view key) const {
        if (const Setting* setting = settings_.find(key))
            return key == "name" ? place_in_name(*setting) : setting->value_span();
        for (const Relation& relation : kRelations)
            if (const Setting* partner =
                    relation.key == key ? settings_.find(relation.partner) : nullptr)
                return key == "kernel" ? partner->key_span() : partner->value_span();
        return {};
    }

    /// The byte that a name cannot have, if it is one byte.
    [[nodiscard]] Span place_in_name(const Setting& setting) const {
        const auto bad = std::find_if(spec_.name.begin(), spec_.name.end(),
                                      [](char c) { return c == '/' || is_control(c); });
        if (bad == spec_.name.end()) return setting.value_span();
        return setting.phrase(sources_).at(static_cast<std::size_t>(bad - spec_.name.begin()));
    }

    /// Points at whichever of the two was written later, with a note at the earlier.
    void name_both(std::string_view key, Diagnostic& diagnostic) const {
        const auto* const relation = std::find_if(kRelations.begin(), kRelations.end(),
                                                  [&](const Relation& r) { return r.key == key; });
        const Setting* own = settings_.find(key);
        const Setting* other = settings_.find(relation->partner);
        if (own == nullptr || other == nullptr) return;
        const bool own_is_later = other->value_span() < own->value_span();
        const Setting* earlier = own_is_later ? other : own;
        diagnostic.where = (own_is_later ? own : other)->value_span();
        diagnostic.notes.push_back(
            {earlier->value_span(), fmt::format("{} is set here", earlier->parts().front()->key)});
    }

    const Sources& sources_;
    const Settings& settings_;
    const DomainSpec& spec_;
    Diagnostics& diagnostics_;
    bool is_whole_;
};

} // namespace

void check_rules(const Sources& sources, Settings& settings, const DomainSpec& spec,
                 Diagnostics& diagnostics, bool is_whole) {
    const std::vector<Violation> violations = validate(spec);
    RuleCheck check{sources, settings, spec, diagnostics, is_whole};
    for (const Violation& violation : violations)
        check.report(violation);
    for (const Violation& violation : violations)
        if (const Setting* setting = settings.find(violation.key))
            settings.mark_faulty(setting->parts().front()->key);
}

} // namespace pvh::config
