// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/progress.h"

#include "libdomain/core/error.h"

namespace pvh::daemon {

void Progress::reached(std::string_view stage) {
    Sight now;
    {
        const std::lock_guard lock{mutex_};
        sight_.stage = stage;
        ++sight_.done;
        now = sight_;
    }
    require_wanted();
    on_stage_(now);
}

void Progress::require_wanted() const {
    if (is_cancelled_) throw Error{Errc::cancelled, "the job was cancelled"};
}

Progress::Sight Progress::sight() const {
    const std::lock_guard lock{mutex_};
    return sight_;
}

} // namespace pvh::daemon
