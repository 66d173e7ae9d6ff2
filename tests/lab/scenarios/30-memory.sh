# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Guests of every size: below the kernel's usual needs, and across the hole below 4 GiB.
# needs: memory=10240
# limit: 400
#
# 1. Linux with 96 MiB, 1 GiB and 5 GiB sees what xl gives it: the same e820.
# 2. The 5 GiB guest has RAM above 4 GiB.
# 3. A guest that boots ballooned (memory below maxmem) runs.
# 4. A unikernel of 2 MiB runs.

e820() { console "$1" | sed -n 's/^guest: e820 //p'; }
compare() { # NAME LINE...
    local name=$1
    create_with xl "$(linux_config "$name-xl" 'extra = "console=hvc0 pvh.do=report,idle"' "${@:2}")"
    succeeds "$name: pvhctl creates it" create_with pvhctl "$(linux_config "$name-us" 'extra = "console=hvc0 pvh.do=report,idle"' "${@:2}")"
    within 60 "$name: xl's reports" console_says "$name-xl" '^guest: report end'
    within 60 "$name: ours reports" console_says "$name-us" '^guest: report end'
    is "$(e820 "$name-us")" "$(e820 "$name-xl")" "$name: the same e820 as xl gives"
    is "$(xl list "$name-us" | awk 'NR == 2 {print $3}')" "$(xl list "$name-xl" | awk 'NR == 2 {print $3}')" "$name: the same memory in xl list"
    xl destroy "$name-xl"
    pvhctl destroy "$name-us"
}

cloud='kernel = "/guest/vmlinuz-lz4"'
compare small "$cloud" 'memory = 96' 'vcpus = 1'
compare medium "$cloud" 'memory = 1024' 'vcpus = 1'

succeeds "5 GiB: pvhctl creates it" create_with pvhctl "$(linux_config large 'memory = 5120' 'vcpus = 1' "$cloud" 'extra = "console=hvc0 pvh.do=report,idle"')"
within 60 "5 GiB: it reports" console_says large '^guest: report end'
like "$(e820 large)" '0x0000000100000000-0x0000000143ffffff\] usable' "5 GiB: RAM goes on above 4 GiB"
pvhctl destroy large

succeeds "ballooned: pvhctl creates it" create_with pvhctl "$(linux_config pod 'memory = 192' 'maxmem = 512' 'vcpus = 1' "$cloud" 'extra = "console=hvc0 pvh.do=report,idle"')"
within 60 "ballooned: it reports" console_says pod '^guest: report end'
is "$(xenstore-read "/local/domain/$(domid_of pod)/memory/static-max")" 524288 "ballooned: static-max is maxmem"
pvhctl destroy pod

succeeds "2 MiB: pvhctl creates it" create_with pvhctl "$(config mini 'memory = 2')"
within 10 "2 MiB: it says hello" xen_log_says "$(domid_of mini)" 'tiny: hello'
pvhctl destroy mini
