// SPDX-License-Identifier: LGPL-2.1-or-later
// States that an AP can begin in, and some that Xen has to refuse.
#pragma once

#include "tests/probe/xen.h"

namespace pvh::probe {

vcpu_hvm_context_t real_mode_context();
vcpu_hvm_context_t protected_mode_context();
vcpu_hvm_context_t paged_context();     // 32-bit paging, 4 MiB pages
vcpu_hvm_context_t pae_context();       // PAE, 2 MiB pages
vcpu_hvm_context_t long_mode_context(); // the bootstrap processor's page tables
vcpu_hvm_context_t event_context();     // the same, with a stack and a way into C++

/// One thing that makes a good state a bad one.
struct BadState {
    const char* what;
    vcpu_hvm_context_t (*good)();
    void (*spoil)(vcpu_hvm_context_t&);
};

struct BadStates {
    const BadState* list;
    unsigned size;

    [[nodiscard]] const BadState* begin() const { return list; }

    [[nodiscard]] const BadState* end() const { return list + size; }
};

BadStates bad_states();

} // namespace pvh::probe
