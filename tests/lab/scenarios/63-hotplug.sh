# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Disks and interfaces come and go while a Linux guest runs.
# limit: 240
#
# 1. A disk that is attached can be used, sum for sum, and is let go of again; an interface as well.
# 2. A guest that does not answer keeps its disk, unharmed, until it is taken away by force.
# 3. What is detached with pvhctl can have been attached with xl, and the other way round.
# 4. A restart keeps what was attached, and what was detached stays away.
# 5. What cannot be attached leaves nothing.

ip link add xenbr0 type bridge && ip addr add 10.7.0.1/24 dev xenbr0 && ip link set xenbr0 up
head -c $((8 << 20)) /dev/urandom >"$WORK/one.img"
head -c $((8 << 20)) /dev/urandom >"$WORK/two.img"
sum() { sha256sum <"$1" | cut -d' ' -f1; }

initrd=$(answering | with_job)
file=$(linux_config web 'vcpus = 1' "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' 'on_reboot = "restart"')
succeeds "a domain without devices is created" pvhctl create "$file" || return
within 60 "it listens" console_says web '^guest: listens' || return
id=$(domid_of web)
nodes() { xenstore-ls -f | grep -E "^/(local/domain/$id/device|local/domain/0/backend/(vbd|vif)|local/domain/0/error|libxl/$id/device)" | sort; }
nodes >"$WORK/nodes"
remember "$WORK/state"
# What xl detached is also let go of by blkback and its loop device, a moment later.
settled() { nodes | diff -q "$WORK/nodes" - && [ -z "$(losetup -a)" ]; }

# A disk.
before=$(sum "$WORK/one.img")
succeeds "a disk is attached, described in pieces as for xl" pvhctl block-attach web "$WORK/one.img" raw xvdb w
is "$(ask web 'disk xvdb; sum xvdb')" "$before" "the guest reads what is in the image"
ask web 'dd if=/dev/urandom of=/dev/xvdb bs=1M count=4 conv=notrunc,fsync' >/dev/null
written=$(ask web 'sum xvdb')
is "$(pvhctl block-list web)" "$(xl block-list web)" "xl block-list and pvhctl's agree"
like "$(xl block-list web)" "51728 +0 +$id +4 " "it is connected"
is "$(pvhctl --json block-list web | jq -r '.domains[0].devices[0].target')" "$WORK/one.img" "--json has its image"
fails "the same name is refused" 'vdev xvdb is already used' pvhctl block-attach web "$WORK/two.img,raw,xvdb,w"
fails "so is the same image" 'one.img is disk xvdb, too' pvhctl block-attach web "$WORK/one.img,raw,xvdc,w"

# Of a guest that does not answer.
succeeds "the guest is paused" pvhctl pause web
refusal=$(pvhctl block-detach web xvdb 2>&1)
like "$refusal" "disk xvdb of d$id: the guest did not answer in 10 s" "its disk is not taken away"
like "$refusal" '--force' "and how it would be is said"
like "$(xl block-list web)" "51728 +0 +$id +4 " "but is as it was"
succeeds "the guest goes on" pvhctl unpause web
is "$(ask web 'sum xvdb')" "$written" "with its disk"
succeeds "which is detached then" pvhctl block-detach web xvdb
is "$(sum "$WORK/one.img")" "$written" "the image holds what the guest wrote"
unlike "$written" "$before" "which is not what it held before"
is "$(ask web 'no_disk xvdb')" "" "the guest has it no more"
is "$(nodes | diff "$WORK/nodes" -)" "" "xenstore is as before"
is "$(losetup -a)" "" "and no loop device is left"
fails "what is not there cannot be detached" 'has no disk xvdb' pvhctl block-detach web xvdb

succeeds "it is attached again" pvhctl block-attach web "$WORK/one.img,raw,xvdb,w"
is "$(ask web 'disk xvdb; sum xvdb')" "$written" "and read again"
pvhctl pause web
succeeds "by force it goes without the guest" pvhctl block-detach --force web 51728
is "$(nodes | diff "$WORK/nodes" -)" "" "and nothing of it is left"
pvhctl unpause web
is "$(ask web 'echo well')" "well" "the guest lives"

# An interface.
succeeds "an interface is attached" pvhctl network-attach web mac=00:16:3e:00:00:21 mtu=1400
like "$(ip -o link show "vif$id.0")" 'mtu 1400.*master xenbr0' "a port of the bridge"
ask web 'interface eth0; ip link set eth0 up; ip addr add 10.7.0.2/24 dev eth0' >/dev/null
like "$(ask web 'ping -c 1 -W 20 10.7.0.1')" ' 0% packet loss' "the guest reaches dom0"
socat -u "FILE:$WORK/two.img" TCP-LISTEN:5000,reuseaddr &
poll $((10 * patience)) listens 5000
is "$(ask web 'nc 10.7.0.1 5000 | sha256sum | cut -d" " -f1')" "$(sum "$WORK/two.img")" "and takes what dom0 sends"
wait $!
socat -u TCP-LISTEN:5001,reuseaddr "CREATE:$WORK/got" &
poll $((10 * patience)) listens 5001
sent=$(ask web 'dd if=/dev/urandom of=/tmp/sent bs=1M count=4 2>/dev/null; nc -w 5 10.7.0.1 5001 </tmp/sent; sha256sum </tmp/sent | cut -d" " -f1')
wait $!
is "$(sum "$WORK/got")" "$sent" "as dom0 what it sends"
is "$(pvhctl network-list web)" "$(xl network-list web)" "xl network-list and pvhctl's agree"
succeeds "it is detached by its MAC" pvhctl network-detach web 00:16:3E:00:00:21
is "$(nodes | diff "$WORK/nodes" -)" "" "xenstore is as before"
is "$(ip -o link show "vif$id.0" 2>/dev/null)" "" "and the interface is gone"

# By xl what pvhctl attached.
connected() { [ "$(xenstore-read "/local/domain/0/backend/$1/$id/$2/state" 2>/dev/null)" = 4 ]; } # KIND DEVID
succeeds "a disk is attached" pvhctl block-attach web "$WORK/one.img,raw,xvdb,r"
succeeds "and an interface" pvhctl network-attach web
within 10 "the disk is connected" connected vbd 51728
within 10 "the interface is connected" connected vif 0
succeeds "xl detaches the disk" xl block-detach web xvdb
succeeds "and the interface" xl network-detach web 0
poll $((5 * patience)) settled
is "$(nodes | diff "$WORK/nodes" -)" "" "xenstore is as before"
is "$(losetup -a)" "" "and no loop device is left"

# By pvhctl what xl attached. For that xl wants a note of its own on the domain, if an empty one.
note=/var/lib/xen/userdata-d.$id.$(pvhctl --json list | jq -r '.domains[] | select(.name == "web").uuid').libxl-json
echo '{}' >"$note"
succeeds "xl attaches a disk" xl block-attach web "file:$WORK/two.img" xvde w
succeeds "and an interface" xl network-attach web
within 10 "the disk is connected" connected vbd 51776
within 10 "the interface is connected" connected vif 0
succeeds "pvhctl detaches the disk" pvhctl block-detach web xvde
succeeds "and the interface" pvhctl network-detach web 0
rm "$note"
is "$(nodes | diff "$WORK/nodes" -)" "" "xenstore is as before"
is "$(losetup -a)" "" "and no loop device is left"

# What cannot be.
fails "a missing image" 'disk xvdb: open /nowhere.img: No such file' pvhctl block-attach web /nowhere.img,raw,xvdb,w
fails "a malformed disk" 'disk:1:[0-9]+: error: .*nothing' pvhctl block-attach web "$WORK/one.img,raw,nothing,w"
fails "a missing bridge" 'vif 0: there is no bridge nowhere' pvhctl network-attach web bridge=nowhere
fails "an unknown key" 'vif:1:1: error: unknown vif key' pvhctl network-attach web bridg=xenbr0
fails "another medium" 'cannot be changed' pvhctl cd-insert web xvdb "$WORK/one.img"
is "$(nodes | diff "$WORK/nodes" -)" "" "nothing of them is left"

is "$(leaks "$WORK/state")" "" "all is as it was before the first"
unlike "$(cat "$pvhd_log")" 'does not close' "no backend had to be waited for in vain"

# Restarts.
succeeds "a disk and two interfaces are attached" pvhctl block-attach web "$WORK/two.img,raw,xvdc,r"
pvhctl network-attach web mac=00:16:3e:00:00:22
pvhctl network-attach web mac=00:16:3e:00:00:23
within 10 "the first interface is connected" connected vif 0
succeeds "and that is detached" pvhctl network-detach web 0
succeeds "the guest reboots" pvhctl reboot web
twice() { [ "$(console web | grep -c '^guest: listens')" = 2 ]; }
within 90 "and comes back" twice
is "$(ask web 'disk xvdc; sum xvdc')" "$(sum "$WORK/two.img")" "with its disk"
is "$(xl network-list web | awk 'NR > 1 {print $1, $3}')" "1 00:16:3e:00:00:23" "and the interface that was left"
succeeds "it ends" pvhctl destroy web
ip link del xenbr0
