// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/check_options.h"

#include "config/complaints.h"
#include "config/number.h"
#include "config/option_table.h"
#include "config/suggest.h"
#include "config/value_shape.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

namespace pvh::config {

namespace {

void report_unknown(std::string_view key, const Setting& setting, Diagnostics& diagnostics,
                    Unknown unknown) {
    // The search costs more than a hostile file is worth.
    const bool is_refused = unknown == Unknown::refused;
    const bool is_wanted = is_refused ? diagnostics.wants_errors() : diagnostics.wants_warnings();
    const auto nearest = is_wanted ? nearest_option(key) : std::nullopt;
    diagnostics.add({.severity = is_refused ? Severity::error : Severity::warning,
                     .where = setting.key_span(),
                     .message = fmt::format("unknown option {}", in_quotes(key)),
                     .hint = nearest ? fmt::format("did you mean {}?", in_quotes(*nearest)) : "",
                     .notes = {}});
}

std::string reason(const Option& option) {
    return fmt::format("{}: {}", option.key, option.why);
}

class OptionCheck {
  public:
    OptionCheck(Settings& settings, Diagnostics& diagnostics, Unknown unknown)
        : settings_{settings}, diagnostics_{diagnostics}, unknown_{unknown} {}

    void run() {
        for (const auto& [key, setting] : settings_.all()) {
            if (settings_.is_faulty(key)) continue;
            if (const Option* option = find_option(key))
                check(*option, setting);
            else
                report_unknown(key, setting, diagnostics_, unknown_);
        }
        note_ignored();
    }

  private:
    void check(const Option& option, const Setting& setting) {
        if (auto fault = shape_fault(option, setting)) return refuse(option, std::move(*fault));
        if (option.takes_index && !is_word(option, setting)) warn_of_index(option, setting);
        if (option.status != Status::supported && !asks_for_nothing(option, setting))
            judge(option, setting);
    }

    void judge(const Option& option, const Setting& setting) {
        switch (option.status) {
        case Status::supported:
        case Status::not_yet_needed: // check_release() says so
            return;
        case Status::ignored:
            return ignored_.push_back(&setting);
        case Status::not_yet:
            return diagnostics_.warning(
                setting.key_span(), fmt::format("{} is not applied by this release", option.key));
        case Status::refused:
            return refuse(option, error_at(setting.value_span(), reason(option)));
        }
    }

    void refuse(const Option& option, Diagnostic diagnostic) {
        diagnostics_.add(std::move(diagnostic));
        settings_.mark_faulty(option.key);
    }

    /// One line for all of them: copied HVM configs have a dozen.
    void note_ignored() {
        if (ignored_.empty()) return;
        std::sort(ignored_.begin(), ignored_.end(),
                  [](const Setting* a, const Setting* b) { return a->key_span() < b->key_span(); });
        std::string keys;
        for (const Setting* setting : ignored_)
            keys += fmt::format("{}{}", keys.empty() ? "" : ", ", setting->parts().front()->key);
        diagnostics_.warning(ignored_.front()->key_span(),
                             fmt::format("no effect on a PVH domain: {}", keys));
    }

    static bool is_word(const Option& option, const Setting& setting) {
        return std::find(option.words.begin(), option.words.end(), setting.text()) !=
               option.words.end();
    }

    void warn_of_index(const Option& option, const Setting& setting) {
        const auto index = std::get<std::uint64_t>(parse_number(setting.text()));
        diagnostics_.warning(setting.value_span(),
                             fmt::format("a number for {} is deprecated", option.key),
                             fmt::format("write {} = \"{}\"", option.key, option.words[index]));
    }

    Settings& settings_;
    Diagnostics& diagnostics_;
    Unknown unknown_;
    std::vector<const Setting*> ignored_;
};

} // namespace

bool asks_for_nothing(const Option& option, const Setting& setting) {
    if (setting.is_list()) return setting.items().empty();
    const std::string text = setting.text();
    if (text.empty() || text == option.default_text) return true;
    const auto number = parse_number(text);
    const auto usual = parse_number(option.default_text);
    if (!std::holds_alternative<std::uint64_t>(number) ||
        !std::holds_alternative<std::uint64_t>(usual))
        return false;
    if (option.shape == Shape::boolean)
        return (std::get<std::uint64_t>(number) == 0) == (std::get<std::uint64_t>(usual) == 0);
    return number == usual;
}

void check_options(Settings& settings, Diagnostics& diagnostics, Unknown unknown) {
    OptionCheck{settings, diagnostics, unknown}.run();
}

void check_release(const Settings& settings, Diagnostics& diagnostics) {
    for (const auto& [key, setting] : settings.all()) {
        const Option* option = find_option(key);
        if (option == nullptr || option->status != Status::not_yet_needed) continue;
        if (settings.is_faulty(key) || asks_for_nothing(*option, setting)) continue;
        Diagnostic diagnostic =
            error_at(setting.value_span(), reason(*option),
                     option->brings_kernel ? "" : "remove it to have the domain without it");
        diagnostic.is_only_this_release = true;
        diagnostics.add(std::move(diagnostic));
    }
}

} // namespace pvh::config
