// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/pool_config.h"

#include "config/diagnostics.h"
#include "config/number.h"
#include "config/parse_all.h"
#include "config/settings.h"
#include "libdomain/core/error.h"
#include "libdomain/core/nearest.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <variant>

#include <fmt/format.h>

namespace pvh::config {

namespace {

constexpr std::array<std::string_view, 4> kKeys{"name", "sched", "cpus", "nodes"};

class PoolReader {
  public:
    PoolReader(const Settings& settings, Diagnostics& diagnostics)
        : settings_{settings}, diagnostics_{diagnostics} {}

    PoolConfig read() {
        warn_of_unknown();
        PoolConfig config;
        config.name = text_of("name");
        config.scheduler = text_of("sched");
        config.cpus = list_of("cpus");
        read_nodes(config);
        return config;
    }

  private:
    void warn_of_unknown() {
        for (const auto& [key, setting] : settings_.all()) {
            if (std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) continue;
            const auto nearest = nearest_of(key, kKeys);
            diagnostics_.warning(setting.key_span(),
                                 fmt::format("unknown option {}", in_quotes(key)),
                                 nearest ? fmt::format("did you mean {}?", *nearest) : "");
        }
    }

    std::optional<std::string> text_of(std::string_view key) {
        const Setting* setting = settings_.find_sound(key);
        if (setting == nullptr) return std::nullopt;
        if (!setting->is_list()) return setting->text();
        diagnostics_.error(setting->value_span(), fmt::format("{} takes one text", key));
        return std::nullopt;
    }

    /// A text, or a list of them.
    std::optional<std::string> list_of(std::string_view key) {
        const Setting* setting = settings_.find_sound(key);
        if (setting == nullptr) return std::nullopt;
        if (!setting->is_list()) return setting->text();
        std::string joined;
        for (const Value* item : setting->items()) {
            if (item->kind == ValueKind::list)
                diagnostics_.error(item->span, fmt::format("{} takes a list of numbers", key));
            joined += (joined.empty() ? "" : ",") + item->text;
        }
        return joined;
    }

    void read_nodes(PoolConfig& config) {
        const Setting* setting = settings_.find_sound("nodes");
        if (setting == nullptr) return;
        if (!setting->is_list())
            return diagnostics_.error(setting->value_span(), "nodes takes a list",
                                      R"(write nodes = ["0"])");
        for (const Value* item : setting->items()) {
            const auto parsed = parse_number(item->text);
            const auto* number = std::get_if<std::uint64_t>(&parsed);
            if (number == nullptr || *number > std::numeric_limits<unsigned>::max())
                diagnostics_.error(item->span, fmt::format("{} is no node", in_quotes(item->text)),
                                   "give its number");
            else
                config.nodes.push_back(static_cast<unsigned>(*number));
        }
    }

    const Settings& settings_;
    Diagnostics& diagnostics_;
};

} // namespace

PoolConfig read_pool_config(const Source& file, const std::vector<std::string>& overrides) {
    const Sources sources = collect_sources(file, overrides);
    Diagnostics diagnostics{sources};
    const std::vector<Assignment> assignments = parse_all(sources, diagnostics);
    const Settings settings{sources, assignments, diagnostics};
    PoolConfig config = PoolReader{settings, diagnostics}.read();
    if (diagnostics.has_errors()) throw Error{Errc::invalid_config, diagnostics.render()};
    config.warnings = diagnostics.warning_lines();
    return config;
}

} // namespace pvh::config
