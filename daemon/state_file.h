// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/state_dir.h"

#include <string>
#include <string_view>

namespace pvh::daemon {

struct StateFile {
    std::string boot_id; // of the host, when it was written
    StoredDomain domain;
};

/// The text of a state file.
std::string format_state(const StateFile& file);

/// Reads what format_state wrote. `uuid` is what the file's name says; the text must agree.
/// Throws Error saying what cannot be believed.
StateFile parse_state(std::string_view text, const Uuid& uuid);

} // namespace pvh::daemon
