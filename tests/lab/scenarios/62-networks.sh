# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Networks: guests as ports of a bridge, through dom0's netback and without a script.
# limit: 240
#
# 1. Two guests and dom0 reach each other over a bridge, and what they send arrives, sum for sum.
# 2. Name, MTU and MAC are those of the config; a MAC that nobody gave stays over a restart.
# 3. xenstore has what xl writes for the same interface, and xl's tools read it.
# 4. A bridge that is missing is one error, and nothing is built.

ip link add xenbr0 type bridge && ip addr add 10.7.0.1/24 dev xenbr0 && ip link set xenbr0 up
ip link add jumbo type bridge && ip link set jumbo mtu 4000 up

initrd=$(
    with_job <<'JOB'
say() { echo "guest: $*"; }
ip link set lo up
ip link set eth0 up
address=$(sed 's/.*address=\([^ ]*\).*/\1/' /proc/cmdline)
ip addr add "$address/24" dev eth0
say mac $(cat /sys/class/net/eth0/address)
ping -c 3 -W 20 10.7.0.1 >/dev/null && say reaches dom0
case $address in
10.7.0.2)
    say listens
    nc -l -p 5000 >/tmp/got
    say got $(sha256sum </tmp/got | cut -d' ' -f1)
    nc -l -p 5001 >/tmp/got
    say then $(sha256sum </tmp/got | cut -d' ' -f1)
    ;;
10.7.0.3)
    dd if=/dev/urandom of=/tmp/sent bs=1M count=2 2>/dev/null
    say sends $(sha256sum </tmp/sent | cut -d' ' -f1)
    while ! nc -w 30 10.7.0.2 5001 </tmp/sent; do sleep 1; done
    ;;
esac
say job end
JOB
)

said() { console "$1" | sed -n "s/^guest: $2 //p" | tail -n1; } # NAME KEY

guest() { # NAME ADDRESS VIF
    linux_config "$1" 'vcpus = 1' "ramdisk = \"$initrd\"" "extra = \"console=hvc0 pvh.do=job,idle address=$2\"" "vif = [ '$3' ]"
}

succeeds "one is created" pvhctl create "$(guest one 10.7.0.2 'mac=00:16:3e:00:00:11')" || return
succeeds "two is created, its interface named and with an MTU" pvhctl create "$(guest two 10.7.0.3 'bridge=xenbr0,vifname=two-front,mtu=1400')" || return
id=$(domid_of one)
like "$(ip -o link show "vif$id.0")" 'master xenbr0' "the interface of one is a port of the bridge"
like "$(ip -o link show two-front)" 'mtu 1400.*master xenbr0' "so is that of two, under its name and with its MTU"
within 60 "one reaches dom0" console_says one '^guest: reaches dom0'
within 60 "two reaches dom0" console_says two '^guest: reaches dom0'
is "$(said one mac)" 00:16:3e:00:00:11 "one has its MAC"
like "$(said two mac)" '^00:16:3e:[0-7]' "two has one of Xen's"
like "$(xenstore-ls -fp "/local/domain/$(domid_of two)/device/vif/0")" "/mtu = \"1400\" +\(n0,r$(domid_of two)\)" "and may read its MTU (Linux does not)"

head -c $((4 << 20)) /dev/urandom >"$WORK/data"
within 30 "one listens" console_says one '^guest: listens'
# It says so before it does: until then it refuses.
within 10 "dom0 sends to one" socat -u "FILE:$WORK/data" TCP:10.7.0.2:5000
within 60 "it arrives" console_says one '^guest: got [0-9a-f]{64}$' # a line comes in pieces
is "$(said one got)" "$(sha256sum <"$WORK/data" | cut -d' ' -f1)" "whole"
within 60 "two sends to one" console_says one '^guest: job end'
is "$(said one then)" "$(said two sends)" "and that arrives whole"

is "$(pvhctl network-list one)" "$(xl network-list one)" "pvhctl network-list prints what xl network-list does"
like "$(xl network-list one)" "00:16:3e:00:00:11 +0 +4 " "xl network-list shows it, connected"
mac=$(said two mac)
succeeds "two restarts" pvhctl reboot two
twice_up() { [ "$(console "$1" | grep -cE '^guest: mac [0-9a-f:]{17}$')" = 2 ]; }
within 90 "and comes back" twice_up two
is "$(said two mac)" "$mac" "and its MAC"
succeeds "one ends" pvhctl destroy one
is "$(ip -o link show "vif$id.0" 2>/dev/null)" "" "and its interface"
succeeds "two ends" pvhctl destroy two

# The same by xl, node by node.
plain=$(config same "vif = [ 'mac=00:16:3e:00:00:12,bridge=jumbo,rate=10Mb/s' ]")
succeeds "xl creates one with an interface" xl create -q "$plain"
nodes_of vif same >"$WORK/xl"
succeeds "and ends it" xl destroy same
succeeds "pvhctl creates the same" pvhctl create "$plain"
nodes_of vif same >"$WORK/ours"
like "$(ip -o link show "vif$(domid_of same).0")" 'mtu 4000.*master jumbo' "the bridge's MTU is its own"
succeeds "pvhctl ends it" pvhctl destroy same
[ -s "$WORK/xl" ] && [ -s "$WORK/ours" ] || not_ok "both have nodes"
is "$(diff "$WORK/xl" "$WORK/ours")" "" "both have the same nodes"

unlike "$(cat "$pvhd_log")" 'does not close' "no backend had to be waited for in vain"
fails "a missing bridge" "vif 0: there is no bridge nowhere" pvhctl create "$(config bad "vif = [ 'bridge=nowhere' ]")"
fails "what is no bridge" "lo is no Linux bridge" pvhctl create "$(config bad "vif = [ 'bridge=lo' ]")"
ip link del jumbo
ip link del xenbr0
