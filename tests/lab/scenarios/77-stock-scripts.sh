# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016
# The scripts of Debian's xen-utils run unchanged, and do under pvhctl what they do under xl.
# needs: long
# limit: 300
#
# 1. vif-route: a Linux guest and dom0 reach each other by the routes of ip=, which go with the guest.
# 2. block-iscsi: the guest reads its LUN, with the login before and the logout after.
# 3. vif-openvswitch: it tells Open vSwitch of tag and trunks; xenstore has bridge= as it was written.
# 4. iscsi:, nbd: and drbd: before a target run block-iscsi, block-nbd and block-drbd.
# 5. Scripts and what they call have the arguments and the environment that xl gives them.
# 6. What such a script refuses is in the error, and nothing is left.
#
# There is no Open vSwitch, no iSCSI and no nbd here: ovs-vsctl, iscsiadm and nbd-client are stand-ins that write down how they were
# called, by whom and in which environment. block-drbd is drbd-utils', and a stand-in as a whole.

ip link add uplink type bridge && ip addr add 10.7.0.1/24 dev uplink && ip link set uplink up
scripts=/etc/xen/scripts
iqn=iqn.2026-11.org.example:lun
long_bridge=a-bridge-of-open-vswitch
for image in lun nbd drbd; do head -c $((1 << 20)) /dev/urandom >"$WORK/$image.img"; done

# One write for each call: xl runs scripts side by side. A script that is one itself has nobody above it but a toolstack.
cat >"$WORK/record" <<END
record() {
    local call by
    by=\$(tr '\\0' ' ' </proc/\$PPID/cmdline)
    case \$by in *$scripts/*) ;; *) by=toolstack ;; esac
    call=\$(echo "\${0##*/} \$*"; echo "by \$by"; env | grep -E '^(script|XENBUS_[A-Z_]*|netdev|vif)=' | sort)
    printf '%s\\n' "\$call" >>"$WORK/log"
}
END

stand_in() { # PATH: the rest of it comes from standard input
    { echo '#!/bin/bash' && echo "WORK=$WORK" && echo ". $WORK/record" && echo 'record "$@"' && cat; } >"$1"
    chmod +x "$1"
}

stand_in /usr/bin/ovs-vsctl </dev/null
stand_in /usr/bin/iscsiadm <<END
lun=/dev/disk/by-path/ip-10.7.0.1:3260-iscsi-$iqn-lun-0
case "\$*" in
"-m session") [ ! -e \$lun ] || echo "tcp: [1] 10.7.0.1:3260,1 $iqn" ;;
"-m discovery "*) echo "10.7.0.1:3260,1 $iqn" ;;
*--login) mkdir -p /dev/disk/by-path && ln -s "\$(losetup --show -r -f "\$WORK/lun.img")" \$lun ;;
*--logout) losetup -d "\$(readlink \$lun)" && rm \$lun ;;
esac
END
stand_in /usr/bin/nbd-client <<'END'
case $1 in
-d) losetup -d "$(losetup -j "$WORK/nbd.img" -n -O NAME)" ;;
*) ln -sf "$(losetup --show -f "$WORK/nbd.img")" "$1" ;;
esac
END
stand_in $scripts/block-drbd <<'END'
case $1 in
add)
    node=$(losetup --show -f "$WORK/drbd.img")
    xenstore-write "$XENBUS_PATH/physical-device" "$(stat -L -c %t:%T "$node")" "$XENBUS_PATH/hotplug-status" connected
    ;;
remove) losetup -d "$(losetup -j "$WORK/drbd.img" -n -O NAME)" ;;
esac
END
ln -s /dev/null /dev/nbd0 # until nbd-client makes it a loop device
# vif-route runs nothing that could be stood in for, but hooks.
mkdir -p $scripts/vif-post.d
printf '%s\n' ". $WORK/record" 'record $(tr "\0" " " </proc/$$/cmdline | cut -d" " -f3-)' >$scripts/vif-post.d/record.hook
chmod +x $scripts/vif-post.d/record.hook

initrd=$(
    with_job <<'JOB'
echo "guest: sum $(sha256sum </dev/xvda | cut -d' ' -f1)"
ip link set eth0 up
ip addr add 10.7.1.2/32 dev eth0
ip route add 10.7.0.1 dev eth0
ping -c 3 -W 20 10.7.0.1 >/dev/null && echo "guest: reaches dom0"
echo "guest: job end"
JOB
)

# masked NAME DOMID FILE: what was recorded, without what differs by domain.
masked() {
    local id=$2
    sed -E "s,/$id/,/N/,; s,vif$id\\.,vifN.,g; s,$1,NAME,g; s,[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12},UUID,g; s,/dev/loop[0-9]+,/dev/loopN,g" "$WORK/log" >"$3"
    rm "$WORK/log"
}

# xl calls scripts of several devices side by side, we one after the other: the order of calls is nobody's.
calls() { awk '/^[a-z-]+ / && !/^by / {call = $0} {print call ": " $0}' "$1" | sort; }

routes() { ip route show dev "vif$1.0" | sed 's/ linkdown//; s/ *$//' | sort; } # DOMID

# life TOOL: a guest on a route and a LUN, from create to destroy.
life() {
    local tool=$1 id
    succeeds "$tool creates a domain with vif-route and block-iscsi" create_with "$tool" "$(linux_config "by-$tool" "ramdisk = \"$initrd\"" \
        'extra = "console=hvc0 pvh.do=job,idle"' "disk = [ 'script=block-iscsi,vdev=xvda,access=ro,target=iqn=$iqn,portal=10.7.0.1' ]" \
        "vif = [ 'script=vif-route,mac=00:16:3e:00:00:11,ip=10.7.1.2 10.7.2.0/24,gatewaydev=uplink' ]")" || {
        diag "$(tail -n 20 /var/log/xen/xen-hotplug.log)"
        return
    }
    id=$(domid_of "by-$tool")
    is "$(routes "$id")" "$(printf '%s\n' '10.7.1.2 scope link src 10.7.0.1 metric 2' '10.7.2.0/24 scope link src 10.7.0.1 metric 2')" "the routes are there"
    is "$(cat "/proc/sys/net/ipv4/conf/vif$id.0/proxy_arp")" 1 "dom0 answers for others there"
    within 90 "the guest ends its work" console_says "by-$tool" '^guest: job end' || diag "$(console "by-$tool" | tail -n5)"
    is "$(console "by-$tool" | sed -n 's/^guest: sum //p')" "$(sha256sum <"$WORK/lun.img" | cut -d' ' -f1)" "it has read the LUN"
    succeeds "it reaches dom0 by the route" console_says "by-$tool" '^guest: reaches dom0'
    succeeds "dom0 reaches it" ping -c 2 -W 20 10.7.1.2
    is "$(xenstore-read "/local/domain/0/backend/vif/$id/0/hotplug-status")" connected "the interface is on record as connected"
    succeeds "$tool destroys it" destroy_with "$tool" "by-$tool"
    is "$(ip route | grep -c vif)" 0 "no route is left"
    is "$(losetup -a)" "" "nor a LUN"
    masked "by-$tool" "$id" "$WORK/log.life.$tool"
}

life xl
life pvhctl
is "$(calls "$WORK/log.life.pvhctl")" "$(calls "$WORK/log.life.xl")" "scripts and what they call are called as by xl"
like "$(cat "$WORK/log.life.pvhctl")" "^iscsiadm -m node --targetname $iqn -p 10.7.0.1 --logout" "the logout among it"
like "$(cat "$WORK/log.life.pvhctl")" '^vif-route offline type_if=vif' "and vif-route at the end"

# odd TOOL: the other scripts, and the words of xend's time.
odd() {
    local tool=$1 id
    succeeds "$tool creates a domain with vif-openvswitch, iscsi:, nbd: and drbd:" create_with "$tool" "$(config "by-$tool" \
        "vif = [ 'script=vif-openvswitch,mac=00:16:3e:00:00:12,bridge=$long_bridge.10:20:30,vifname=ovs0' ]" \
        "disk = [ 'iscsi:,xvda,r,target=iqn=$iqn,portal=10.7.0.1', 'nbd:10.7.0.1 10809,xvdb,w', 'drbd:r0,xvdc,w' ]")" || {
        diag "$(tail -n 20 /var/log/xen/xen-hotplug.log)"
        return
    }
    id=$(domid_of "by-$tool")
    is "$(xenstore-read "/local/domain/0/backend/vif/$id/0/bridge")" "$long_bridge.10:20:30" "xenstore has the bridge as it was written"
    is "$(for disk in 51712 51728 51744; do xenstore-read "/local/domain/0/backend/vbd/$id/$disk/script" "/local/domain/0/backend/vbd/$id/$disk/params"; done)" \
        "$(printf '%s\n' $scripts/block-iscsi "iqn=$iqn,portal=10.7.0.1" $scripts/block-nbd '10.7.0.1 10809' $scripts/block-drbd r0)" "and the scripts of the disks, with their targets"
    is "$(losetup -a | wc -l)" 3 "all three disks are there"
    like "$(ip -o link show dev ovs0)" 'UP.* fe:ff:ff:ff:ff:ff' "the interface is up under its name"
    succeeds "$tool destroys it" destroy_with "$tool" "by-$tool"
    is "$(losetup -a)" "" "the scripts have given the disks back"
    masked "by-$tool" "$id" "$WORK/log.odd.$tool"
}

odd xl
odd pvhctl
is "$(calls "$WORK/log.odd.pvhctl")" "$(calls "$WORK/log.odd.xl")" "scripts and what they call are called as by xl"
like "$(cat "$WORK/log.odd.pvhctl")" "^ovs-vsctl .*add-port $long_bridge ovs0 tag=10 trunk=20,30 .*xen-vm-name.*NAME.*xen-vm-uuid.*UUID.*00:16:3e:00:00:12" \
    "Open vSwitch is told of tag, trunks, domain and MAC"
like "$(cat "$WORK/log.odd.pvhctl")" '^ovs-vsctl .*del-port ovs0$' "and of the end"

fails "what vif-openvswitch refuses is quoted" 'vif 0: .*vif-openvswitch online ended with status 1: No valid bridge was specified' \
    pvhctl create "$(config refused "vif = [ 'script=vif-openvswitch,bridge=br0.x' ]")"
fails "what block-iscsi refuses as well" 'block-iscsi add ended with status 1: iqn= and portal= are required' \
    pvhctl create "$(config refused "disk = [ 'script=block-iscsi,vdev=xvda,target=iqn=$iqn' ]")"
fails "and what vif-route does" 'vif 0: .*vif-route online ended with status 1: .*vif-route failed; error detected' \
    pvhctl create "$(config refused "vif = [ 'script=vif-route,ip=10.7.1.3,gatewaydev=nowhere' ]")"
is "$(pvhctl list | grep -c refused)" 0 "no domain of these is left"

rm /usr/bin/{ovs-vsctl,iscsiadm,nbd-client} $scripts/block-drbd /dev/nbd0
rm -r $scripts/vif-post.d
rmdir /dev/disk/by-path /dev/disk 2>/dev/null
ip link del uplink
