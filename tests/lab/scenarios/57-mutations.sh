# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# A builder with one deliberate mistake (tests/mutant) makes the probe find that very clause broken, for one mistake after the other.
# needs: long
# limit: 300
#
# 1. Without a mistake every clause is kept.
# 2. With one, the clauses that it breaks are found broken, and no others. Those of which there is none are Xen's alone: see tests/probe/README.md.
# 3. A mistake that leaves the guest no console is still told of in Xen's log; one that leaves it no way to start ends it by a triple fault.

# shellcheck source=tests/lab/probe.sh
. "$LAB/probe.sh"

if [ ! -x /usr/local/bin/pvhd-mutant ]; then
    skip "all of it" "pvhd-mutant is not built: cmake --build build --target pvhd-mutant"
    return
fi

memory=16 module=$WORK/module mutation_file=/run/pvhd-mutation
# What a builder has a hand in. Two vCPUs, as one cannot show by its APIC id how ids are numbered.
groups=cpu,image,start_info,memory,acpi,param,xenstore,grant
vnuma='vnuma = [ ["pnode=0", "size=8", "vcpus=0", "vdistances=10,21"], ["pnode=0", "size=8", "vcpus=1", "vdistances=21,10"] ]'
crc() { gzip -c | tail -c8 | od -An -tx4 -N4 | tr -d ' '; } # gzip ends with CRC and size
head -c 70001 /dev/urandom >"$module"
module_crc=$(crc <"$module")

# write_common GROUPS: all of a configuration but its name.
write_common() {
    local words="probe.memory=$memory probe.vcpus=2 probe.run=$1 probe.module=70001:$module_crc some words"
    printf '%s\n' 'type = "pvh"' 'kernel = "/guest/probe64"' "memory = $memory" 'vcpus = 2' "ramdisk = \"$module\"" \
        "extra = \"$words probe.crc=$(printf '%s' "$words" | crc)\"" >"$WORK/common.cfg"
}

# start NAME [MUTATION]: begins a probe; it ends by itself.
start() {
    echo "${2:-}" >"$mutation_file"
    { cat "$WORK/common.cfg" && printf '%s\n' "name = \"$1\"" "${more[@]}"; } >"$WORK/$1.cfg"
    pvhctl create "$WORK/$1.cfg" >"$WORK/$1.log" 2>&1 || not_ok "$1: it is created" || diag "$(tail -n3 "$WORK/$1.log")"
}

# Xen's log has room for some of them only: what it says is kept meanwhile.
keep_log() { xl dmesg -c >>"$WORK/xen.log"; }

# Those that were begun have gone.
all_gone() {
    keep_log
    [ -z "$(domids)" ]
}

# lines_of NAME: what it has said on its console; in Xen's log, if nobody has read its console.
lines_of() {
    local domid
    console "$1" | tr -d '\0' >"$WORK/lines"
    if ! grep -q '^probe: end' "$WORK/lines"; then
        domid=$(sed -n "s/.* d\([0-9]*\) \"$1\" .* created$/\1/p" /var/log/pvhd.log | tail -n1)
        sed -n "s/^.*(d$domid) *//p" "$WORK/xen.log" >"$WORK/lines"
    fi
    cat "$WORK/lines"
}

# failed NAME: ids of the broken clauses, each once, in the order in which the probe looks at them.
failed() {
    lines_of "$1" | awk '$1 == "probe:" && $3 == "fail" && !seen[$4]++ {printf "%s%s", gap, $4; gap = " "}
        $1 == "probe:" && $2 == "end" {ended = 1}
        END {if (!ended) print gap "without an end"}'
}

# expect NAME CLAUSE...: begins a probe with the mistake of that name, and takes down what is to be broken.
declare -A wanted=()
order=() more=()
expect() {
    order+=("$1")
    wanted[$1]=${*:2}
    start "$1" "$1"
    keep_log
}

# Waits for those that were begun, and compares.
settle() {
    local name clauses
    poll $((40 * LAB_PATIENCE)) all_gone
    all_gone
    for name in "${order[@]}"; do
        clauses=${wanted[$name]}
        clauses=${clauses:-nothing}
        is "$(failed "$name")" "${wanted[$name]}" "$name: breaks ${clauses// /, }" || diag "$(lines_of "$name" | tail -n3)"
        running "$name" && pvhctl destroy "$name"
    done
    order=()
}

stop_pvhd
start_pvhd pvhd-mutant || return
keep_log

# ---- no mistake ----------------------------------------------------------------------------------------------------

write_common "$groups"
start none
more=("$vnuma")
start none-numa
more=()
poll $((40 * LAB_PATIENCE)) all_gone
is "$(failed none)" "" "without a mistake no clause is broken" || return
like "$(console none)" '^probe: end passed=[0-9]{2,} failed=0 ' "and it says so"
is "$(failed none-numa)" "" "nor with virtual NUMA"
is "$(outcomes none-numa skip)" "cpu.tr" "where nothing else is left undecided"

# ---- vCPU 0 --------------------------------------------------------------------------------------------------------

expect cr0-wp cpu.cr0
expect cr0-cd cpu.cr0
expect cr4-pse cpu.cr4
expect cr4-pae cpu.cr4
expect eflags-if cpu.eflags
expect efer-sce cpu.efer
expect cs-base cpu.cs
expect es-base cpu.es
expect ss-base cpu.ss
expect ss-16bit cpu.ss
# QEMU's emulation checks no limits of segments; Xen's, of instructions that reach for the local APIC, does.
expect cs-limit cpu.cs
expect ds-limit cpu.ds
expect es-limit cpu.es
expect ss-limit cpu.ss
expect mtrr cpu.mtrr
# Whether the address is wrong or what is there, no guest can tell.
expect ebx cpu.ebx start_info.magic
expect info-magic cpu.ebx start_info.magic
settle

# ---- what was loaded -----------------------------------------------------------------------------------------------

expect image-tail image.loaded
expect image-bss image.zeroed
expect info-version-2 start_info.version
expect info-version-0 start_info.version start_info.memmap # the map came with version 1
expect info-flags start_info.flags
expect info-reserved start_info.reserved
expect range-reserved start_info.reserved
expect module-reserved start_info.reserved
expect cmdline-goes-on start_info.cmdline
expect cmdline-not-ascii start_info.cmdline
expect cmdline-other start_info.cmdline
expect no-modules start_info.modules
expect module-size start_info.module_content
expect module-byte start_info.module_content
expect module-address start_info.module_content
expect module-cmdline start_info.module_cmdline
# These are in the wrong place, so that the right bytes are not there either.
expect module-unaligned start_info.module_page start_info.module_content
expect module-over-info start_info.module_content start_info.apart
expect module-in-hole start_info.module_content start_info.in_ram
settle

# ---- memory --------------------------------------------------------------------------------------------------------

expect map-none start_info.memmap
expect map-of-xen start_info.memmap_same
expect map-unsorted start_info.memmap_sorted
expect map-overlap start_info.memmap_disjoint
expect map-no-reserved memory.special
expect map-rsdp-reserved memory.acpi
expect map-acpi-reserved acpi.ranges acpi.dsdt # the DSDT, which no list has, is looked at by itself
expect map-acpi-ram memory.total acpi.ranges acpi.dsdt # and there is more RAM now
expect map-page-more memory.last_page memory.total # likewise
expect map-page-less memory.total
expect ram-first-page memory.first_page
expect ram-last-page memory.last_page
expect ram-extent memory.inside
settle

# ---- ACPI tables ---------------------------------------------------------------------------------------------------

expect rsdp-sum acpi.rsdp
expect rsdp-extended-sum acpi.rsdp
expect xsdt-sum acpi.xsdt
expect rsdt-sum acpi.rsdt
expect madt-sum acpi.tables
expect madt-ids acpi.madt_ids
expect madt-disabled acpi.madt
expect fadt-dsdt acpi.fadt
expect facs-signature acpi.facs
expect dsdt-byte acpi.dsdt
more=("$vnuma")
expect srat-apic acpi.srat
expect srat-memory acpi.srat
expect slit-diagonal acpi.slit
more=()
settle

# ---- rings, channels, grants, nodes --------------------------------------------------------------------------------

expect stale-console param.console_ring
# The C xenstored empties its ring itself when it is told of the domain; oxenstored leaves it as it is.
case $LAB_XENSTORED in
c) expect stale-store ;;
*) expect stale-store param.store_ring ;;
esac
expect no-store-evtchn param.store_evtchn
# Three that look at the same number: is it one, is it a reserved page, is that page granted?
expect no-store-pfn memory.special param.store_pfn grant.xenstore
expect no-console-grant grant.console
expect console-grant-domid grant.console
expect store-grant-frame grant.xenstore
expect store-grant-domid grant.xenstore
expect domid xenstore.domid
expect memory-target xenstore.memory
expect no-memory-target xenstore.memory
expect availability xenstore.vcpus
expect store-port xenstore.ports
expect console-ring-ref xenstore.ports
expect name-hidden xenstore.name
expect name-writable xenstore.own_name
expect data-not-writable xenstore.write
settle

# Nobody reads these consoles: what the guest says is in Xen's log. The nodes hold what the params should.
expect no-console-pfn memory.special param.console_pfn xenstore.ports grant.console # as no-store-pfn
expect no-console-evtchn param.console_evtchn xenstore.ports
expect console-pfn xenstore.ports grant.console
expect console-port-remote param.console_evtchn
expect console-grant-frame grant.console
write_common memory,acpi,param,grant # the xenstore group would wait for an answer that nobody gives
expect store-pfn grant.xenstore
settle

# ---- what Xen is asked for -----------------------------------------------------------------------------------------

write_common cpu,cpuid,hypercall,param,shared,xenstore,grant,lapic,evtchn
start none-xen
expect viridian cpuid.signature
expect cpuid-vendor hypercall.direct
expect clock shared.wallclock
# What the guest maps needs tables, and there is no page for them; the grants are looked at in a table that it maps.
expect no-paging-pool shared.mapped grant.console
expect few-channels evtchn.interdomain
expect no-maptrack grant.map
expect backend-writable xenstore.foreign
expect record-writable xenstore.foreign
expect apic-no-bootstrap lapic.base
expect apic-id lapic.id
expect apic-version lapic.version
# Without it nothing of it can be read, and it takes no vector.
expect apic-off lapic.base lapic.id lapic.version evtchn.upcall_vector
# The host bridge and the bus would be a device model's.
expect devices-of-hvm lapic.no_ioapic lapic.no_pit lapic.no_pic lapic.no_cmos lapic.no_pm
settle
is "$(failed none-xen)" "" "without a mistake no clause about Xen is broken"

write_common cpuid
expect cpuid-leaves cpuid.vcpu_id
settle

write_common ap
start none-ap
expect cpuid-no-pse ap.mode32_paged
# One that runs is given no state, and takes none.
expect ap-up ap.down ap.up_early ap.refuses ap.initialise_twice
# Nobody hears what the guest sends to the id of the MADT, so that a first state is not taken away again for the next.
expect ap-apic-id ap.init_resets ap.mode16 ap.mode32 ap.mode32_paged ap.mode64 ap.sipi ap.event ap.mode32_pae
# It starts, and no vector reaches it.
expect ap-apic-off ap.event
settle
is "$(failed none-ap)" "" "without a mistake no clause about APs is broken"

# The probe keeps what it sees by ds, and looks at control registers before it can take a fault: these end before a word,
# by a triple fault, which Xen takes for a reboot.
more=('on_reboot = "preserve"')
for name in ds-base cpl; do
    start "$name" "$name"
    within 15 "$name: ends the probe by a triple fault" has_shut_down "$name" 1
    is "$(failed "$name")" "without an end" "$name: which says nothing more"
    pvhctl destroy "$name"
done

stop_pvhd
rm -f "$mutation_file"
start_pvhd
