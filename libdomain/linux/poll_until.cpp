// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/poll_until.h"

#include <algorithm>
#include <thread>

namespace pvh::host {

using Milliseconds = std::chrono::milliseconds;

bool poll_until(Milliseconds limit, const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (Milliseconds pause{1};; pause = std::min(pause * 2, Milliseconds{50})) {
        if (holds()) return true;
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(pause);
    }
}

} // namespace pvh::host
