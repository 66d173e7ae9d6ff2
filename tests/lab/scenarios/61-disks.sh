# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Disks: image files and block devices, through dom0's blkback and without a script.
# limit: 180
#
# 1. What a guest writes to an image file is in the file, sum for sum; a read-only disk is read-only.
# 2. A block device serves as well; one that another domain writes to is refused.
# 3. xenstore has what xl writes for the same disks, and xl's tools read it.
# 4. What is wrong with a disk is said before anything is built.

mib=$((1 << 20))

image() { # NAME MIB: random bytes
    head -c $(($2 * mib)) /dev/urandom >"$WORK/$1"
    echo "$WORK/$1"
}

sum() { sha256sum <"$1" | cut -d' ' -f1; }

said() { console "$1" | sed -n "s/^guest: $2 //p" | tail -n1; } # NAME KEY

rw=$(image rw.img 8) ro=$(image ro.img 2) block=$(image block.img 4)
ro_sum=$(sum "$ro")
node=$(losetup -f)
losetup "$node" "$block" || { not_ok "dom0 makes a block device"; return; }

initrd=$(
    with_job <<'JOB'
say() { echo "guest: $*"; }
grep -o 'xvd[a-z]' /proc/partitions | sort | tr '\n' ' ' | sed 's/^/guest: disks /'; echo
sum() { sha256sum <"/dev/$1" | cut -d' ' -f1; }
say readonly $(cat /sys/block/xvdb/ro)
dd if=/dev/zero of=/dev/xvdb bs=4096 count=1 conv=notrunc,fsync 2>&1 | tail -n1 | sed 's/^/guest: rowrite /'
say rosum $(sum xvdb)
dd if=/dev/urandom of=/dev/xvda bs=1M seek=4 count=2 conv=notrunc,fsync 2>/dev/null || say write failed
dd if=/dev/urandom of=/dev/xvdc bs=1M seek=1 count=2 conv=notrunc,fsync 2>/dev/null || say write failed
sync
echo 3 >/proc/sys/vm/drop_caches
say rwsum $(sum xvda)
say blocksum $(sum xvdc)
say job end
JOB
)

disks="disk = [ '$rw,raw,xvda,rw', 'format=raw,vdev=xvdb,access=ro,target=$ro', 'phy:$node,xvdc,w' ]"
file=$(linux_config store 'vcpus = 1' "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' "$disks")
before=$(sum "$rw")
succeeds "a domain with three disks is created" pvhctl create "$file" || return
id=$(domid_of store)
within 60 "it finds and writes them" console_says store '^guest: job end' || diag "$(console store | tail -n5)"
is "$(said store disks)" "xvda xvdb xvdc " "it has them under their names"
is "$(said store readonly)" 1 "the read-only disk says so"
is "$(said store rosum)" "$ro_sum" "and reads as it is"
is "$(said store rowrite)" "0+0 records out" "and takes no write"
losetup -l --noheadings -O BACK-FILE,AUTOCLEAR,RO >"$WORK/loops"
like "$(cat "$WORK/loops")" "rw.img +1 +0" "the image's loop device goes away by itself"
like "$(cat "$WORK/loops")" "ro.img +1 +1" "that of the read-only disk is read-only"

# A restart has to find its own disks free: a guest that reboots has closed them, its backends not yet.
succeeds "it reboots" pvhctl reboot store
ended_twice() { [ "$(console "$1" | grep -c '^guest: job end')" = 2 ]; }
within 90 "and writes its disks once more" ended_twice store
id=$(domid_of store)

# Whom it belongs to is known.
fails "a second writer is refused, and the first is named" "rw.img is in use by d$id \"store\", which writes to it" \
    pvhctl create "$(config second "disk = [ '$rw,raw,xvda,rw' ]")"
fails "so is a reader beside a writer" "in use by d$id" pvhctl create "$(config second "disk = [ '$rw,raw,xvda,ro' ]")"
fails "and a writer of the same block device" "in use by d$id" pvhctl create "$(config second "disk = [ '$node,raw,xvda,rw' ]")"
succeeds "two may read" pvhctl create "$(config second "disk = [ '$ro,raw,xvda,ro' ]")"
succeeds "and go" pvhctl destroy second

# xl's view.
is "$(pvhctl block-list store)" "$(xl block-list store)" "pvhctl block-list prints what xl block-list does"
is "$(pvhctl --json block-list store | jq -c '[.domains[0].devices[] | [.vdev, .state, .backend_state, .writable]]')" \
    '[["xvda",4,4,true],["xvdb",4,4,false],["xvdc",4,4,true]]' "and --json tells more"
like "$(xl block-list store)" "51712 +0 +$id +4 " "xl block-list shows the disk, connected"
succeeds "destroy" pvhctl destroy store
is "$(said store rwsum)" "$(sum "$rw")" "the image holds what the guest wrote"
unlike "$(sum "$rw")" "$before" "which is not what it held before"
is "$(said store blocksum)" "$(sum "$block")" "and so does the block device"
is "$(sum "$ro")" "$ro_sum" "the read-only one is as it was"
is "$(losetup -a | grep -c "$WORK/r[wo].img")" 0 "no loop device is left"

# The same by xl, node by node.
varying='physical-device-path|/node |hotplug-status|sector|info =|max-|large'
plain=$(config same "disk = [ '$ro,raw,xvda,ro' ]")
succeeds "xl creates one with a disk" xl create -q "$plain"
nodes_of vbd same "$varying" >"$WORK/xl"
succeeds "and ends it" xl destroy same
succeeds "pvhctl creates the same" pvhctl create "$plain"
nodes_of vbd same "$varying" >"$WORK/ours"
succeeds "and xl can end it" xl destroy same
[ -s "$WORK/xl" ] && [ -s "$WORK/ours" ] || not_ok "both have nodes"
is "$(diff "$WORK/xl" "$WORK/ours")" "" "both have the same nodes"
succeeds "whom xl has just ended is made again" pvhctl create "$plain"
pvhctl destroy same

# What cannot be.
fails "a missing image" "disk xvda: open /nowhere.img: No such file" pvhctl create "$(config bad "disk = [ '/nowhere.img,raw,xvda,rw' ]")"
fails "a folder" "is a directory" pvhctl create "$(config bad "disk = [ '/tmp,raw,xvda,rw' ]")"
: >"$WORK/empty.img"
fails "an empty image" "0 bytes: less than a sector" pvhctl create "$(config bad "disk = [ '$WORK/empty.img,raw,xvda,rw' ]")"
losetup -d "$node"
fails "one file as two disks" "rw.img is disk xvda, too" pvhctl create "$(config bad "disk = [ '$rw,raw,xvda,rw', '$rw,raw,xvdb,ro' ]")"
unlike "$(cat "$pvhd_log")" 'does not close' "no backend had to be waited for in vain"
