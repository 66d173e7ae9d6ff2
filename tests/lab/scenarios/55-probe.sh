# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The probe checks the boot ABI from inside, in both containers, in domains of ours and of xl's.
# limit: 300
#
# 1. In domains of pvhctl, probe64 and probe32 find every clause kept, with 1 and with 4 vCPUs.
# 2. A ramdisk arrives as the first module, to the byte.
# 3. APs start in every mode, by hypercall and by SIPI; what Xen must refuse is refused; vCPUs from 32 on start as well.
# 4. In domains of xl the outcomes are the same, but for what is listed here.
# 5. A probe ends as it is told to: by the watchdog, by an exception, not at all.

# shellcheck source=tests/lab/probe.sh
. "$LAB/probe.sh"

for kernel in probe64 probe32; do
    for vcpus in 1 4; do
        run_probe pvhctl "$kernel-$vcpus" "$kernel" 64 "$vcpus" "" && all_kept "$kernel-$vcpus" "$undecided $without_module"
    done
done

head -c 70001 /dev/urandom >"$WORK/module"
crc=$(gzip -c "$WORK/module" | tail -c8 | od -An -tx4 -N4 | tr -d ' ') # gzip ends with CRC and size
module=("probe.module=70001:$crc" "ramdisk = \"$WORK/module\"")
run_probe pvhctl module probe64 64 1 "${module[@]}" && all_kept module "$undecided"

run_probe pvhctl aps probe64 64 4 "probe.run=ap" && all_kept aps ""
like "$(console aps)" '^probe: [0-9]+ pass ap.mode64 vcpu 2 ' "aps: one more by hypercall"
like "$(console aps)" '^probe: [0-9]+ pass ap.sipi vcpu 3 ' "aps: one more by SIPI, beside it"
run_probe pvhctl many probe64 64 34 "probe.run=acpi,xenstore,ap" && all_kept many "acpi.slit acpi.srat"
like "$(console many)" '^probe: [0-9]+ pass ap.vcpu_info vcpu 33 ' "many: vCPUs from 32 on run"

# xl's map is in the order in which its parts were found: RAM, special pages, ACPI tables. Ours ascends, which start_info.h
# leaves open and which spares a guest the sorting.
differences=start_info.memmap_sorted
run_probe xl by-xl probe64 64 1 "${module[@]}"
is "$(outcomes by-xl fail)" "$differences" "by-xl: what is different is listed"
is "$(outcomes by-xl pass)" "$(outcomes module pass | grep -vxF "$differences")" "by-xl: all else is the same"
run_probe xl by-xl-32 probe32 64 4 ""
is "$(outcomes by-xl-32 fail)" "$differences" "by-xl-32: what is different is listed"
is "$(outcomes by-xl-32 pass)" "$(outcomes probe32-4 pass | grep -vxF "$differences")" "by-xl-32: all else is the same"
run_probe xl by-xl-aps probe64 64 4 "probe.run=ap"
is "$(outcomes by-xl-aps pass)" "$(outcomes aps pass)" "by-xl-aps: APs do what they do in ours"

create_with pvhctl "$(config watchdog 'kernel = "/guest/probe64"' 'extra = "probe.run=cpu probe.end=watchdog"' 'on_watchdog = "preserve"')"
within 15 "the watchdog ends a domain that does not feed it" has_shut_down watchdog 4
pvhctl destroy watchdog
create_with pvhctl "$(config exception 'kernel = "/guest/probe64"' 'extra = "probe.run=cpu probe.end=exception"' 'on_crash = "preserve"')"
within 15 "an exception ends the probe as a crash" has_shut_down exception 3
like "$(console exception)" '^probe: exception 6 at 0x[0-9a-f]+ error 0x0$' "and is reported"
pvhctl destroy exception
create_with pvhctl "$(config idle 'kernel = "/guest/probe64"' 'extra = "probe.run=cpu probe.end=idle"')"
within 15 "an idle probe comes to its end" probe_ended idle
like "$(xl list idle)" ' -b---- ' "and stays"
pvhctl destroy idle
