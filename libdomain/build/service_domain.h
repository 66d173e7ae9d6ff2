// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/ids.h"
#include "libdomain/xen/store.h"

#include <string>

namespace pvh {

/// The domain that serves a daemon's rings: dom0, unless a stub domain announced itself at this
/// path. Throws Errc::xenstore_error if what stands there is no domain id.
/// [tools/helpers/init-xenstore-domain.c; tools/libs/light]
DomId service_domain(xen::Store& store, const std::string& path);

} // namespace pvh
