// SPDX-License-Identifier: LGPL-2.1-or-later
// Mistakes below the seam: what libxenctrl is handed of the domain that is built now. The linker
// has these two calls come here first (--wrap in CMakeLists.txt).
#pragma once

#include "tests/mutant/mutation.h"

namespace pvh::mutant {

/// While there is one, calls of this thread are spoilt by its mutation; null: none.
class OnTheWire {
  public:
    explicit OnTheWire(const Mutation* mutation);
    OnTheWire(const OnTheWire&) = delete;
    OnTheWire& operator=(const OnTheWire&) = delete;
    ~OnTheWire();
};

} // namespace pvh::mutant
