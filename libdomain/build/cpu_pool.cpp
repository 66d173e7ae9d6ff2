// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/cpu_pool.h"

#include "libdomain/core/error.h"

#include <charconv>
#include <optional>
#include <system_error>

#include <fmt/format.h>

namespace pvh {

namespace {

std::optional<std::uint32_t> parse_number(const std::string& text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

} // namespace

std::uint32_t find_cpu_pool(xen::Store& store, const std::string& pool) {
    if (pool.empty() || pool == "0") return 0;
    std::string known;
    for (const std::string& entry :
         store.list("/local/pool").value_or(std::vector<std::string>{})) {
        const auto number = parse_number(entry);
        const auto name = store.read(fmt::format("/local/pool/{}/name", entry));
        if (!number || !name) continue;
        if (entry == pool || *name == pool) return *number;
        known += fmt::format("{}{} ({})", known.empty() ? "" : ", ", *name, entry);
    }
    throw Error{Errc::not_found, fmt::format("there is no CPU pool \"{}\"", pool)}.with_hint(
        known.empty() ? "xl cpupool-list shows those there are"
                      : fmt::format("there are: {}", known));
}

} // namespace pvh
