// SPDX-License-Identifier: LGPL-2.1-or-later
// The groups of checks, one file each; each reports every clause whose id begins with its name.
#pragma once

namespace pvh::probe {

void check_cpu();
void check_image();
void check_start_info();
void check_memory();
void check_acpi();
void check_cpuid();
void check_hypercall();
void check_param();
void check_shared();
void check_evtchn();
void check_xenstore();
void check_grant();
void check_lapic();
void check_ap();

} // namespace pvh::probe
