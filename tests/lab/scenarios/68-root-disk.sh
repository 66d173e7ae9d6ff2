# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# A guest's root file system on a disk: an image file, and a block device that device-mapper made, as LVM does.
# needs: long
# limit: 180
#
# 1. With root=/dev/xvda rw the guest lives on it, writes, and dom0 finds after its end what it wrote: sum for sum.
# 2. The next boot finds it, too.
# 3. A disk with access=ro can be root as well, and takes nothing: no file, no remount, no raw write by root.

sum() { sha256sum <"$1" | cut -d' ' -f1; }
said() { console "$1" | sed -n "s/^guest: $2 //p" | tail -n1; } # NAME KEY

# What the guest is: busybox, and an init that tells what it finds and what it does.
root=$WORK/root
mkdir -p "$root"/{bin,sbin,dev,proc,sys,tmp}
cp /usr/bin/busybox "$root/bin/busybox"
head -c $((1 << 20)) /dev/urandom >"$root/given"
cat >"$root/sbin/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t tmpfs tmp /tmp
/bin/busybox --install -s /tmp
export PATH=/tmp
say() { echo "guest: $*"; }
sum() { sha256sum <"$1" | cut -d' ' -f1; }
say root "$(awk '$2 == "/" && $3 == "ext4" {print $1, substr($4, 1, 2)}' /proc/mounts) of $(grep -o 'root=.*' /proc/cmdline)"
say given "$(sum /given)"
say found "$(sum /written 2>/dev/null)"
if grep -q ' rw' /proc/cmdline; then
    dd if=/dev/urandom of=/written bs=64k count=48 2>/dev/null && sync && say written "$(sum /written)"
    mount -o remount,ro / || say remount failed
else
    say touch "$(touch /new 2>&1)"
    say remount "$(mount -o remount,rw / 2>&1)"
    blockdev --setrw /dev/xvda
    say device "$(cat /sys/block/xvda/ro)"
    say raw "$(dd if=/dev/urandom of=/dev/xvda bs=4k count=1 oflag=direct 2>&1 | tr '\n' ' ')"
    dd if=/dev/urandom of=/dev/xvda bs=4k count=1 conv=fsync 2>/dev/null && say raw write went well
fi
echo 3 >/proc/sys/vm/drop_caches
say disk "$(sum /dev/xvda)"
poweroff -f
INIT
chmod +x "$root/sbin/init"

initrd=$WORK/initrd
cat /guest/initrd.cpio /guest/devices.cpio >"$initrd"
file=$WORK/file.img
succeeds "dom0 makes a file system in an image file" mke2fs -q -t ext4 -d "$root" "$file" 16M || return

# A device of two pieces, the second one first in the medium.
cp "$file" "$WORK/medium"
node=$(losetup -f) sectors=$((16 * 2048)) half=$((8 * 2048))
losetup "$node" "$WORK/medium" || { not_ok "dom0 makes a block device"; return; }
printf '%s\n' "0 $half linear $node 0" "$half $half linear $node $half" | dmsetup create lab-root && dmsetup mknodes lab-root # there is no udev
device=/dev/mapper/lab-root
is "$(blockdev --getsz "$device")" "$sectors" "and a device-mapper device" || return

boot() { # NAME TARGET ACCESS
    rm -f "/var/log/xen/console/guest-$1.log"
    succeeds "$1: the domain is created" pvhctl create \
        "$(linux_config "$1" "ramdisk = \"$initrd\"" "root = \"/dev/xvda $3\"" 'extra = "console=hvc0 pvh.do=root"' "disk = [ '$2,raw,xvda,$3' ]")" &&
        within 60 "it ends" gone_for_pvhd "$1" || { diag "$(console "$1" | tail -n5)"; return 1; }
}

for medium in "$file" "$device"; do
    name=on-${medium##*/} name=${name%.img}
    before=$(sum "$medium")
    boot "$name" "$medium" rw || return
    is "$(said "$name" root)" "/dev/xvda rw of root=/dev/xvda rw console=hvc0 pvh.do=root" "its root is the disk, writable"
    is "$(said "$name" given)" "$(sum "$root/given")" "with what dom0 put there"
    like "$(said "$name" written)" '^[0-9a-f]{64}$' "it writes"
    is "$(said "$name" disk)" "$(sum "$medium")" "what it leaves is what dom0 finds"
    unlike "$(sum "$medium")" "$before" "which is not what it began with"
    debugfs -R 'cat /written' "$medium" 2>/dev/null >"$WORK/written"
    written=$(sum "$WORK/written")
    is "$(said "$name" written)" "$written" "so is the file"

    before=$(sum "$medium")
    boot "$name-ro" "$medium" ro || return
    is "$(said "$name-ro" root)" "/dev/xvda ro of root=/dev/xvda ro console=hvc0 pvh.do=root" "its root is the disk, read-only"
    is "$(said "$name-ro" found)" "$written" "it finds what the other one wrote"
    like "$(said "$name-ro" touch)" 'Read-only' "makes no file"
    like "$(said "$name-ro" remount)" 'denied|read-only|Read-only|failed' "nor makes it writable"
    like "$(said "$name-ro" raw)" 'error|not permitted|Read-only' "nor writes past the file system"
    is "$(said "$name-ro" disk)" "$before" "it reads the disk as it was"
    is "$(sum "$medium")" "$before" "as which dom0 finds it"
done
is "$(losetup -a | grep -v "^$node")" "" "no loop device is left"
dmsetup remove lab-root
rm "$device"
losetup -d "$node"
