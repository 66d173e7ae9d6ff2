// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/device/store_node.h"

#include <string>
#include <string_view>

namespace pvh::device {

/// Who serves console 0. xenconsoled leaves alone what is not its own by this word.
/// [tools/console/daemon/io.c console_create_ring; the same in Xen 4.17 to 4.22]
enum class ConsoleService { xenconsoled, pvhconsoled };

/// The word for it in console/type.
std::string_view type_of(ConsoleService service);

/// Bytes that xenconsoled keeps of a console that nobody reads; the same as xl's.
inline constexpr unsigned kConsoleBufferLimit = 1048576;

/// Console 0, served in dom0: it has no handshake, and lives at
/// /local/domain/N/console rather than under device/. Written before the domain is introduced, so
/// that its service finds it complete at first sight.   [tools/console/daemon/io.c]
StoreNodes describe_console(DomId guest, Gfn ring, Port port, ConsoleService service);

/// Where console backends are: one folder for each frontend domain.
std::string console_backends_path();

} // namespace pvh::device
