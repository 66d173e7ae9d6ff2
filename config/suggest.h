// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string_view>

namespace pvh::config {

/// The option that whoever wrote `word` probably meant: the same but for case and hyphens, else the
/// nearest if it is near.
std::optional<std::string_view> nearest_option(std::string_view word);

} // namespace pvh::config
