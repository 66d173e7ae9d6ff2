# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Much traffic: long streams between guests and dom0, and the limits that a config sets them.
# needs: long
# limit: 180
#
# 1. Two guests and dom0 send each other long streams, and what arrives is what was sent.
# 2. rate= holds what a guest sends to it, and nobody else.
# 3. mtu= is the size of what passes: larger frames do not, on an interface with a larger one they do.

ip link add xenbr0 type bridge && ip addr add 10.7.0.1/24 dev xenbr0 && ip link set xenbr0 up
ip link add jumbo type bridge && ip addr add 10.8.0.1/24 dev jumbo && ip link set jumbo mtu 4000 up
amount=${TRAFFIC_MIB:-32}M
rate=8 # Mb/s: 977 KiB/s, some hundredth of what the emulated machine can do

initrd=$(answering | with_job /guest/devices.cpio)
guest() { # NAME VIF...
    local vifs
    vifs=$(printf "'%s', " "${@:2}")
    succeeds "$1 is created" pvhctl create "$(linux_config "$1" "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' "vif = [ $vifs ]")"
}
guest free mac=00:16:3e:00:00:02 || return
guest held mac=00:16:3e:00:00:03,mtu=1400,rate=${rate}Mb/s mac=00:16:3e:00:00:04,bridge=jumbo || return
within 60 "free listens" console_says free '^guest: listens' || return
within 60 "held listens" console_says held '^guest: listens' || return
# Linux does not look for the MTU in xenstore: a guest has to be told.
ask free 'ip link set eth0 up; ip addr add 10.7.0.2/24 dev eth0' >/dev/null
ask held 'ip link set eth0 mtu 1400 up; ip addr add 10.7.0.3/24 dev eth0; ip link set eth1 mtu 4000 up; ip addr add 10.8.0.3/24 dev eth1' >/dev/null

# stream OUTCOME FROM TO ADDRESS AMOUNT: load's line of the receiver is left in $received; both ends agree on the sum.
stream() {
    local sent
    case $3 in
    dom0) /guest/load receive 5000 >"$WORK/received" & ;;
    *) ask "$3" 'load receive 5000' >"$WORK/received" & ;;
    esac
    case $2 in
    dom0) sent=$(/guest/load send "$4" 5000 "$5") ;;
    *) sent=$(ask "$2" "load send $4 5000 $5") ;;
    esac
    wait $!
    received=$(cat "$WORK/received")
    is "$(awk '{print $1, $3}' <<<"$received")" "$(awk '{print $1, $3}' <<<"$sent")" "$1, sum for sum" &&
        like "$received" '^[0-9]+ [0-9]+ [0-9a-f]{16}$' "and there was something"
    diag "$1: $received"
}
per_second() { awk '{print $2}' <<<"$received"; } # KiB

stream "a guest sends to dom0" free dom0 10.7.0.1 "$amount"
unheld=$(per_second)
stream "dom0 sends to a guest" dom0 free 10.7.0.2 "$amount"
stream "dom0 sends to the other" dom0 held 10.7.0.3 16M
inward=$(per_second)
stream "a guest sends to the other" free held 10.7.0.3 4M

stream "the other sends as it may" held dom0 10.7.0.1 4M
held=$(per_second)
diag "with rate=${rate}Mb/s a guest sends $held KiB/s, without $unheld, and is sent $inward"
# A bucket of what was not used before comes on top; scheduling takes away.
[ "$held" -le $((rate * 1000000 / 8 / 1024 * 5 / 4)) ] && ok "rate= holds it" || not_ok "rate= holds it"
[ "$((held * 3))" -le "$unheld" ] && ok "far below the one without" || not_ok "far below the one without"
[ "$((held * 3))" -le "$inward" ] && ok "and below what it is sent" || not_ok "and below what it is sent"

id=$(domid_of held)
like "$(ip -o link show "vif$id.0")" 'mtu 1400' "the interface has its MTU"
like "$(ask free 'ping -c 2 -W 20 -s 1372 10.7.0.3')" ' 0% packet loss' "what fits into it passes"
like "$(ask free 'ping -c 2 -W 5 -s 1400 10.7.0.3')" ' 100% packet loss' "what does not is dropped by the bridge"
reassembled() { ask held "awk '/^Ip: [0-9]/ {print \$15}' /proc/net/snmp"; }
before=$(reassembled)
like "$(ping -c 2 -W 20 -s 1400 10.7.0.3)" ' 0% packet loss' "dom0, which knows the MTU, sends it in pieces"
is "$(($(reassembled) - before))" 4 "two of each"
before=$(reassembled)
like "$(ping -c 2 -W 20 -s 3900 10.8.0.3)" ' 0% packet loss' "over a bridge of 4000 nearly three times as much passes"
is "$(($(reassembled) - before))" 0 "in one piece"

succeeds "one ends" pvhctl destroy free
succeeds "and the other" pvhctl destroy held
ip link del jumbo
ip link del xenbr0
