# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# A stock Linux by xl and by us, from the same file, side by side.
# limit: 240
#
# 1. Both get ready and report.
# 2. The xenstore trees are equal: paths, values and permissions, but for domid, UUID, start time and pty.
# 3. The guests see the same: e820, ACPI table list, CPUs, flags, raw CPUID leaves.
# 4. Our guest's log has no line that xl's has not, but for addresses of tables and figures that move.
# 5. Each powers off when asked.

options=('extra = "console=hvc0 pvh.do=report,idle"')
create_with xl "$(linux_config by-xl "${options[@]}")"
succeeds "pvhctl creates a stock Linux" create_with pvhctl "$(linux_config by-us "${options[@]}")" || return
within 40 "xl's reports" console_says by-xl '^guest: report end'
within 40 "ours reports" console_says by-us '^guest: report end'

# tree NAME: the domain's part of xenstore with all that must differ made equal.
tree() {
    local id uuid
    id=$(domid_of "$1")
    uuid=$(xenstore-read "/local/domain/$id/vm" | sed 's,/vm/,,')
    xenstore-ls -fp | grep -E "^/(local/domain/$id|libxl/$id|vm/$uuid|local/domain/0/backend/console/$id)[ /]" |
        sed -E "s,$uuid,UUID,g; s,/(domain|libxl|console)/$id([/ \"]),/\1/ID\2,g; s/((frontend-id|domid) = )\"$id\"/\1ID/; s/([nrwb])$id([,)])/\1ID\2/g; s/by-(xl|us)/NAME/; \
             s/(start_time = )\"[0-9.]+\"/\1TIME/; s,\"/dev/pts/[0-9]+\",PTY," | sort # the C xenstored lists nodes as they came
}
is "$(tree by-us)" "$(tree by-xl)" "the xenstore trees are equal"

# seen NAME KEY: what the guest said of itself under that key. Two of Xen's leaves hold a domain's own: the offset of its
# time (0x40000003.1), its number (0x40000004, ecx).
seen() {
    console "$1" | sed -n "s/^guest: $2 //p" | tr -d '\r' |
        sed -E '/^40000003.1 /s/ .*/ OWN/; s/^(40000004.0 [0-9a-f]+ [0-9a-f]+) [0-9a-f]+/\1 DOMID/'
}
like "$(seen by-us cpuid | wc -l)" '^[0-9]{2,}$' "the guest lists its CPUID leaves"
for fact in cpus e820 flags clocksource kernel cpuid; do
    unlike "$(seen by-us "$fact")" '^$' "the guest tells its $fact"
    is "$(seen by-us "$fact")" "$(seen by-xl "$fact")" "the guests see the same $fact"
done
is "$(seen by-us acpi | awk '{print $1}')" "$(seen by-xl acpi | awk '{print $1}')" "the guests have the same ACPI tables"
like "$(seen by-us cpus)" '^online 0-1 present 0-1 possible 0-1' "both vCPUs are online"

# Times, addresses of tables and modules, and figures of size and speed are each build's own.
log_of() {
    console "$1" | grep -E '^\[' | sed -E 's/^\[[^]]*\] //; s/0x[0-9a-f]+|[0-9a-f]{16}|[0-9]+(\.[0-9]+)?/N/g' | sort -u
}
moving='BogoMIPS|^Memory: N|audit: type|Marking stable|Freeing initrd|tsc: |kfence|RAMDISK|random:|clocksource|^ACPI: |raid|xor:|rcu|Calibrating'
is "$(comm -23 <(log_of by-us) <(log_of by-xl) | grep -vE "$moving")" "" "our guest's log has nothing that xl's has not"

asked() { timeout 60 pvhctl shutdown -w by-us; }
succeeds "pvhctl shutdown -w ends ours" asked
succeeds "xl shutdown -w ends xl's" timeout 100 xl shutdown -w by-xl
within 10 "both are gone" eval 'gone by-us && gone by-xl'
