# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The probe checks the boot ABI from inside, in both containers, in domains of ours and of xl's.
# limit: 400
#
# 1. In domains of pvhctl, probe64 and probe32 find every clause kept, with 1 and with 4 vCPUs.
# 2. A ramdisk arrives as the first module, to the byte.
# 3. APs start in every mode, by hypercall and by SIPI; what Xen refuses is refused.
# 4. In domains of xl, the outcomes are the same but for the differences that are listed below.
# 5. The probe ends as it is told to, by the watchdog too, and an idle one is still there.

# What cannot be decided is skipped, always these: tr's base and limit cannot be read; no NUMA tables; without a module
# there is nothing to compare.
always_skipped='acpi.slit acpi.srat cpu.tr'
without_module='start_info.module_cmdline start_info.module_content start_info.module_page'

# outcomes NAME WORD: ids of the clauses that passed, failed or were skipped, each once.
outcomes() { console "$1" | awk -v word="$2" '$1 == "probe:" && $3 == word {print $4}' | sort -u; }
words() { tr '\n' ' ' <<<"$1" | sed 's/ *$//'; }
ended() { console_says "$1" '^probe: (end|exception) '; }

# probe TOOL NAME KERNEL VCPUS RUN [LINE...]: a whole life, to its end.
probe() {
    local options="probe.memory=64 probe.vcpus=$4${5:+ probe.run=$5}${module:+ probe.module=$module}"
    succeeds "$2: $1 creates it" create_with "$1" "$(config "$2" "kernel = \"/guest/$3\"" 'memory = 64' "vcpus = $4" \
        "extra = \"$options\"" "${@:6}")" || return
    within 30 "$2: it comes to its end" ended "$2" || diag "$(console "$2" | tail -n5)"
    within 10 "$2: it powers off" gone "$2" || "$1" destroy "$2"
}

# all_kept NAME SKIPPED: every clause passed but for the skipped.
all_kept() {
    is "$(console "$1" | grep -E '^probe: ([0-9]+ fail|exception)')" "" "$1: no clause is broken"
    like "$(console "$1" | tail -n1)" '^probe: end passed=[0-9]{2,} failed=0 ' "$1: it has said so"
    is "$(words "$(outcomes "$1" skip)")" "$2" "$1: skipped is what cannot be decided"
}

module=
for kernel in probe64 probe32; do
    for vcpus in 1 4; do
        probe pvhctl "$kernel-$vcpus" "$kernel" "$vcpus" "" && all_kept "$kernel-$vcpus" "$always_skipped $without_module"
    done
done

head -c 70001 /dev/urandom >"$WORK/module"
crc=$(gzip -c "$WORK/module" | tail -c8 | od -An -tx4 -N4 | tr -d ' ') # gzip ends with the CRC and the size
module=70001:$crc
probe pvhctl module probe64 1 "" "ramdisk = \"$WORK/module\"" && all_kept module "$always_skipped"

probe xl by-xl probe64 4 "" "ramdisk = \"$WORK/module\""
probe xl by-xl-32 probe32 1 "" "ramdisk = \"$WORK/module\""
