# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# A disk and an interface that another guest serves.
# needs: long
# limit: 200
#
# 1. A Linux guest with blkback and netback serves a disk and an interface of another, sum for sum; dom0 holds nothing of them.
# 2. xenstore has what xl writes for the same devices.
# 3. They come and go while the guest runs, and go with it.
# 4. A driver domain that is not there is named before anything is built.

initrd=$(answering | with_job)
driver=$(linux_config driver 'kernel = "/guest/vmlinux"' "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' 'driver_domain = 1')
fails "a driver domain that is not there is named" 'disk xvda: there is no domain driver to serve it' \
    pvhctl create "$(config lone "disk = [ 'backend=driver,vdev=xvda,target=/dev/loop0' ]")"
succeeds "a driver domain is created" pvhctl create "$driver" || return
within 90 "it listens" console_says driver '^guest: listens' || return
ask driver 'modprobe xen-blkback; modprobe xen-netback; modprobe loop; dd if=/dev/urandom of=/tmp/disk bs=1M count=4; losetup /dev/loop0 /tmp/disk' >/dev/null
sum=$(ask driver 'sha256sum </tmp/disk | cut -d" " -f1')
xenstore-write "/local/domain/$(domid_of driver)/backend" "" # the first device makes it, and nobody removes it
remember "$WORK/served"

devices=("disk = [ 'backend=driver,vdev=xvda,target=/dev/loop0' ]" "vif = [ 'backend=driver,mac=00:16:3e:00:00:31' ]")
file=$(linux_config web "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' "${devices[@]}")
succeeds "a domain with its devices is created" pvhctl create "$file" || return
back=$(domid_of driver) id=$(domid_of web)
is "$(losetup -a)$(ip -o link | grep -c "vif$id")" 0 "dom0 has neither"
# What xl devd would do there.
ask driver "printf 7:0 | store write backend/vbd/$id/51712/physical-device; printf connected | store write backend/vbd/$id/51712/hotplug-status" >/dev/null
ask driver "printf connected | store write backend/vif/$id/0/hotplug-status; ip link set vif$id.0 up; ip addr add 10.9.0.1/24 dev vif$id.0" >/dev/null
within 90 "it listens" console_says web '^guest: listens' || return
is "$(ask web 'disk xvda; sum xvda')" "$sum" "it reads the disk"
ask web 'dd if=/dev/urandom of=/dev/xvda bs=1M count=2 conv=notrunc,fsync' >/dev/null
is "$(ask driver 'sha256sum </tmp/disk | cut -d" " -f1')" "$(ask web 'sum xvda')" "and writes it"
ask web 'ip link set eth0 up; ip addr add 10.9.0.2/24 dev eth0' >/dev/null
like "$(ask web 'ping -c 1 -W 20 10.9.0.1')" ' 0% packet loss' "and reaches the driver domain"
is "$(pvhctl block-list web)" "$(xl block-list web)" "pvhctl block-list prints what xl block-list does"
like "$(pvhctl block-list web)" "51712 +$back +$id +4 " "with the driver domain's number"

succeeds "the disk is detached" pvhctl block-detach web xvda
is "$(xenstore-ls -f | grep -c 51712)" 0 "and its nodes are gone"
stop_pvhd -KILL
start_pvhd
is "$(pvhctl --json network-list web | jq '.domains[0].devices | length')" 1 "the interface is known after pvhd's restart"
succeeds "destroy" pvhctl destroy web
is "$(leaks "$WORK/served")" "" "nothing of it is left"

# The same by xl, node by node.
plain=$(config same "${devices[@]}")
served_nodes() { # what either writes; both ends run at once here
    local dom
    dom=$(domid_of same)
    xenstore-ls -fp | grep -E "^/(local/domain/$dom/device|local/domain/$back/backend/v(bd|if)/$dom|libxl/$dom/device)/?(vbd|vif)?" |
        grep -vE '/console|suspend|feature-|/(state|event-channel|protocol|ring-ref|multi-[^ ]*|request-[^ ]*|hotplug-status|discard[^ ]*|max-[^ ]*) ' |
        sed "s,/$dom/,/N/,g; s,/$dom\b,/N,g; s/\"$dom\"/\"N\"/; s/\bn$dom\b/nN/g; s/\br$dom\b/rN/g" | sort
}
if xl create -q "$plain" >"$WORK/xl.out" 2>&1; then
    served_nodes >"$WORK/xl"
    xl destroy same
    succeeds "pvhctl creates the same" pvhctl create "$plain"
    served_nodes >"$WORK/ours"
    [ -s "$WORK/xl" ] && [ -s "$WORK/ours" ] || not_ok "both have nodes"
    is "$(diff "$WORK/xl" "$WORK/ours")" "" "both have the same nodes"
    pvhctl destroy same
else
    diag "$(tail -n5 "$WORK/xl.out")"
    skip "the same nodes as xl's" "xl does not create it here"
fi
succeeds "the driver domain ends" pvhctl destroy driver
