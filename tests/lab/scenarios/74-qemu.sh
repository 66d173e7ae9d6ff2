# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What dom0's kernel does not serve: images of other formats, and file systems, by a QEMU of the domain.
# needs: long
# limit: 400
#
# 1. qcow2, vhd and raw images hold what the guest wrote; a directory of dom0 is shared.
# 2. xenstore has what xl writes for the same devices, and xl's tools read and end them.
# 3. Images come and go while the guest runs; a second writer is refused by name.
# 4. QEMU outlives pvhd. If QEMU is killed, pvhd says so, and the guest's disk is gone instead of waiting for ever.
# 5. By force an image goes from a guest that does not answer, in the midst of what it writes; its file is closed.
# 6. A QEMU that hangs keeps an image that is taken away by force: that is said, and nobody else is given it until QEMU has closed it.
# 7. What cannot be served is said with QEMU's words, and leaves nothing.

away=/usr/libexec/xen-qemu-system-i386
[ ! -e $away ] || mv $away $away.away # another scenario wanted it
if pvhctl create "$(config none "disk = [ '/tmp/none.qcow2,qcow2,xvda,w' ]")" >"$WORK/refused" 2>&1; then
    not_ok "without a QEMU there is no qcow2"
else like "$(cat "$WORK/refused")" 'dom0 has no QEMU for Xen' "without a QEMU there is no qcow2"; fi
like "$(cat "$WORK/refused")" 'qemu-system-xen' "and how it comes there is said"
[ ! -e $away.away ] || mv $away.away $away
with_qemu
remember "$WORK/state" # again: QEMU is in dom0 now

raw_sum() { qemu-img convert -O raw "$2" "$WORK/raw" -f "$1" && sha256sum <"$WORK/raw" | cut -d' ' -f1; } # FORMAT IMAGE
image() { # FORMAT NAME: 8 MiB of noise
    head -c $((8 << 20)) /dev/urandom >"$WORK/raw"
    qemu-img convert -f raw -O "$1" "$WORK/raw" "$WORK/$2"
    echo "$WORK/$2"
}
qemus() {
    local file
    for file in /proc/[0-9]*/cmdline; do
        case $({ tr '\0' ' ' <"$file"; } 2>/dev/null) in *xen-qemu-system-i386\ *-xen-domid*) basename "$(dirname "$file")" ;; esac
    done
}
has_open() { case $(ls -l "/proc/$(qemus)/fd") in *"/$1"*) ;; *) return 1 ;; esac; } # FILE: the one QEMU that there is
said_by_pvhd() { grep -q "$1" "$pvhd_log"; }

one=$(image qcow2 one.qcow2) two=$(image qcow2 two.qcow2) three=$(image vpc three.vhd)
mkdir "$WORK/share"
head -c 300000 /dev/urandom >"$WORK/share/from-dom0"
devices=("disk = [ '$one,qcow2,xvda,w', '$two,qcow2,xvdb,w', '$three,vhd,xvdc,w' ]"
    "p9 = [ 'tag=share,path=$WORK/share,security_model=none' ]")

initrd=$(answering | with_job)
file=$(linux_config store 'kernel = "/guest/vmlinux"' "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' "${devices[@]}")
succeeds "a domain with images and a shared directory is created" pvhctl create "$file" || return
id=$(domid_of store)
is "$(qemus | wc -l)" 1 "by one QEMU"
within 90 "it listens" console_says store '^guest: listens' || return
is "$(ask store 'grep -o "xvd[a-z]" /proc/partitions | sort')" "xvda xvdb xvdc" "it has the disks"
is "$(ask store 'sum xvdb')" "$(raw_sum qcow2 "$two")" "and reads what is in an image"
before=$(raw_sum qcow2 "$one")
ask store 'for d in xvda xvdc; do dd if=/dev/urandom of=/dev/$d bs=1M count=3 conv=notrunc,fsync; done' >/dev/null
written=$(ask store 'sum xvda') written_vhd=$(ask store 'head -c 8388608 /dev/xvdc | sha256sum | cut -d" " -f1')
ask store 'mkdir -p /share; modprobe 9pnet_xen; modprobe 9p; mount -t 9p -o trans=xen,version=9p2000.L share /share' >/dev/null
is "$(ask store 'sha256sum </share/from-dom0 | cut -d" " -f1')" "$(sha256sum <"$WORK/share/from-dom0" | cut -d' ' -f1)" "the guest reads the directory"
sent=$(ask store 'head -c 200000 /dev/urandom >/share/from-guest; sync; sha256sum </share/from-guest | cut -d" " -f1')
is "$(sha256sum <"$WORK/share/from-guest" | cut -d' ' -f1)" "$sent" "and dom0 what it writes there"
is "$(pvhctl block-list store)" "$(xl block-list store)" "pvhctl block-list prints what xl block-list does"
like "$(xl block-list store)" "51712 +0 +$id +4 .*backend/qdisk" "xl block-list shows the disk, connected"
is "$(pvhctl --json block-list store | jq -c '[.domains[0].devices[] | [.vdev, .kind, .writable, .target]]')" \
    "[[\"xvda\",\"qdisk\",true,\"$one\"],[\"xvdb\",\"qdisk\",true,\"$two\"],[\"xvdc\",\"qdisk\",true,\"$three\"]]" "and --json tells more"

fails "a second writer is refused, and the first is named" "one.qcow2 is in use by d$id \"store\", which writes to it" \
    pvhctl create "$(config second "disk = [ '$one,qcow2,xvda,w' ]")"
fails "so is the image as raw bytes" "in use by d$id" pvhctl create "$(config second "disk = [ '$one,raw,xvda,w' ]")"
succeeds "another has another image" pvhctl create "$(config second "disk = [ '$(image qcow2 five.qcow2),qcow2,xvda,w' ]")"
is "$(qemus | wc -l)" 2 "by a QEMU of its own"
succeeds "and goes" pvhctl destroy second
is "$(qemus | wc -l)" 1 "with it"
fails "a read-only image is refused: QEMU cannot" 'cannot serve an image read-only' pvhctl create "$(config second "disk = [ '$two,qcow2,xvda,r' ]")"

# While it runs.
four=$(image qcow2 four.qcow2)
succeeds "an image is attached" pvhctl block-attach store "$four,qcow2,xvdd,w"
is "$(ask store 'disk xvdd; sum xvdd')" "$(raw_sum qcow2 "$four")" "and read"
succeeds "and detached" pvhctl block-detach store xvdd
is "$(ask store 'no_disk xvdd')" "" "the guest has it no more"
is "$(xenstore-ls -f | grep -c 51760)" 0 "nor has xenstore"
unlike "$(ls -l "/proc/$(qemus)/fd")" four.qcow2 "nor QEMU"
: >"$WORK/share/no-image"
fails "what is no image is refused in QEMU's words" 'disk xvdd: QEMU: .*not in qcow2 format' pvhctl block-attach store "$WORK/share/no-image,qcow2,xvdd,w"
is "$(xenstore-ls -f | grep -c 51760)" 0 "and nothing of it is left"

five=$(image qcow2 six.qcow2)
succeeds "the next image is attached all the same" pvhctl block-attach store "$five,qcow2,xvdd,w"
is "$(ask store 'disk xvdd; sum xvdd')" "$(raw_sum qcow2 "$five")" "and read"
succeeds "and detached" pvhctl block-detach store xvdd

# Debian's QEMU for Xen is built without two of the formats.
for format in qcow qed; do
    fails "a $format image is refused in QEMU's words" "disk xvde: QEMU: .*Unknown driver '$format'" \
        pvhctl block-attach store "vdev=xvde,format=$format,target=$(image $format other.$format)"
    fails "and what to do about it is said" 'qemu-img convert -O qcow2' \
        pvhctl block-attach store "vdev=xvde,format=$format,target=$WORK/other.$format"
done
other=$(image raw other.raw)
succeeds "a raw image is attached, for QEMU to serve" pvhctl block-attach store "vdev=xvde,backendtype=qdisk,target=$other"
is "$(ask store 'disk xvde; sum xvde')" "$(raw_sum raw "$other")" "and read"
new=$(ask store 'dd if=/dev/urandom of=/dev/xvde bs=64k count=4 conv=notrunc,fsync 2>/dev/null; sum xvde')
succeeds "and detached" pvhctl block-detach store xvde
is "$(raw_sum raw "$other")" "$new" "and holds what the guest wrote"

# A guest that had none.
succeeds "a domain without images is created" pvhctl create "$(config plain)"
head -c $((1 << 20)) /dev/zero >"$WORK/small"
succeeds "a disk of dom0's kernel is attached" pvhctl block-attach plain "$WORK/small,raw,xvda,r"
succeeds "an image is attached" pvhctl block-attach plain "$five,qcow2,xvdb,w"
succeeds "and one more disk" pvhctl block-attach plain "$WORK/small,raw,hda,r"
is "$(pvhctl block-list plain)" "$(xl block-list plain)" "pvhctl block-list has them in the order of xl block-list"
is "$(qemus | wc -l)" 2 "by a QEMU of its own"
fails "what is no image is not" 'QEMU: ' pvhctl block-attach plain "$WORK/share/no-image,qcow2,xvdc,w"
succeeds "by force it goes without the guest" pvhctl block-detach --force plain xvdb
succeeds "the domain ends" pvhctl destroy plain
is "$(qemus | wc -l)" 1 "and its QEMU with it"

# pvhd comes and goes.
qemu=$(qemus)
stop_pvhd -KILL
start_pvhd
is "$(qemus)" "$qemu" "QEMU outlives pvhd"
is "$(ask store 'sum xvda')" "$written" "and the guest has its disk"

# A guest that writes, and answers no more.
succeeds "an image is attached" pvhctl block-attach store "$five,qcow2,xvdd,w"
ask store 'disk xvdd; while dd if=/dev/zero of=/dev/xvdd bs=64k count=100 oflag=direct; do :; done >/dev/null 2>&1 & echo writes' >/dev/null
succeeds "it is stopped while it writes there" pvhctl pause store
fails "asked, it does not give the disk back" 'disk xvdd of d[0-9]*: the guest did not answer' pvhctl block-detach store xvdd
succeeds "the image is open until then" has_open six.qcow2
succeeds "by force it goes" pvhctl block-detach --force store xvdd
fails "QEMU has closed it" '' has_open six.qcow2
is "$(xenstore-ls -f | grep -c 51760)" 0 "xenstore has nothing of it"
succeeds "the image is whole" qemu-img check -q "$five"
succeeds "the others are open still" has_open two.qcow2
succeeds "the image may be attached again" pvhctl block-attach store "$five,qcow2,xvde,w"

# A QEMU that hangs.
succeeds "another domain is created" pvhctl create "$(config plain)"
succeeds "it has an image" pvhctl block-attach plain "$four,qcow2,xvdb,w"
hung=$(qemus | grep -vx "$qemu")
kill -STOP "$hung"
like "$(pvhctl block-detach --force plain xvdb 2>&1)" "warning: disk xvdb: .* did not let go in 10 s: it may still write to $four" "by force it goes, with a warning"
fails "nobody else is given the image: its QEMU has it" 'four.qcow2 is in use by d[0-9]* "plain", which writes to it' pvhctl block-attach store "$four,qcow2,xvdf,w"
kill -CONT "$hung"
within 20 "then QEMU closes it, and another may have it" pvhctl block-attach store "$four,qcow2,xvdf,w"
succeeds "its domain ends" pvhctl destroy plain
is "$(qemus)" "$qemu" "and that QEMU with it"

# The end.
succeeds "destroy" pvhctl destroy store
is "$(qemus)" "" "and its QEMU is gone"
is "$(raw_sum qcow2 "$one")" "$written" "the image holds what the guest wrote"
unlike "$written" "$before" "which is not what it held before"
qemu-img convert -f vpc -O raw "$three" "$WORK/raw"
is "$(head -c $((8 << 20)) "$WORK/raw" | sha256sum | cut -d' ' -f1)" "$written_vhd" "the vhd image as well"

# QEMU dies.
succeeds "the domain is created once more" pvhctl create "$file" || return
within 90 "it listens" console_says store '^guest: listens' || return
ask store 'sum xvda' >/dev/null
kill -9 "$(qemus)"
within 20 "that QEMU has ended is said" said_by_pvhd 'its QEMU has ended'
closed() { [ "$(xenstore-read "/local/domain/0/backend/qdisk/$(domid_of store)/51712/state")" = 6 ]; }
within 20 "the guest is told" closed
is "$(pvhctl events | sed -n 's/.* device.lost  *store([0-9]*)  \([^,]*\),.*/\1/p')" "$(printf '%s\n' "p9 $WORK/share" 'disk xvda' 'disk xvdb' 'disk xvdc')" "and an event names each device that is gone"
like "$(ask store 'dd if=/dev/xvda of=/dev/null bs=4096 count=1 iflag=direct')" 'error|No such|0\+0 records in' "the guest finds its disk gone"
succeeds "its domain can be destroyed" pvhctl destroy store

# The same by xl, node by node.
plain=$(config same "disk = [ '$two,qcow2,xvda,rw' ]" "p9 = [ 'tag=share,path=$WORK/share,security_model=none' ]")
varying='sector|info =|max-|large|image/|versions|hotplug-status|discard'
if xl create -q "$plain" >"$WORK/xl.out" 2>&1; then
    { nodes_of qdisk same "$varying" && nodes_of 9pfs same "$varying"; } | sort -u >"$WORK/xl"
    succeeds "xl ends the one it made" xl destroy same
    succeeds "pvhctl creates the same" pvhctl create "$plain"
    { nodes_of qdisk same "$varying" && nodes_of 9pfs same "$varying"; } | sort -u >"$WORK/ours"
    succeeds "and xl can end it, QEMU and all" xl destroy same
    is "$(qemus)" "" "no QEMU is left"
    [ -s "$WORK/xl" ] && [ -s "$WORK/ours" ] || not_ok "both have nodes"
    is "$(diff "$WORK/xl" "$WORK/ours")" "" "both have the same nodes"
else
    diag "$(tail -n 12 "$WORK/xl.out")" "$(tail -n3 /var/log/xen/qemu-dm-same.log)"
    skip "the same nodes as xl's" "xl cannot start QEMU here"
fi

fails "a directory that is not there is refused" 'p9 share: open /nowhere' pvhctl create "$(config bad "p9 = [ 'tag=share,path=/nowhere,security_model=none' ]")"
fails "an image that is none" 'disk xvda: QEMU: .*not in qcow2 format' pvhctl create "$(config bad "disk = [ '$WORK/share/no-image,qcow2,xvda,w' ]")"
is "$(qemus)" "" "no QEMU is left of those"
is "$(leaks "$WORK/state")" "" "nothing is left at all"
