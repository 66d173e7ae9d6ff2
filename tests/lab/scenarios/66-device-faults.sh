# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What devices stand on is not there, or goes away: one clear error, or an exact end.
# needs: long
# limit: 200
#
# 1. Without image, loop driver, backend driver or bridge nothing is built or attached, and the error says what to do.
# 2. Media that shrink, and one on a full file system, whose write errors the guest has: pvhd goes on, and lets go of them.
# 3. A bridge that goes away under an interface, and a driver behind a disk: the rest works, and the end is exact.

ip link add xenbr0 type bridge && ip link set xenbr0 up
head -c $((8 << 20)) /dev/urandom >"$WORK/one.img"
cp "$WORK/one.img" "$WORK/two.img"

# refused OUTCOME REGEX COMMAND...: soon, in one error; the regex may go on into the hint below it.
refused() {
    local outcome=$1 regex=$2 output status=0 start=$SECONDS took
    output=$("${@:3}" 2>&1) || status=$?
    took=$((SECONDS - start))
    if [ "$status" != 0 ] && [ "$took" -le $((3 * patience)) ] && [ "$(grep -c 'error:' <<<"$output")" = 1 ] &&
        grep -qE -- "$regex" <<<"${output//$'\n'/ }"; then ok "$outcome"; else
        not_ok "$outcome" || diag "status $status after $took s from: ${*:3}" "$output"
    fi
}
disk() { config bad "disk = [ '$1,raw,xvda,w' ]"; }
vif() { config bad "vif = [ '$1' ]"; }
lacking() { config bad "disk = [ '$WORK/one.img,raw,xvda,w' ]" "vif = [ 'bridge=xenbr0' ]"; }

# 1. For a create, and for an attach to a guest that runs.
succeeds "a domain without devices is created" pvhctl create "$(config plain)" || return
remember "$WORK/state"
refused "no image" 'disk xvda: open /nowhere.img: No such file' pvhctl create "$(disk /nowhere.img)"
refused "nor for one that runs" 'disk xvda: open /nowhere.img: No such file' pvhctl block-attach plain /nowhere.img,raw,xvda,w
ln -s nowhere "$WORK/dangling.img"
refused "a link to nowhere" 'disk xvda: open .*dangling.img: No such file' pvhctl create "$(disk "$WORK/dangling.img")"
refused "an image that is a directory" 'is a directory.*block device or an image file' pvhctl create "$(disk "$WORK")"
refused "nor for one that runs" 'is a directory' pvhctl block-attach plain "$WORK,raw,xvda,w"
refused "no bridge" 'vif 0: there is no bridge nowhere.*ip link add nowhere' pvhctl create "$(vif bridge=nowhere)"

mv /dev/loop-control /dev/loop-control.away
refused "no loop control" 'disk xvda: open /dev/loop-control: No such file.*modprobe loop' pvhctl create "$(lacking)"
refused "nor for one that runs" 'disk xvda: open /dev/loop-control' pvhctl block-attach plain "$WORK/one.img,raw,xvda,w"
mv /dev/loop-control.away /dev/loop-control
succeeds "dom0 has no loop driver" rmmod loop
refused "no loop driver" 'disk xvda: open /dev/loop-control: .*modprobe loop' pvhctl create "$(lacking)"
modprobe loop

succeeds "dom0 has no block backend" rmmod xen-blkback
refused "no block backend" "disk xvda: dom0's kernel has no xen-blkback.*modprobe xen-blkback" pvhctl create "$(lacking)"
refused "nor for one that runs" "disk xvda: dom0's kernel has no xen-blkback" pvhctl block-attach plain "$WORK/one.img,raw,xvda,w"
modprobe xen-blkback
succeeds "dom0 has no network backend" rmmod xen-netback
refused "no network backend" "vif 0: dom0's kernel has no xen-netback.*modprobe xen-netback" pvhctl create "$(lacking)"
refused "nor for one that runs" "vif 0: dom0's kernel has no xen-netback" pvhctl network-attach plain
modprobe xen-netback
is "$(leaks "$WORK/state")" "" "none of these has left anything"
succeeds "with all there, it is attached" pvhctl block-attach plain "$WORK/one.img,raw,xvda,w"
succeeds "with its interface" pvhctl network-attach plain
succeeds "and ends" pvhctl destroy plain

# 2. xvda: an image that shrinks. xvdb: one on a file system that is full. xvdc: a block device that shrinks.
mkdir "$WORK/small"
mount -t tmpfs -o size=4m tmpfs "$WORK/small"
truncate -s 16M "$WORK/small/sparse.img"
cp "$WORK/one.img" "$WORK/block.img"
block=$(losetup -f)
losetup "$block" "$WORK/block.img"
initrd=$(answering | with_job)
file=$(linux_config unlucky "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' "vif = [ 'mac=00:16:3e:00:00:41' ]" \
    "disk = [ '$WORK/one.img,raw,xvda,w', '$WORK/small/sparse.img,raw,xvdb,w', '$block,raw,xvdc,w', '$WORK/two.img,raw,xvdd,w' ]")
succeeds "a domain with four disks is created" pvhctl create "$file" || return
within 60 "it listens" console_says unlucky '^guest: listens' || return
id=$(domid_of unlucky)
reads() { ask unlucky "echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/$1 of=/tmp/read bs=64k skip=64 count=1 2>&1"; }
like "$(reads xvda)" '1\+0 records out' "it reads the fifth MiB of its image"
like "$(reads xvdc)" '1\+0 records out' "and of its block device"

truncate -s 1M "$WORK/one.img"
diag "past the end of the image the guest reads: $(reads xvda), $(ask unlucky 'tr -d "\000" </tmp/read | wc -c') of the bytes not zero"
ask unlucky 'dd if=/dev/urandom of=/tmp/start bs=64k count=1 2>/dev/null; dd if=/tmp/start of=/dev/xvda conv=notrunc,fsync 2>/dev/null' >/dev/null
is "$(ask unlucky 'sha256sum </tmp/start | cut -d" " -f1')" "$(head -c 65536 "$WORK/one.img" | sha256sum | cut -d' ' -f1)" "what is left of the image works"
truncate -s 1M "$WORK/block.img"
losetup -c "$block"
like "$(reads xvdc)" '0\+0 records out|Input/output error' "past the end of the block device it reads nothing" # blkback tells it the new size

like "$(ask unlucky 'dd if=/dev/urandom of=/dev/xvdb bs=1M count=8 conv=notrunc,fsync 2>&1')" 'Input/output error|No space' "what does not fit it cannot write"
is "$(df -k "$WORK/small" | awk 'END {print $4}')" 0 "the file system is full"
is "$(ask unlucky 'echo well')" well "the guest lives"
is "$(pvhctl --json block-list unlucky | jq -c '[.domains[0].devices[] | [.vdev, .state]]')" \
    '[["xvda",4],["xvdb",4],["xvdc",4],["xvdd",4]]' "with all its disks, says pvhd"
succeeds "the one on the full file system is detached" pvhctl block-detach unlucky xvdb
succeeds "which nobody uses any more" umount "$WORK/small"
succeeds "the one that shrank is detached" pvhctl block-detach unlucky xvda
is "$(losetup -a | grep -cE 'one.img|sparse.img')" 0 "no loop device of theirs is left"
refused "a disk of less than a sector" 'has 0 bytes' pvhctl block-attach unlucky "$(truncate -s 0 "$WORK/none.img"; echo "$WORK/none.img"),raw,xvda,w"

# 3. What goes away in use.
ip link del xenbr0
like "$(ip -o link show "vif$id.0")" "vif$id.0" "the interface outlives its bridge"
like "$(pvhctl network-list unlucky)" '00:16:3e:00:00:41 +0 +4 ' "and is told of"
refused "another one cannot be attached" 'vif 1: there is no bridge xenbr0' pvhctl network-attach unlucky
succeeds "the one it has can be detached" pvhctl network-detach unlucky 0
is "$(ip -o link show "vif$id.0" 2>/dev/null)" "" "and is gone"
ip link add xenbr0 type bridge && ip link set xenbr0 up
succeeds "with a bridge there is a new one" pvhctl network-attach unlucky
ip link del xenbr0
succeeds "the driver behind a disk lets go of it" tee /sys/bus/xen-backend/drivers/vbd/unbind <<<"vbd-$id-51760"
is "$(pvhctl --json block-list unlucky | jq -c '[.domains[0].devices[].vdev]')" '["xvdc","xvdd"]' "its disks are still told of"
start=$SECONDS
succeeds "one of them is detached" pvhctl block-detach --force unlucky xvdd
succeeds "and the domain destroyed" pvhctl destroy unlucky
[ $((SECONDS - start)) -le $((24 * patience)) ] && ok "both in time" || not_ok "both in time"
is "$(xenstore-ls -f | grep -E "/$id(/| )")" "" "nothing in xenstore has its number"
is "$(losetup -a | grep -v "^$block")" "" "no loop device is left"
is "$(ip -o link show "vif$id.1" 2>/dev/null)$(ip -o link show "vif$id.0" 2>/dev/null)" "" "nor an interface"
losetup -d "$block"
