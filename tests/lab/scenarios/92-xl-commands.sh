# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# pvhctl in place of xl: what both print of the same domains, byte for byte, and what both change.
# limit: 300
#
# 1. Each table and each line is xl's, but for times, of which the last digits go on.
# 2. What pvhctl sets, xl shows, and the other way round: weights, affinity, memory, names.
# 3. A Linux guest gives memory back and gets it again; a name and a size last over a reboot.
# 4. A guest's kernel hears SysRq and NMI; Xen's console is read.
# 5. What cannot be is said, and changes nothing.

initrd=$(answering | with_job)
succeeds "a Linux guest" pvhctl create "$(linux_config talks 'memory = 320' 'maxmem = 320' 'vcpus = 1' 'maxvcpus = 2' 'on_reboot = "restart"' \
    'kernel = "/guest/vmlinuz-lz4"' "ramdisk = \"$initrd\"" 'extra = "console=hvc0 sysrq_always_enabled pvh.do=job,idle"')" || return
succeeds "a small one of xl's" create_with xl "$(config theirs)"
succeeds "a paused one" pvhctl create -p "$(config waits)"
within 90 "it listens" console_says talks '^guest: listens' || return

# shellcheck source=tests/lab/same.sh
. "$LAB/same.sh"

for command in list 'list talks' 'list -v' 'list -Z' 'list -c' 'list -v -c' claims vm-list 'vcpu-list talks' vcpu-list uptime 'uptime -s talks' 'uptime talks theirs' \
    sched-credit2 'sched-credit2 -s' 'sched-credit2 -d talks' 'sched-credit2 -d 0' 'sched-credit2 -p Pool-0' sched-credit cpupool-list 'cpupool-list -c' \
    'cpupool-list Pool-0' info 'info total_mem' 'domid talks' 'domname 0' dmesg; do
    # shellcheck disable=SC2086 # words
    same $command
done

# Shares and places.
succeeds "pvhctl sets weight and cap" pvhctl sched-credit2 -d talks -w 512 -c 50
is "$(xl sched-credit2 -d talks | awk 'NR == 2 {print $3, $4}')" "512 50" "xl shows them"
xl sched-credit2 -d talks -c 0
is "$(pvhctl sched-credit2 -d talks | awk 'NR == 2 {print $3, $4}')" "512 0" "xl takes the cap away, and pvhctl shows it"
fails "a cap that cannot be used" 'can use 200 at most' pvhctl sched-credit2 -d talks -c 300
fails "a weight of nothing" 'a weight is 1 to 65535' pvhctl sched-credit2 -d talks -w 0
succeeds "pvhctl pins a vCPU" pvhctl vcpu-pin talks 0 - 0
same vcpu-list talks
succeeds "and all of them" pvhctl vcpu-pin talks all all all
same vcpu-list talks
succeeds "dom0's as well" pvhctl vcpu-pin 0 all 0 -
same vcpu-list 0
fails "no such CPU" 'names no CPU that this host has' pvhctl vcpu-pin talks 0 77
fails "no such vCPU" 'has no vCPU 5' pvhctl vcpu-pin talks 5 0
fails "no list" '0-x' pvhctl vcpu-pin talks 0 0-x

# Memory.
mem() { xl list "$1" | awk 'NR == 2 {print $3}'; }
available() { ask talks 'sed -n "s/^MemTotal: *\([0-9]*\) kB/\1/p" /proc/meminfo'; }
sizes_of() { xenstore-ls "/local/domain/$(domid_of "$1")/memory"; }
before=$(available)
succeeds "the guest gives 128 MiB back" pvhctl mem-set -w $((30 * patience)) talks 192
like "$(mem talks)" '^19[23]$' "xl list shows what is left"
after=$(available)
is $((before - after > 120000 && before - after < 140000)) 1 "the guest has 128 MiB less: $before, $after kB"
fails "more than its maximum" 'may have 327680 KiB at most' pvhctl mem-set talks 321
fails "a maximum below what it has" 'is asked to have 196608 KiB' pvhctl mem-max talks 100
succeeds "pvhctl lowers the maximum" pvhctl mem-max talks 256m
is "$(xenstore-read "/local/domain/$(domid_of talks)/memory/static-max")" 262144 "xl would read it"
succeeds "and gives memory" pvhctl mem-set talks 256
within 20 "the guest takes it" eval '[ "$(mem talks)" -ge 255 ]'
succeeds "xl sets a maximum of its guest" xl mem-max theirs 8
succeeds "and pvhctl of one" pvhctl mem-max waits 8
is "$(sizes_of waits)" "$(sizes_of theirs)" "both leave the same nodes"
succeeds "a guest of xl's, by pvhctl" pvhctl mem-max theirs 16
is "$(xenstore-read "/local/domain/$(domid_of theirs)/memory/static-max")" 16384 "is given its maximum, too"
fails "who has no driver is said to be stuck" 'nothing has changed in 1 s' pvhctl mem-set -w 1 theirs 2
fails "dom0 keeps what it needs" 'dom0 would be left with' pvhctl mem-set 0 100
fails "no size" 'is no memory size' pvhctl mem-set talks 1gb

# Names, and the next life.
succeeds "pvhctl renames it" pvhctl rename talks renamed
is "$(xl domname "$(domid_of renamed)")" renamed "xl calls it so"
is "$(xenstore-read "$(xenstore-read "/local/domain/$(domid_of renamed)/vm")/name")" renamed "so does /vm"
fails "a name that somebody has" 'is called "theirs" already' pvhctl rename renamed theirs
succeeds "xl's guest is renamed, too" pvhctl rename theirs xls
is "$(xl domid xls)" "$(pvhctl domid xls)" "and found"
id=$(domid_of renamed)
beginnings() { console renamed | grep -c '^guest: listens'; }
former=$(beginnings)
has_begun_again() { [ "$(beginnings)" -gt "$former" ]; }
pvhctl reboot renamed
within 120 "it restarts under its new name" lives_anew renamed "$id"
is "$(pvhctl --json list renamed | jq -c '.domains[0] | [.name, .managed]')" '["renamed",true]' "and is pvhd's"
is "$(xenstore-read "/local/domain/$(domid_of renamed)/memory/static-max")" 262144 "with the memory that it had"
within 90 "it listens again" has_begun_again

# Signals.
succeeds "SysRq h" pvhctl sysrq renamed h
within 20 "its kernel answers" console_says renamed 'sysrq: HELP'
succeeds "an NMI" pvhctl trigger renamed nmi
within 20 "its kernel is surprised" console_says renamed 'NMI received|NMI.*unknown|Dazed'
fails "a PVH domain has no power button" 'has no power button' pvhctl trigger renamed power
fails "no such trigger" 'there is no trigger' pvhctl trigger renamed nim
succeeds "debug keys" pvhctl debug-keys h
like "$(pvhctl dmesg)" "'h' pressed" "Xen's console has them"
same dmesg
succeeds "the console is cleared" eval 'pvhctl dmesg -c | grep -q pressed'
unlike "$(xl dmesg)" "'h' pressed" "for xl as well"

for name in renamed xls waits; do pvhctl destroy $name; done
