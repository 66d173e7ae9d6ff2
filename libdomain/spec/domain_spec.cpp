// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/spec/domain_spec.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pvh {

namespace {

constexpr std::array<std::pair<EndAction, std::string_view>, 7> kActions{{
    {EndAction::destroy, "destroy"},
    {EndAction::restart, "restart"},
    {EndAction::rename_restart, "rename-restart"},
    {EndAction::preserve, "preserve"},
    {EndAction::coredump_destroy, "coredump-destroy"},
    {EndAction::coredump_restart, "coredump-restart"},
    {EndAction::soft_reset, "soft-reset"},
}};

} // namespace

std::string_view to_string(EndAction action) {
    return kActions.at(static_cast<std::size_t>(action)).second;
}

std::optional<EndAction> parse_end_action(std::string_view word) {
    const auto* found = std::find_if(kActions.begin(), kActions.end(),
                                     [&](const auto& row) { return row.second == word; });
    if (found == kActions.end()) return std::nullopt;
    return found->first;
}

} // namespace pvh
