// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace pvh::config {

class SpecReader;

/// Virtual NUMA nodes: [ [ "pnode=0", "size=512", "vcpus=0-1,4", "vdistances=10,20" ], ... ], the
/// distances to each node in their order. What they add up to is for validate().
/// [xl.cfg(5), "vnuma"]
void read_vnuma(SpecReader& reader);

} // namespace pvh::config
