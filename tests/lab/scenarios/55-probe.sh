# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The probe checks the boot ABI from inside, in both containers, in domains of ours and of xl's.
# needs: long
# limit: 300
#
# 1. In domains of pvhctl, probe64 and probe32 find every clause kept, with 1 and with 4 vCPUs.
# 2. A ramdisk arrives as the first module, to the byte.
# 3. APs start in every mode, by hypercall and by SIPI; what Xen must refuse is refused; vCPUs from 32 on start as well.
# 4. In domains of xl the outcomes are the same, and what is seen is, but for what is listed here; why is in tests/probe/README.md.
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

# sights NAME: a line for each check, but for those of a domain's own number, name and UUID, and of what depends on how fast others are.
own='cpuid.vcpu_id|shared\.[a-z]*|xenstore.name|xenstore.domid|xenstore.foreign|'
own=$own'param.console_ring|param.console_evtchn|grant.console|grant.xenstore|evtchn\.[a-z_]*|ap.event'
sights() { console "$1" | sed -nE 's/^probe: [0-9]+ (pass|fail|skip) //p' | grep -vE "^($own) " | sort; }

# sights_apart NAME NAME: the clauses of which the two have seen something else.
sights_apart() { diff <(sights "$1") <(sights "$2") | awk '/^[<>]/ {print $2}' | sort -u | tr '\n' ' '; }

differences=start_info.memmap_sorted # ours ascends, xl's is in the order in which its parts were found
places='acpi.dsdt acpi.facs acpi.rsdt acpi.tables acpi.xsdt cpu.ebx start_info.cmdline start_info.in_ram start_info.memmap
    start_info.memmap_disjoint start_info.memmap_same start_info.memmap_sorted start_info.module_content
    start_info.module_page start_info.modules start_info.reserved'
run_probe xl by-xl probe64 64 1 "${module[@]}"
is "$(outcomes by-xl fail)" "$differences" "by-xl: what is different is listed"
is "$(outcomes by-xl pass)" "$(outcomes module pass | grep -vxF "$differences")" "by-xl: all else is the same"
like "$(sights module | wc -l)" '^[78][0-9]$' "by-xl: some eighty things can be compared"
# shellcheck disable=SC2086
is "$(sights_apart module by-xl)" "$(printf '%s ' $places)" "by-xl: it sees the same, but for where things are and how many"
run_probe xl by-xl-32 probe32 64 4 ""
is "$(outcomes by-xl-32 fail)" "$differences" "by-xl-32: what is different is listed"
is "$(outcomes by-xl-32 pass)" "$(outcomes probe32-4 pass | grep -vxF "$differences")" "by-xl-32: all else is the same"
run_probe xl by-xl-aps probe64 64 4 "probe.run=ap"
is "$(outcomes by-xl-aps pass)" "$(outcomes aps pass)" "by-xl-aps: APs do what they do in ours"
is "$(sights_apart aps by-xl-aps)" "" "by-xl-aps: to the byte"

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
