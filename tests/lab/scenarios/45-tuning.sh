# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Every option that tunes a domain, by xl and by us: Xen keeps the same of both, and the guests see the same.
# needs: long
# limit: 300
#
# 1. A domain with defaults: Xen has the same facts of both.
# 2. Affinity, weight, cap, limits, clocks: the facts are the same, and are those that were asked for.
# 3. nomigrate shows the guest an invariant TSC as xl's, cpuid hides what it names; rtc_timeoffset moves its clock.
# 4. What the host cannot do is one clear error, and nothing is left: CPUs it has not, a pool that is not.

facts() { domain_facts "$(domid_of "$1")"; }

# both OUTCOME LINE...: a tiny domain with these lines by xl and by us; leaves the facts of ours in $WORK/facts.
both() {
    local outcome=$1 tool
    for tool in xl pvhctl; do
        succeeds "$tool creates: $outcome" create_with "$tool" "$(config tuned "${@:2}")" || return
        facts tuned >"$WORK/$tool.facts"
        xl destroy tuned
    done
    is "$(cat "$WORK/pvhctl.facts")" "$(cat "$WORK/xl.facts")" "$outcome: Xen keeps the same"
    cp "$WORK/pvhctl.facts" "$WORK/facts"
}
fact_is() { is "$(sed -n "s/^$1 //p" "$WORK/facts")" "$2" "$1 is $2"; }

both "defaults"
both "two vCPUs, each on its own list" 'vcpus = 2' 'cpus = ["0", "0-7,^3"]' 'cpus_soft = "all,^1"'
both "NUMA nodes" 'vcpus = 2' 'cpus = "nodes:0"' 'cpus_soft = "node:0,^7"'
both "weight and cap" 'cpu_weight = 512' 'cap = 50'
fact_is credit2 "weight 512 cap 50"
both "a pool by its name" 'pool = "Pool-0"'
both "a pool by its number" 'pool = 0'
both "limits" 'max_grant_frames = 8' 'max_maptrack_frames = 9' 'max_event_channels = 127' 'max_grant_version = 1'
fact_is grant "frames 1 of 8
version 1"
both "clocks" 'tsc_mode = "native"' 'timer_mode = "one_missed_tick_pending"'
fact_is tsc_mode "2 incarnation 1"
fact_is "param timer_mode" 3
both "an emulated TSC" 'tsc_mode = "always_emulate"' 'timer_mode = "delay_for_missed_ticks"'
fact_is tsc_mode "1 incarnation 1"

both "nested virtualisation" 'nestedhvm = 1'
both "a driver domain" 'driver_domain = 1'

fails "more grant frames than Xen gives" 'gnttab_max_frames' \
    create_with pvhctl "$(config framed 'max_grant_frames = 65536')"
fails "a label on a Xen without XSM" 'no XSM.*"system_u:system_r:domU_t"' \
    create_with pvhctl "$(config labelled 'seclabel = "system_u:system_r:domU_t"')"

# A whole Linux, for what only a guest can see.
life() { # TOOL NAME
    succeeds "$1 creates a stock Linux" create_with "$1" "$(linux_config "$2" 'extra = "console=hvc0 pvh.do=report,idle"' \
        'nomigrate = 1' 'rtc_timeoffset = 7200' 'cpuid = "host,aes=0,sse4_2=0,popcnt=k,family=15,model=107,stepping=3"')" || return
    within 40 "$1's reports" console_says "$2" '^guest: report end' || return
    date +%s >"$WORK/$2.now"
    "$1" destroy "$2"
}
seen() { console "$1" | sed -n "s/^guest: $2 //p"; }
life xl tuned-xl && life pvhctl tuned-us || return
is "$(seen tuned-us cpuid | grep ^80000007)" "$(seen tuned-xl cpuid | grep ^80000007)" "nomigrate: the same invariant TSC"
is "$(seen tuned-us cpuid | sed '/^4000000[34]/d')" "$(seen tuned-xl cpuid | sed '/^4000000[34]/d')" "cpuid: the same leaves"
unlike "$(seen tuned-us flags)" ' aes ' "cpuid: aes is hidden"
is "$(seen tuned-us clocksource)" "$(seen tuned-xl clocksource)" "the same clock source"
ahead() { echo $(($(seen "$1" time) - $(cat "$WORK/$1.now"))); }
like "$(ahead tuned-us)" '^(7[12][0-9][0-9])$' "rtc_timeoffset: the guest's clock is two hours ahead"
like "$(ahead tuned-xl)" '^(7[12][0-9][0-9])$' "and so is that of xl's"

# xl builds the tables of a PVH domain whatever acpi says; here it is believed.
succeeds "pvhctl creates a Linux without ACPI" create_with pvhctl "$(linux_config bare 'extra = "console=hvc0 pvh.do=report,idle"' 'acpi = 0' 'vcpus = 1')"
within 40 "it reports" console_says bare '^guest: report end'
is "$(seen bare acpi)" "" "it has no ACPI tables"
pvhctl destroy bare

fails "vpmu on a Xen without it" 'this Xen gives no performance counters' pvhctl create "$(config tuned 'vpmu = 1')"
fails "a CPUID leaf that is not" 'this host has no leaf 0x7' pvhctl create "$(config tuned 'cpuid = ["7:eax=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]')"
fails "CPUs that this host has not" 'cpus of vCPU 0 names no CPU that this host has' pvhctl create "$(config tuned 'cpus = "8-9"')"
fails "a pool that is not" 'there are: Pool-0 \(0\)' pvhctl create "$(config tuned 'pool = "blue"')"
fails "a pool number that is not" 'there is no CPU pool "7"' pvhctl create "$(config tuned 'pool = 7')"
fails "a removed TSC mode" 'tsc_mode cannot be "native_paravirt"' pvhctl create "$(config tuned 'tsc_mode = "native_paravirt"')"
fails "a cap above all vCPUs" 'cap = 101 is out of range' pvhctl create "$(config tuned 'cap = 101')"
