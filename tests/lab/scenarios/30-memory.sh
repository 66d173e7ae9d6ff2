# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Guests of every size: below the kernel's usual needs, and across the hole below 4 GiB.
# needs: memory=10240 long
# limit: 400
#
# 1. Linux with 96 MiB (Debian's kernels end at 62), 1 GiB and 5 GiB sees what xl gives it: the same e820.
# 2. The 5 GiB guest has RAM above 4 GiB.
# 3. A guest that boots ballooned (memory below maxmem) runs.
# 4. Unikernels of 2 and 64 MiB run.

e820() { console "$1" | sed -n 's/^guest: e820 //p'; }

# life TOOL NAME LINE...: from create to destroy; leaves $WORK/NAME.memory as xl list has it.
life() {
    succeeds "$2: $1 creates it" create_with "$1" "$(linux_config "$2" 'extra = "console=hvc0 pvh.do=report,idle"' "${@:3}")" || return
    within 60 "$2: it reports" console_says "$2" '^guest: report end'
    xl list "$2" | awk 'NR == 2 {print $3}' >"$WORK/$2.memory"
    "$1" destroy "$2"
}

compare() { # NAME LINE...
    local name=$1
    life xl "$name-xl" "${@:2}" && life pvhctl "$name-us" "${@:2}" || return
    is "$(e820 "$name-us")" "$(e820 "$name-xl")" "$name: the same e820 as xl gives"
    is "$(cat "$WORK/$name-us.memory")" "$(cat "$WORK/$name-xl.memory")" "$name: the same memory in xl list"
}

cloud='kernel = "/guest/vmlinuz-lz4"'
compare small "$cloud" 'memory = 96' 'vcpus = 1'
compare medium "$cloud" 'memory = 1024' 'vcpus = 1'

compare large "$cloud" 'memory = 5120' 'vcpus = 1'
like "$(e820 large-us)" '0x0000000100000000-0x0000000143ffffff\] usable' "large: RAM goes on above 4 GiB"

succeeds "ballooned: pvhctl creates it" create_with pvhctl "$(linux_config pod 'memory = 192' 'maxmem = 512' 'vcpus = 1' "$cloud" 'extra = "console=hvc0 pvh.do=report,idle"')"
within 60 "ballooned: it reports" console_says pod '^guest: report end'
is "$(xenstore-read "/local/domain/$(domid_of pod)/memory/static-max")" 524288 "ballooned: static-max is maxmem"
pvhctl destroy pod

for size in 2 64; do
    succeeds "$size MiB: pvhctl creates it" create_with pvhctl "$(config mini "memory = $size")"
    within 10 "$size MiB: it says hello" xen_log_says "$(domid_of mini)" 'tiny: hello'
    pvhctl destroy mini
done
