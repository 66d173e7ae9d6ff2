# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# A stock Linux by xl and by us, from the same file, one after the other: what can be seen of it is the same.
# limit: 240
#
# 1. Both get ready and report; both power off when asked.
# 2. The xenstore trees are equal: paths, values and permissions, but for domid, UUID, start time, pty, and who serves the console.
# 3. The guests see the same: e820, ACPI table list, CPUs, flags, raw CPUID leaves.
# 4. Our guest's log has no line that xl's has not, but for addresses of tables and figures that move.

# tree NAME: the domain's part of xenstore with all that must differ made equal.
tree() {
    local id uuid
    id=$(domid_of "$1")
    uuid=$(xenstore-read "/local/domain/$id/vm" | sed 's,/vm/,,')
    xenstore-ls -fp | grep -E "^/(local/domain/$id|libxl/$id|vm/$uuid|local/domain/0/backend/console/$id)[ /]" |
        sed -E "s,$uuid,UUID,g; s,/(domain|libxl|console)/$id([/ \"]),/\1/ID\2,g; s/((frontend-id|domid) = )\"$id\"/\1ID/; s/([nrwb])$id([,)])/\1ID\2/g; s/by-(xl|us)/NAME/; \
             s/(start_time = )\"[0-9.]+\"/\1TIME/; s,\"/dev/pts/[0-9]+\",PTY,; s,(/console/type = )\"(xen|pvh)consoled\",\1SERVICE," | sort # the C xenstored lists nodes as they came
}

# life TOOL NAME: from create to poweroff; leaves $WORK/NAME.tree and NAME's console log.
life() {
    succeeds "$1 creates a stock Linux" create_with "$1" "$(linux_config "$2" 'vcpus = 2' 'extra = "console=hvc0 pvh.do=report,idle"')" || return
    within 40 "$1's reports" console_says "$2" '^guest: report end' || return
    tree "$2" >"$WORK/$2.tree"
    succeeds "$1 shutdown -w ends it" timeout $((20 * patience)) "$1" shutdown -w "$2"
    within 10 "$1's is gone" gone "$2"
}

life xl by-xl || return
life pvhctl by-us || return

is "$(cat "$WORK/by-us.tree")" "$(cat "$WORK/by-xl.tree")" "the xenstore trees are equal"

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
moving='BogoMIPS|hrtimer: interrupt took|^Memory: N|audit: type|Marking stable|Freeing initrd|tsc: |kfence|RAMDISK|random:|clocksource|^ACPI: |raid|xor:|rcu|Calibrating|RT throttling'
like "$(log_of by-us | wc -l)" '^[1-9][0-9]{2,}$' "our guest's log is there"
is "$(log_of by-us | grep -vxFf <(log_of by-xl) | grep -vE "$moving")" "" "our guest's log has nothing that xl's has not"
