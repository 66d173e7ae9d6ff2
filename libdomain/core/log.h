// SPDX-License-Identifier: LGPL-2.1-or-later
// Logging for every room. error: a request or a domain failed; warn: we carried on but someone
// should look; info: a domain changed state; debug: each hypercall. Libraries do not log failures
// they throw.
#pragma once

#include <spdlog/spdlog.h>

namespace pvh::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

} // namespace pvh::log
