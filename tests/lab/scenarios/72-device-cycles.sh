# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Devices many times over: nothing grows, nothing is left. DEVICE_CYCLES=50 by hand for more.
# needs: long
# limit: 300
#
# 1. 25 times a disk and an interface come to a Linux guest that runs, connect, and go.
# 2. 25 times a domain with two disks and two interfaces is created and destroyed.
# 3. Loop devices, bridge ports, xenstore and the daemons' descriptors are then as before, and the daemons no larger.

cycles=${DEVICE_CYCLES:-25}
ip link add xenbr0 type bridge && ip addr add 10.7.0.1/24 dev xenbr0 && ip link set xenbr0 up
for name in one two; do head -c $((1 << 20)) /dev/urandom >"$WORK/$name.img"; done
file=$(linux_config host "ramdisk = \"$(answering | with_job)\"" 'extra = "console=hvc0 pvh.do=job,idle"')
succeeds "a domain without devices is created" pvhctl create "$file" || return
within 60 "it listens" console_says host '^guest: listens' || return
id=$(domid_of host)
connected() { [ "$(xenstore-read "/local/domain/0/backend/$1/$id/$2/state" 2>/dev/null)" = 4 ]; } # KIND DEVID
resident() { awk '$1 == "VmRSS:" {print $2}' "/proc/$1/status"; } # PID: KiB

hotplug() {
    pvhctl block-attach host "$WORK/one.img,raw,xvdb,w" && pvhctl network-attach host mac=00:16:3e:00:00:51 &&
        poll 60 connected vbd 51728 && poll 60 connected vif 0 && pvhctl block-detach host xvdb && pvhctl network-detach host 0
}
full=$(config full "disk = [ '$WORK/one.img,raw,xvda,w', '$WORK/two.img,raw,xvdb,r' ]" "vif = [ 'mac=00:16:3e:00:00:52', 'mac=00:16:3e:00:00:53' ]")
life() { pvhctl create "$full" && pvhctl destroy full; }

# many WORK: so many in a row, and what they cost.
many() {
    local done=0 start
    start=$(date +%s%N)
    while [ $done -lt "$cycles" ] && "$1" >"$WORK/$1" 2>&1; do done=$((done + 1)); done
    is $done "$cycles" "$2" || diag "$(cat "$WORK/$1")"
    diag "each in $((($(date +%s%N) - start) / cycles / 1000000)) ms"
}

remember "$WORK/state" # before the first life: pvhconsoled keeps an ended one for some seconds
# After a few of each the daemons have what memory they need.
for _ in 1 2 3 4 5; do hotplug && life; done >"$WORK/first" 2>&1
pvhd_before=$(resident "$(pvhd_pid)") pvhconsoled_before=$(resident "$(pvhconsoled_pid)")
many hotplug "$cycles disks and interfaces come and go"
many life "$cycles domains with two of each live and end"
is "$(leaks "$WORK/state")" "" "all is as it was before the first"
for daemon in pvhd pvhconsoled; do
    before=${daemon}_before before=${!before} after=$(resident "$("${daemon}_pid")")
    diag "$daemon has $before KiB before, $after after"
    [ $((after - before)) -le 1024 ] && ok "$daemon has not grown" || not_ok "$daemon has not grown"
done
unlike "$(cat "$pvhd_log")" 'does not close' "no backend had to be waited for in vain"
is "$(ask host 'echo well; dmesg | grep -cE "BUG:|Call Trace|xenbus_dev_error"')" "well 0" "the guest is well"
succeeds "it ends" pvhctl destroy host
ip link del xenbr0
