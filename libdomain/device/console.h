// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/device/store_node.h"

namespace pvh::device {

/// Bytes that xenconsoled keeps of a console that nobody reads; the same as xl's.
inline constexpr unsigned kConsoleBufferLimit = 1048576;

/// Console 0, served by xenconsoled in dom0: it has no handshake, and lives at
/// /local/domain/N/console rather than under device/. Written before the domain is introduced, so
/// that xenconsoled finds it complete at first sight.   [tools/console/daemon/io.c]
StoreNodes describe_console(DomId guest, Gfn ring, Port port);

/// Where console backends are: one folder for each frontend domain.
std::string console_backends_path();

} // namespace pvh::device
