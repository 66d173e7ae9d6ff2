// SPDX-License-Identifier: LGPL-2.1-or-later
// What the command line asks for, as words KEY=VALUE:
//
//   probe.run=GROUP,...      groups to check, of those in main.cpp, or all; all but ap unless given
//   probe.end=HOW            poweroff (unless given), reboot, crash, watchdog, exception or idle
//   probe.vcpus=N            vCPUs that there are to be
//   probe.online=N           and how many of them are enabled; all unless given
//   probe.memory=MiB         RAM in all
//   probe.pae=no             leaves out the APs in PAE mode, which some emulators hang in
//   probe.module=SIZE:CRC32  the first module in bytes, and its CRC-32 in hexadecimal
//   probe.crc=CRC32          as the last word, in eight digits: of all before the space before it
#pragma once

#include "tests/probe/text.h"

namespace pvh::probe {

struct Option {
    bool given;
    Text value;

    [[nodiscard]] bool is(const char* word) const;
    /// Its number, which ends at the first character that is no digit.
    [[nodiscard]] u64 number() const;
    [[nodiscard]] u64 hex_number() const;
};

Option option(const char* key);

/// Whether a group is to be checked; `by_default` if the command line does not say.
bool wanted(const char* group, bool by_default);

struct ModuleOption {
    bool given;
    u64 size;
    u32 crc;
};

ModuleOption module_option();

} // namespace pvh::probe
