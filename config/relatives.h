// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace pvh::config {

class SpecReader;

/// Options whose meaning hangs on others: type and builder, cmdline with root and extra, memory
/// with maxmem, vcpus with maxvcpus, vnuma with both, cpus with the number of vCPUs, disks among
/// each other.
void read_relatives(SpecReader& reader);

} // namespace pvh::config
