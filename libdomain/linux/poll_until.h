// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>

namespace pvh::host {

/// True as soon as `holds` does, asked at growing distances: backends take a millisecond, or long.
bool poll_until(std::chrono::milliseconds limit, const std::function<bool()>& holds);

} // namespace pvh::host
