# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# vCPUs beside the first are started by hypercall, when the kernel asks for it through ACPI's wakeup mailbox.
# needs: any-xenstored kernels
# limit: 700
#
# 1. Debian's 6.1 brings 2 and 4 vCPUs online through the mailbox.
# 2. vCPUs that it offlined come online again.
# 3. Kernels that do not know the mailbox start their APs as ever: the probe, by hypercall and by SIPI, and Linux without ACPI boots.
# 4. A domain whose kernel's vCPUs have all gone down is powered off; one that reboots comes back.
# 5. Time from the first to the last vCPU, and CPU time spent on waiting, beside those of ap_startup = "guest".
# 6. What cannot be is refused in one message.

# shellcheck source=tests/lab/probe.sh
. "$LAB/probe.sh"

vcpuop='ap_startup = "vcpuop"'
linux() { # NAME ACTIONS [LINE...]
    create_with pvhctl "$(linux_config "$1" 'kernel = "/guest/vmlinuz-lz4"' \
        "extra = \"console=hvc0 nosoftlockup pvh.do=$2\"" "${@:3}")"
}
online() { xl vcpu-list "$1" | awk -v most="$2" 'NR > 1 && $3 < most && $5 != "--p" {count++} END {print count + 0}'; }
has_online() { [ "$(online "$1" "$2")" = "$3" ]; } # NAME MAXVCPUS COUNT
# Seconds of the guest's own clock from before its second vCPU to behind its last.
took() { console "$1" | sed -nE 's/^\[ *([0-9.]+)\] smp: (Bringing up|Brought up).*/\1/p' | awk 'NR == 1 {begin = $1} END {if (NR > 1) print $1 - begin}'; }
seconds_of() { xl vcpu-list "$1" | awk -v vcpu="$2" '$3 == vcpu {print $6}'; } # NAME VCPU

for vcpus in 2 4; do
    linux "by$vcpus" report,idle "vcpus = $vcpus" "$vcpuop"
    within 100 "$vcpus vCPUs: Linux reports" console_says "by$vcpus" "^guest: cpus online 0-$((vcpus - 1)) present 0-$((vcpus - 1)) "
    like "$(guest_words "$(domid_of "by$vcpus")" 0xfc00b000 4)" "^00000000 $(printf %08x $((vcpus * 2 - 2))) 000[0-9a-f]{5} 00000000\$" \
        "$vcpus vCPUs: the last was asked for in the mailbox, below 1 MiB, and answered"
    [ "$vcpus" = 4 ] || pvhctl destroy "by$vcpus"
done
watchman=$(seconds_of by4 4)
like "$(xl vcpu-list by4 4 | tail -n1)" ' -b- ' "the one that started them sleeps"

linux alone report,idle 'vcpus = 4'
within 100 "ap_startup = guest: Linux reports" console_says alone '^guest: cpus online 0-3 '
diag "4 vCPUs online after $(took by4) s of the guest's clock with vcpuop, $(took alone) s with guest; the fifth vCPU ran for $watchman s of $(seconds_of by4 0) s of the first"
like "$(took by4)" '^[0-9]' "both have said how long it took"
pvhctl destroy alone
before=$(seconds_of by4 4)
sleep $((30 * patience / 8))
diag "it ran for $(awk -v a="$before" -v b="$(seconds_of by4 4)" -v n="$((30 * patience / 8))" 'BEGIN {print (b - a) * 100 / n}') % of a CPU in the next $((30 * patience / 8)) s"
pvhctl destroy by4

# vCPUs beyond vcpus= are no CPUs to Linux 6.1 (their local APICs are not enabled), whoever starts them.
linux hot hotplug,idle 'vcpus = 3' 'maxvcpus = 4' "$vcpuop"
within 60 "hotplug: three of four are online" has_online hot 4 3
within 60 "hotplug: it is ready" ready hot
succeeds "hotplug: vcpu-set to 1" pvhctl vcpu-set hot 1
within 40 "hotplug: one is left" has_online hot 4 1
succeeds "hotplug: vcpu-set to 3" pvhctl vcpu-set -i hot 3
within 60 "hotplug: three are online again" has_online hot 4 3
fails "hotplug: the guest does not know of a fifth" 'd[0-9]+ has 4' pvhctl vcpu-set -i hot 5
pvhctl destroy hot

# The probe takes the vCPU that starts the others for one of its own: it finds it up, and cannot start it.
run_probe pvhctl byprobe probe64 64 4 "probe.run=ap" "$vcpuop"
is "$(console byprobe | awk '$1 == "probe:" && $3 == "fail" {$2 = ""; print}' | sed 's/: error.*//')" \
    "$(printf '%s\n' 'probe:  fail ap.down 1 of 4 are up' 'probe:  fail ap.mode64 vcpu 4')" "probe: all other clauses are kept"
like "$(console byprobe)" '^probe: [0-9]+ pass ap.mode64 vcpu 2 ' "probe: one by hypercall"
like "$(console byprobe)" '^probe: [0-9]+ pass ap.sipi vcpu 3 ' "probe: one by SIPI, beside it"
linux noacpi report,idle 'vcpus = 2' "$vcpuop" 'extra = "console=hvc0 acpi=off pvh.do=report,idle"'
within 60 "Linux without ACPI reports" console_says noacpi '^guest: cpus online 0'
pvhctl destroy noacpi

succeeds "a guest that reboots" create_with pvhctl "$(config again 'kernel = "/guest/tiny-reboot"' 'vcpus = 2' "$vcpuop" 'on_reboot = "preserve"')"
within 20 "it has asked for it" has_shut_down again 1
pvhctl destroy again

refused() { config refused "$@"; }
fails "another word is refused" 'ap_startup cannot be "firmware"' pvhctl create "$(refused 'ap_startup = "firmware"')"
fails "without acpi" 'needs acpi' pvhctl create "$(refused "$vcpuop" 'acpi = 0')"
fails "more than 31" 'at most 31 vCPUs, and maxvcpus is 32' pvhctl create "$(refused "$vcpuop" 'vcpus = 32')"
