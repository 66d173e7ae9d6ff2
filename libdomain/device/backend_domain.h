// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/ids.h"
#include "libdomain/xen/store.h"

#include <string>

namespace pvh::device {

/// The domain that backend= of a device names, by name or number; dom0 if it names none. Throws
/// not_found if there is no such domain.   [libxl_utils.c libxl__resolve_domid]
DomId find_backend(xen::Store& store, const std::string& backend);

} // namespace pvh::device
