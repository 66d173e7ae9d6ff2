# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# dom0 gives memory to a domain that is created, as xl has it do.
# needs: memory=2048 long
# limit: 200
#
# 1. By itself it does not where Xen's command line gives dom0 its size, as here: the error tells what is needed and free.
# 2. With autoballoon = "on" it gives what is lacking, and no more; the domain runs.
# 3. It keeps dom0_min_memory, and nothing is changed then.

mib() { awk -v k="$1" '$1 == k {print $3}' <(xl info); }
target() { echo $(($(xenstore-read /local/domain/0/memory/target 2>/dev/null || echo $((1024 * 1024))) / 1024)); }
free=$(mib free_memory)
want=$((free + 40))
diag "$free MiB are free, dom0 has $(target)"
file=$(config large "memory = $want" "maxmem = $want")
fails "dom0 has its size from Xen's command line: it keeps it" 'memory' pvhctl create "$file"
before=$(target)
is "$(xl info | awk '$1 == "free_memory" {print $3}')" "$free" "nothing is lost"

stop_pvhd
LAB_PVHD_ARGS="--log-level debug --autoballoon on --dom0-min-memory 256" start_pvhd
succeeds "with autoballoon it gives what is lacking" pvhctl create "$file"
diag "dom0's target: $before, now $(target)"
is $((before - $(target) >= 40 && before - $(target) < 120)) 1 "no more than that: $((before - $(target))) MiB"
is "$(pvhctl --json list large | jq '.domains[0].memory_kib / 1024 | floor')" "$want" "the domain has its memory"
within 20 "and runs" eval '[ "$(pvhctl --json list large | jq -r ".domains[0].cpu_time_ns")" -gt 0 ]'
now=$(target)
fails "dom0 keeps what it was promised" 'dom0, which has [0-9]+, keeps 256' pvhctl create "$(config huge 'memory = 1500' 'maxmem = 1500')"
is "$(target)" "$now" "and its target is as it was"
pvhctl destroy large
pvhctl mem-set 0 "$before"
is "$(target)" "$before" "dom0 is given its memory back"
stop_pvhd
start_pvhd
