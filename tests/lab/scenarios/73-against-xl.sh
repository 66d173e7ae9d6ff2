# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The same disk and the same interface by xl and by us, in one boot: how fast they are, and how fast they come.
# needs: by-name
# limit: 240
#
# 1. A disk reads and writes as fast with us as with xl, in order and at random.
# 2. So does a network send and receive.
# 3. A domain with one of each is created as soon, or sooner.
#
# Times mean little here, ratios more (docs/devices.md): of medians, of measurements that take turns. Rounds of one guest differ by up to
# a factor of three, so only a quarter fails.

ip link add xenbr0 type bridge && ip addr add 10.7.0.1/24 dev xenbr0 && ip link set xenbr0 up
rounds=${ROUNDS:-3}
initrd=$(answering | with_job /guest/devices.cpio)
devices() { # NUMBER: of the disk's image and of the MAC
    [ -e "$WORK/$1.img" ] || head -c $((32 << 20)) /dev/urandom >"$WORK/$1.img"
    printf '%s\n' "disk = [ '$WORK/$1.img,raw,xvda,w' ]" "vif = [ 'mac=00:16:3e:00:00:0$1,bridge=xenbr0' ]"
}
begin() { # TOOL NUMBER
    local lines
    mapfile -t lines < <(devices "$2")
    lines+=("ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"')
    succeeds "$1 creates a guest" create_with "$1" "$(linux_config "by-$1" "${lines[@]}")" &&
        within 60 "it listens" console_says "by-$1" '^guest: listens' &&
        is "$(ask "by-$1" "disk xvda; ip link set eth0 up; ip addr add 10.7.0.$2/24 dev eth0; ping -c 1 -W 20 10.7.0.1 >/dev/null && echo ready")" \
            ready "with its devices"
}

# note TOOL WHAT VALUE; median TOOL WHAT; compare WHAT UNIT [less]: ours against xl's, of which more is better, or less.
note() { echo "$3" >>"$WORK/$2.$1"; }
median() { sort -n "$WORK/$2.$1" | awk '{value[NR] = $1} END {print value[int((NR + 1) / 2)]}'; }
compare() {
    local ours theirs
    ours=$(median pvhctl "$1") theirs=$(median xl "$1")
    is "$(sort -u "$WORK/$1.xl" "$WORK/$1.pvhctl" | grep -cvE '^[1-9][0-9]*$')" 0 "$1: all was measured" || return
    diag "$1: $ours $2, by xl $theirs $2: $(awk "BEGIN {printf \"%.2f\", $ours / $theirs}")" \
        "   each: $(paste_line pvhctl "$1"), by xl $(paste_line xl "$1")"
    local better=$ours worse=$theirs
    if [ "${3:-more}" = less ]; then better=$theirs worse=$ours; fi
    [ $((better * 4)) -ge "$worse" ] && ok "$1: no worse than xl's" || not_ok "$1: no worse than xl's"
}
paste_line() { tr '\n' ' ' <"$WORK/$2.$1"; }

modes="read-seq read-random write-seq write-random"
disk_figures() { # TOOL
    local mode values
    read -ra values < <(ask "by-$1" 'for m in read write; do load $m /dev/xvda seq 256 1.5; load $m /dev/xvda random 4 1.5; done')
    for mode in $modes; do
        note "$1" "$mode" "${values[0]:-none}"
        values=("${values[@]:1}")
    done
}
network_figures() { # TOOL ADDRESS
    /guest/load receive 5000 >"$WORK/received" &
    ask "by-$1" 'load send 10.7.0.1 5000 2s' >/dev/null
    wait $!
    note "$1" guest-sends "$(awk '{print $2}' "$WORK/received")"
    ask "by-$1" 'load receive 5000' >"$WORK/received" &
    /guest/load send "$2" 5000 2s >/dev/null
    wait $!
    note "$1" guest-receives "$(awk '{print $2}' "$WORK/received")"
}

begin xl 2 && begin pvhctl 3 || return
for ((round = 0; round < rounds; round++)); do
    disk_figures xl
    disk_figures pvhctl
    network_figures xl 10.7.0.2
    network_figures pvhctl 10.7.0.3
done
for mode in $modes guest-sends guest-receives; do compare "$mode" KiB/s; done
succeeds "xl ends its guest" xl destroy by-xl
succeeds "and we ours" pvhctl destroy by-pvhctl

# From the command to its end: with xl, the devices are then there as well.
mapfile -t lines < <(devices 4)
file=$(config created "${lines[@]}")
for _ in 1 2 3 4 5; do
    for tool in xl pvhctl; do
        start=$(date +%s%N)
        create_with "$tool" "$file" >"$WORK/created" 2>&1 || not_ok "$tool creates" || diag "$(cat "$WORK/created")"
        note "$tool" create "$((($(date +%s%N) - start) / 1000000))"
        destroy_with "$tool" created
        poll $((10 * patience)) gone_for_pvhd created
    done
done
compare create ms less
ip link del xenbr0
