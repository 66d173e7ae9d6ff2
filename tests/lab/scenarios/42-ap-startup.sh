# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# vCPUs beside the first are started by hypercall, when the kernel asks for it through ACPI's wakeup mailbox.
# needs: kernels long
# limit: 400
#
# 1. Debian's 6.1 brings its second vCPU online through the mailbox; vcpu-set takes it and gives it back.
#    6.12 as well, which returns it through the mailbox's reset vector.
# 2. A kernel that does not know the mailbox starts its APs as ever: the probe, by hypercall and by SIPI.
# 3. What cannot be is refused in one message.

# shellcheck source=tests/lab/probe.sh
. "$LAB/probe.sh"

vcpuop='ap_startup = "vcpuop"'
linux() { # NAME ACTIONS [LINE...]
    create_with pvhctl "$(linux_config "$1" 'kernel = "/guest/vmlinuz-lz4"' \
        "extra = \"console=hvc0 nosoftlockup pvh.do=$2\"" "${@:3}")"
}
# Seconds of the guest's own clock from before its second vCPU to behind its last.
took() { console "$1" | sed -nE 's/^\[ *([0-9.]+)\] smp: (Bringing up|Brought up).*/\1/p' | awk 'NR == 1 {begin = $1} END {if (NR > 1) print $1 - begin}'; }
seconds_of() { xl vcpu-list "$1" | awk -v vcpu="$2" '$3 == vcpu {print $6}'; } # NAME VCPU

linux by report,idle 'vcpus = 2' "$vcpuop"
within 100 "Linux reports" console_says by '^guest: cpus online 0-1 present 0-1 '
like "$(guest_words "$(domid_of by)" 0xfc00b000 4)" '^00000000 00000002 000[0-9a-f]{5} 00000000$' \
    "its second vCPU was asked for in the mailbox, below 1 MiB, and answered"
sleeps() { xl vcpu-list "$1" | awk -v vcpu="$2" '$3 == vcpu && $5 == "-b-" {found = 1} END {exit !found}'; } # NAME VCPU
within 20 "the vCPU that started it sleeps" sleeps by 2
figures() { echo "$1: online after $(took "$1") s of the guest's clock; CPU seconds of vCPU 0, 1, 2: $(seconds_of "$1" 0) $(seconds_of "$1" 1) $(seconds_of "$1" 2)"; }
diag "$(figures by)"
pvhctl destroy by
linux itself report,idle 'vcpus = 2'
within 100 "the default: Linux reports" console_says itself '^guest: cpus online 0-1 present 0-1 '
diag "$(figures itself)"
pvhctl destroy itself

has_up() { [ "$(xl vcpu-list "$1" | awk 'NR > 1 && $3 < 2 && $4 != "-" {count++} END {print count + 0}')" = "$2" ]; } # NAME COUNT, of the kernel's
for kernel in lz4 zstd; do
    linux "again-$kernel" report,hotplug,idle 'vcpus = 2' "kernel = \"/guest/vmlinuz-$kernel\"" "$vcpuop"
    within 100 "$kernel: both are online" console_says "again-$kernel" '^guest: cpus online 0-1 '
    succeeds "$kernel: vcpu-set to 1" pvhctl vcpu-set "again-$kernel" 1
    within 30 "$kernel: one is left" has_up "again-$kernel" 1
    succeeds "$kernel: vcpu-set to 2" pvhctl vcpu-set -i "again-$kernel" 2
    within 40 "$kernel: it is back" has_up "again-$kernel" 2
    pvhctl destroy "again-$kernel"
done

# The probe takes the vCPU that starts the others for one of its own: it finds it up, and cannot start it.
run_probe pvhctl byprobe probe64 64 4 "probe.run=acpi,ap" "$vcpuop"
is "$(console byprobe | awk '$1 == "probe:" && $3 == "fail" {$2 = ""; print}' | sed 's/: error.*//')" \
    "$(printf '%s\n' 'probe:  fail ap.down 1 of 4 are up' 'probe:  fail ap.mode64 vcpu 4')" "probe: all other clauses are kept"
like "$(console byprobe)" '^probe: [0-9]+ pass ap.mode64 vcpu 2 ' "probe: one by hypercall"
like "$(console byprobe)" '^probe: [0-9]+ pass ap.sipi vcpu 3 ' "probe: one by SIPI, beside it"
refused() { config refused "$@"; }
fails "another word is refused" 'ap_startup cannot be "firmware"' pvhctl create "$(refused 'ap_startup = "firmware"')"
fails "without acpi" 'needs acpi' pvhctl create "$(refused "$vcpuop" 'acpi = 0')"
fails "more than 31" 'at most 31 vCPUs, and maxvcpus is 32' pvhctl create "$(refused "$vcpuop" 'vcpus = 32')"
