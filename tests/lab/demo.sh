# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The demo, as it runs in dom0: one guest from its configuration file to its end, narrated.
set -u
SCENARIO=demo WORK=/tmp/lab TAP=/dev/null
exec 9>/dev/null
# shellcheck source=tests/lab/lib.sh
. "$LAB/lib.sh"

tell() { printf '\n--- %s\n' "$*"; }

show() { # COMMAND...: as if typed
    printf '\ndom0# %s\n' "$*"
    "$@" 2>&1
}

fail() {
    tell "FAILED: $*"
    tail -n20 "$pvhd_log"
    exit 1
}

# Types into the guest's console once its shell is there, and leaves it with Ctrl-].
type_into_guest() { # FILE that the console is being written to
    poll 240 grep -q 'a shell; exit powers off' "$1"
    sleep 1
    printf 'uname -sr; nproc; report | grep -E "guest: (hypervisor|memory|acpi)"\r'
    poll 60 grep -q 'guest: acpi FACS' "$1"
    sleep 1
    printf '\035'
}

watch_console() {
    local file=$WORK/console
    touch "$file"
    printf '\ndom0# pvhctl console --replay --follow guest\n'
    # The guest's shell asks its terminal where the cursor is; here nobody is to answer.
    type_into_guest "$file" | timeout 300 script -qefc 'pvhctl console --replay --follow guest' /dev/null | sed -u 's/\x1b\[6n//g' | tee "$file"
    grep -q '^guest: acpi FACS' "$file"
}

tell "Xen and its dom0 are up; pvhd runs."
show xl info | grep -E 'dom0#|^(xen_version|virt_caps|total_memory|free_memory)'
have_pvhd && pvhd_alive || fail "pvhd does not run"
have_pvhconsoled && pvhconsoled_alive || fail "pvhconsoled does not run"
remember "$WORK/before"

tell "The guest: an ordinary xl configuration file, with Debian's own kernel (XZ) in its bzImage."
show cat guest.cfg
ls -l /guest/vmlinuz-xz /guest/initrd.cpio

tell "Create it, and look at it from both toolstacks."
begin=$(date +%s%N)
show pvhctl create guest.cfg || fail "pvhctl create"
echo "(took $((($(date +%s%N) - begin) / 1000000)) ms, under emulation)"
show pvhctl list || fail "pvhctl list"
show xl list

tell "Its console, from the first line to a shell; then a command typed there. Ctrl-] leaves."
watch_console || fail "the guest did not answer on its console"

tell "It runs, and both say so."
show pvhctl list
show xl list

tell "Ask it to power off, and wait."
show pvhctl shutdown -w guest || fail "pvhctl shutdown"
show pvhctl list

tell "Is anything left? Domains, xenstore nodes, memory, descriptors, mappings, event channels:"
found=$(leaks "$WORK/before")
[ -z "$found" ] || { echo "$found"; fail "something was left behind"; }
echo "nothing. Xen has $(free_memory) MiB free, as before."
