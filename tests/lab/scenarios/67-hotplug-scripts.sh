# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# script= of disks and interfaces: programs of the administrator's own, called as xl calls them.
# needs: long
# limit: 240
#
# 1. A guest reads the disk that a script made, and reaches dom0 by the interface that a script plugged.
# 2. The scripts get the arguments and the environment that they get of xl, at the beginning and at the end.
# 3. One that fails is quoted; one that does not end is killed; nothing is left.

ip link add xenbr0 type bridge && ip addr add 10.7.0.1/24 dev xenbr0 && ip link set xenbr0 up
head -c $((1 << 20)) /dev/urandom >"$WORK/image"

# Its own note of the loop device, so that nobody else gives it back.
cat >"$WORK/block-own" <<END
#!/bin/bash
call=\$(echo "block-own \$*"; env | grep -E '^(script|XENBUS_[A-Z_]*|netdev|vif)=' | sort)
printf '%s\\n' "\$call" >>"$WORK/log" # at once: xl runs scripts side by side
case \$1 in
add)
    node=\$(losetup -f) && losetup "\$node" "\$(xenstore-read "\$XENBUS_PATH/params")" || exit 1
    xenstore-write "\$XENBUS_PATH/own-node" "\$node"
    xenstore-write "\$XENBUS_PATH/physical-device" "\$(stat -L -c %t:%T "\$node")"
    ;;
remove) losetup -d "\$(xenstore-read "\$XENBUS_PATH/own-node")" ;;
esac
END
# Debian's own under another name, behind a note.
cat >/etc/xen/scripts/vif-own <<END
#!/bin/bash
call=\$(echo "vif-own \$*"; env | grep -E '^(script|XENBUS_[A-Z_]*|netdev|vif)=' | sort)
printf '%s\\n' "\$call" >>"$WORK/log" # at once: xl runs scripts side by side
exec /etc/xen/scripts/vif-bridge "\$@"
END
printf '#!/bin/bash\necho "looking for it"\necho "no target $(xenstore-read "$XENBUS_PATH/params")" >&2\nexit 7\n' >"$WORK/block-fails"
printf '#!/bin/bash\nxenstore-write "$XENBUS_PATH/hotplug-error" "the portal is down"\nexit 1\n' >"$WORK/block-tells"
printf '#!/bin/bash\nexit 0\n' >"$WORK/block-idle"
printf '#!/bin/bash\n[ "$1" = add ] || exit 0\nsleep 1000\n' >"$WORK/block-hangs"
chmod +x "$WORK"/block-* /etc/xen/scripts/vif-own

initrd=$(
    with_job <<'JOB'
echo "guest: sum $(sha256sum </dev/xvda | cut -d' ' -f1)"
ip link set eth0 up
ip addr add 10.7.0.2/24 dev eth0
ping -c 3 -W 20 10.7.0.1 >/dev/null && echo "guest: reaches dom0"
echo "guest: job end"
JOB
)

# life TOOL: both devices from create to destroy; what the scripts were called with, without what differs by domain.
life() {
    local tool=$1 id
    rm -f "$WORK/log"
    succeeds "$tool creates a domain with scripts" create_with "$tool" "$(linux_config "by-$tool" "ramdisk = \"$initrd\"" \
        'extra = "console=hvc0 pvh.do=job,idle"' "disk = [ 'script=$WORK/block-own,vdev=xvda,access=ro,target=$WORK/image' ]" \
        "vif = [ 'script=vif-own,mac=00:16:3e:00:00:11,gatewaydev=eth9' ]")" || return
    id=$(domid_of "by-$tool")
    within 60 "it ends its work" console_says "by-$tool" '^guest: job end' || diag "$(console "by-$tool" | tail -n5)"
    is "$(console "by-$tool" | sed -n 's/^guest: sum //p')" "$(sha256sum <"$WORK/image" | cut -d' ' -f1)" "the disk is the image"
    succeeds "and the interface leads to dom0" console_says "by-$tool" '^guest: reaches dom0'
    like "$(losetup -a)" "$WORK/image" "the script's loop device is there"
    succeeds "$tool destroys it" destroy_with "$tool" "by-$tool"
    is "$(losetup -a)" "" "and the script has given its loop device back"
    sed -E "s,/$id/,/N/,; s,vif$id\\.,vifN.,; s,by-$tool,NAME," "$WORK/log" >"$WORK/log.$tool"
}

life xl
life pvhctl
like "$(cat "$WORK/log.pvhctl")" '^block-own remove' "scripts are called at the end as well"
# xl calls those of several devices at once, we one after the other: the order of calls is nobody's.
calls() { awk '/^(block|vif)-own /{call = $0} {print call ": " $0}' "$1" | sort; }
is "$(calls "$WORK/log.pvhctl")" "$(calls "$WORK/log.xl")" "with xl's arguments and environment"

refused() { pvhctl create "$(config "refused$RANDOM" "disk = [ 'script=$1,vdev=xvda,target=iqn.x' ]")"; }
fails "a script that is not there" 'disk xvda: run the script /etc/xen/scripts/block-nowhere: No such file' refused block-nowhere
fails "one that fails is quoted" 'block-fails add ended with status 7: looking for it' refused "$WORK/block-fails"
fails "all that it said" '^no target iqn.x' refused "$WORK/block-fails"
fails "a reason in the store comes first" 'block-tells add ended with status 1: the portal is down' refused "$WORK/block-tells"
fails "one that makes no device" 'ended well, but named no block device' refused "$WORK/block-idle"
fails "one that does not end is killed" 'block-hangs add was killed after 40 s' refused "$WORK/block-hangs"
is "$(pgrep -f block-hangs)" "" "with all that it started"
is "$(pvhctl list | grep -c -e refused -e Name)" 1 "no domain of these is left"

succeeds "a guest to attach to" pvhctl create "$(config attached)"
rm -f "$WORK/log"
succeeds "a disk with a script is attached" pvhctl block-attach attached "script=$WORK/block-own,vdev=xvdb,access=ro,target=$WORK/image"
like "$(losetup -a)" "$WORK/image" "the script has run"
succeeds "and detached" pvhctl block-detach attached xvdb --force
is "$(losetup -a)" "" "and has run again"
pvhctl destroy attached
rm /etc/xen/scripts/vif-own
ip link del xenbr0
