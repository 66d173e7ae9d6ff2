// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/diagnostics.h"
#include "config/settings.h"
#include "config/source.h"
#include "libdomain/spec/domain_spec.h"

namespace pvh::config {

/// Reports what spec/validate.h finds, at the place of the key; where two keys disagree, at the
/// later one, naming the earlier. Marks the keys as faulty. Says nothing about those that are so
/// already, nor about a key that follows from such a one: their values in `spec` are only defaults.
/// Nor about keys that are not set, unless the text is whole: a line that could not be parsed may
/// have held them.
void check_rules(const Sources& sources, Settings& settings, const DomainSpec& spec,
                 Diagnostics& diagnostics, bool is_whole);

} // namespace pvh::config
