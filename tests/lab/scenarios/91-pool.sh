# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Domains that are built ahead: a create that fits takes one, and its guest is in every respect the one that was asked for.
# limit: 240
#
# 1. So many wait, paused, as xl sees; pvhctl lists none of them.
# 2. A create takes one: Linux has the command line, the disk and the interface that were asked for; one with a UUID of its own has that
#    in Xen, in xenstore and for its console. One that does not fit is built.
# 3. A killed pvhd's successor clears them and builds new ones; one that xl destroys is replaced; a pvhd that stops leaves none.

ip link add xenbr0 type bridge && ip link set xenbr0 up
truncate -s 8M "$WORK/disk.img"
initrd=$(answering | with_job)
class=$(linux_config class "ramdisk = \"$initrd\"")
tiny=$(config tiny)
cat >"$WORK/pvhd.conf" <<END
pool = [ "2 $tiny", "1 $class" ]
pool_memory = 400
END
prepared() { xl list | awk '/^pvhd-prepared-/ {print $2}' | sort; }
figure() { pvhctl metrics | awk -v name="pvhd_pool_$1" 'index($1, name) == 1 {sum += $2} END {print sum + 0}'; }
full() { [ "$(figure domains_ready)" = 3 ]; }
start_with_pool() { LAB_PVHD_ARGS="--log-level debug --settings $WORK/pvhd.conf" start_pvhd; }

stop_pvhd
succeeds "pvhd starts with a pool" start_with_pool || return
within 20 "three wait" full || return
is "$(prepared | wc -l)" 3 "xl sees three"
is "$(pvhctl list | grep -c prepared)" 0 "pvhctl none"
is "$(xl list | awk '/^pvhd-prepared-/ && $5 !~ /p/' | wc -l)" 0 "they are paused"

before=$(prepared)
guest=$(linux_config guest "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle my.own=word"' \
    "disk = [ '$WORK/disk.img,raw,xvda,rw' ]" "vif = [ 'bridge=xenbr0' ]")
succeeds "a create that fits" pvhctl create "$guest" || return
like "$before" "^$(domid_of guest)\$" "takes one that waited"
within 60 "Linux runs" console_says guest '^guest: listens' || return
like "$(ask guest 'cat /proc/cmdline')" 'my\.own=word' "with the command line that was asked for"
is "$(ask guest 'disk xvda; cat /sys/block/xvda/size')" 16384 "its disk"
is "$(ask guest 'interface eth0; echo there')" there "and its interface"
like "$(xenstore-read "/local/domain/$(domid_of guest)/name") $(pvhctl console --replay guest | head -n1)" '^guest .*Linux' "its name, and its console from the first line"
within 20 "another is built in its place" full
succeeds "one that does not fit" pvhctl create "$(config large 'memory = 6')"
unlike "$before" "^$(domid_of large)\$" "is built"
is "$(figure hits_total) $(figure misses_total)" "1 1" "both are counted"
pvhctl destroy large
pvhctl destroy guest

within 20 "three wait again" full
before=$(prepared)
uuid=12345678-1234-4321-aaaa-123456789abc
succeeds "one with a UUID of its own" pvhctl create "$(linux_config known "ramdisk = \"$initrd\"" "uuid = \"$uuid\"" \
    'extra = "console=hvc0 pvh.do=job,idle"')"
like "$before" "^$(domid_of known)\$" "is one that waited"
is "$(xl domid known) $(xenstore-read "/local/domain/$(domid_of known)/vm")" "$(domid_of known) /vm/$uuid" "xl finds it by its name, xenstore has its UUID"
is "$(xl list -v known | awk 'NR == 2 {print $7}')" "$uuid" "and so has Xen"
within 60 "its Linux runs" console_says known '^guest: listens'
like "$(pvhctl console --replay "$uuid" | head -n1)" 'Linux' "and its console is kept under its UUID from the first line"
pvhctl destroy known
is "$(xenstore-ls /vm | grep -c "$uuid")" 0 "nothing of it is left"

xl destroy "$(prepared | head -n1)"
within 20 "one that xl destroys is replaced" eval 'full && [ "$(prepared | wc -l)" = 3 ]'
stop_pvhd -KILL
before=$(prepared)
succeeds "pvhd starts again after a SIGKILL" start_with_pool
within 20 "and has three again" full
is "$(comm -12 <(echo "$before") <(prepared) | wc -l)" 0 "none of them one of before"
stop_pvhd
is "$(prepared | wc -l)" 0 "a pvhd that stops leaves none"
start_pvhd
ip link delete xenbr0
