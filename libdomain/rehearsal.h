// SPDX-License-Identifier: LGPL-2.1-or-later
// A build that touches nothing: what build_domain would do, step by step.
#pragma once

#include "libdomain/boot/build_plan.h"
#include "libdomain/xen/store.h"

#include <string>
#include <vector>

namespace pvh {

/// Xen chooses the domain's number when it makes it; in a rehearsal it is this one, which no
/// domain can have.
inline constexpr DomId kRehearsedDomain{0x7fff};

struct RehearsedNode {
    std::string path;
    std::string value;
    std::string permissions; // as xenstore-ls -p has them: "n0,r7", the owner first
};

struct Rehearsal {
    std::vector<std::string> steps;   // hypercalls, and what is done to xenstore, in their order
    std::vector<RehearsedNode> nodes; // what is then in xenstore; ascending by path
};

/// Carries out `plan` against stand-ins. `store` is only read, e.g. for the number of a CPU pool.
/// Throws what build_domain would throw before it has made the domain.
Rehearsal rehearse_build(boot::BuildPlan plan, xen::Store& store);

} // namespace pvh
