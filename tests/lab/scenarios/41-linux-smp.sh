# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Linux with 2 vCPUs, by xl and by us: the same interrupts on each, and no warning that xl's has not.
# needs: long
# limit: 500
#
# 1. All vCPUs are online.
# 2. /proc/interrupts has the same rows; each vCPU has its own timer, IPIs and upcalls, and they come.
# 3. The kernel's log has no warning, and nothing that failed, which xl's has not.

# life TOOL NAME VCPUS: from create to its report. With Debian's cloud kernel: with many vCPUs the stock one now and then
# stops in its boot here, xl's as ours.
life() {
    succeeds "$2: $1 creates it" create_with "$1" "$(linux_config "$2" "vcpus = $3" 'kernel = "/guest/vmlinuz-lz4"' \
        'extra = "console=hvc0 nosoftlockup pvh.do=report,idle"')" || return
    within 100 "$2: it reports" console_says "$2" '^guest: report end' || { diag "$(console "$2" | tail -n40)" && return 1; }
    like "$(seen "$2" cpus)" "^online 0-$(($3 - 1)) present 0-$(($3 - 1)) " "$2: all vCPUs are online"
    "$1" destroy "$2"
}

seen() { console "$1" | sed -n "s/^guest: $2 //p"; }

# rows NAME: what /proc/interrupts counts, without the counts.
rows() { seen "$1" interrupts | awk 'NR == 1 {cpus = NF; next} {row = $1; for (i = cpus + 2; i <= NF; ++i) row = row " " $i; print row}'; }

# amiss NAME: which of a vCPU's own interrupts never came to it, and which came elsewhere.
amiss() {
    seen "$1" interrupts | awk '
        NR == 1 {cpus = NF; next}
        /xen-percpu/ {
            own = $NF
            sub(/^[a-z]*/, "", own)
            for (cpu = 0; cpu < cpus; ++cpu) {
                if (cpu != own && $(cpu + 2) > 0) print $NF, "came to", cpu
                if (cpu == own) came[$NF] = $(cpu + 2)
            }
        }
        $1 == "HYP:" {for (cpu = 0; cpu < cpus; ++cpu) came["upcall" cpu] = $(cpu + 2)}
        END {
            split("timer resched callfuncsingle upcall", own_kinds)
            for (cpu = 0; cpu < cpus; ++cpu)
                for (i in own_kinds) if (came[own_kinds[i] cpu] == 0) print own_kinds[i] cpu, "never came"
        }'
}

masked() { sed -E 's/^\[[^]]*\] *//; s/0x[0-9a-f]+|[0-9]+(\.[0-9]+)?/N/g' | sort -u; }

warnings() { seen "$1" warning | masked; }

# Whatever its level; the console has what came before init.
failures() { console "$1" | grep -E '^\[' | grep -iE 'warning|bug|fail|unable|error|stall|lockup' | masked; }

# How long an interrupt took is the emulator's affair.
moving='hrtimer: interrupt took|clocksource: |tsc: '
lacking() { # WHAT NAME OTHER: what that of one guest has and that of the other lacks
    "$1" "$2" | grep -vxFf <("$1" "$3"; echo 'a line at least') | grep -vE "$moving"
}

for vcpus in ${vcpu_counts:-2}; do
    ours=ours-$vcpus theirs=theirs-$vcpus
    life pvhctl "$ours" "$vcpus" || continue
    life xl "$theirs" "$vcpus" || continue
    like "$(rows "$ours" | grep -c xen-percpu)" "^$((5 * vcpus))$" "$vcpus vCPUs: five event channels of each"
    is "$(rows "$ours")" "$(rows "$theirs")" "$vcpus vCPUs: the same rows in /proc/interrupts"
    is "$(amiss "$ours")" "" "$vcpus vCPUs: timer, IPIs and upcalls come to each, and to no other"
    like "$(warnings "$ours")" 'Grant table initialized' "$vcpus vCPUs: warnings are told of"
    is "$(lacking warnings "$ours" "$theirs")" "" "$vcpus vCPUs: none that xl's guest has not"
    is "$(lacking failures "$ours" "$theirs")" "" "$vcpus vCPUs: nothing failed that has not in xl's"
    diag "$vcpus vCPUs: what xl's guest alone warns of:" "$(lacking warnings "$theirs" "$ours" | head -n5)"
done
