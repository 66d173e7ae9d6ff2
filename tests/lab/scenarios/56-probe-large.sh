# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The probe in the smallest and in large guests.
# needs: memory=10240 long
# limit: 120
#
# 1. With 2 MiB, with 4096 MiB (which the hole divides) and with 5 GiB every clause is kept.
# 2. RAM goes on above 4 GiB, to the last page.

# shellcheck source=tests/lab/probe.sh
. "$LAB/probe.sh"

for size in 2 4096 5120; do
    for kernel in probe64 probe32; do
        run_probe pvhctl "$kernel-$size" "$kernel" "$size" 1 "" && all_kept "$kernel-$size" "$undecided $without_module"
    done
done
like "$(console probe64-5120)" '^probe: [0-9]+ pass memory.last_page 0x143fff000' "5 GiB: the last page is memory"
like "$(console probe32-5120)" '^probe: [0-9]+ pass memory.last_page 0x143fff000' "5 GiB: by ELF32 too"
