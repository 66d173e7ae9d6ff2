# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Disks and interfaces are taken away from a guest that writes and sends without a pause.
# needs: long
# limit: 180
#
# 1. Asked or forced, the device goes, within seconds, and with it all that dom0 has of it.
# 2. The guest lives, and a disk that is attached afterwards works, unless its Linux waits for the one that went.

ip link add xenbr0 type bridge && ip addr add 10.7.0.1/24 dev xenbr0 && ip link set xenbr0 up
head -c $((16 << 20)) /dev/urandom >"$WORK/loaded.img"
head -c $((1 << 20)) /dev/urandom >"$WORK/next.img"
next=$(sha256sum <"$WORK/next.img" | cut -d' ' -f1)

initrd=$(answering | with_job /guest/devices.cpio)
file=$(linux_config busy "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"')
nodes() { xenstore-ls -f | grep -E "^/(local/domain/$id/device|local/domain/0/backend/(vbd|vif)|local/domain/0/error|libxl/$id/device)" | sort; }
begin() {
    succeeds "a domain without devices is created" pvhctl create "$file" || return
    id=$(domid_of busy)
    within 60 "it listens" console_says busy '^guest: listens' && nodes >"$WORK/nodes"
}
connected() { [ "$(xenstore-read "/local/domain/0/backend/$1/$id/$2/state" 2>/dev/null)" = 4 ]; } # KIND DEVID

# What both ends know, when something hangs.
look() {
    diag "$(xenstore-ls -f "/local/domain/$id/device"; xenstore-ls -f /local/domain/0/backend | grep "/$id/.*state")" \
        "$(ask busy 'dmesg | tail -n 8; for p in $(grep -lxE "xenwatch|load" /proc/[0-9]*/comm); do cat $p ${p%comm}stack; done')"
}

moves() { # the disk's or the interface's counter, in dom0
    case $1 in
    vbd) cat "/sys/devices/vbd-$id-51728/statistics/wr_sect" ;;
    vif) cat "/sys/class/net/vif$id.0/statistics/rx_bytes" ;;
    esac
}
moving() { local before; before=$(moves "$1"); sleep 1; [ "$(moves "$1")" -gt "$before" ]; }

begin_load() { # KIND
    case $1 in
    vbd)
        succeeds "a disk is attached" pvhctl block-attach busy "$WORK/loaded.img,raw,xvdb,w"
        ask busy 'disk xvdb; for how in write dirty; do load $how /dev/xvdb random 64 1000000 >/tmp/$how 2>&1 & done' >/dev/null
        ;;
    vif)
        succeeds "an interface is attached" pvhctl network-attach busy
        /guest/load receive 5000 >/dev/null &
        receiver=$!
        ask busy 'interface eth0; ip link set eth0 up; ip addr add 10.7.0.2/24 dev eth0' >/dev/null
        ask busy 'load send 10.7.0.1 5000 1000000s >/tmp/send 2>&1 &' >/dev/null
        ;;
    esac
    within 20 "the guest keeps it busy" moving "$1"
}

# Linux's own end of a disk may wait for ever for what was under way (del_gendisk, of xenwatch), and its xenbus with it: with xl as well.
stuck() { grep -q 'blkfront_remove' <<<"$(ask busy 'cat $(grep -lx xenwatch /proc/[0-9]*/comm | sed s/comm/stack/)')"; }

usable() {
    succeeds "a disk is attached afterwards" pvhctl block-attach busy "$WORK/next.img,raw,xvdc,r"
    if ! poll $((10 * patience)) connected vbd 51744 && stuck; then
        skip "and connects" "the guest's Linux still waits for the disk that went (docs/devices.md)"
        return
    fi
    within 10 "and connects" connected vbd 51744 || { look; return 1; }
    is "$(ask busy 'disk xvdc; sum xvdc')" "$next" "and is read" || look
    succeeds "and detached" pvhctl block-detach busy xvdc || look
    is "$(nodes | diff "$WORK/nodes" -)" "" "without a trace"
}

taken_away() { # KIND VERB DEVICE [--force]
    local start receiver
    begin_load "$1" || { look; return 1; }
    start=$(date +%s%N)
    succeeds "it is taken away${4:+ by force}" pvhctl "$2-detach" ${4:+"$4"} busy "$3" || { look; return 1; }
    [ "$1" = vbd ] || kill "$receiver" # nobody tells it that there is no more
    diag "in $((($(date +%s%N) - start) / 1000000)) ms"
    is "$(nodes | diff "$WORK/nodes" -)" "" "xenstore is as before"
    is "$(losetup -a)$(ip -o link show "vif$id.0" 2>/dev/null)" "" "no loop device is left, nor an interface"
    is "$(ask busy 'echo well')" well "the guest lives"
    usable
}

for force in "" --force; do
    begin || return
    taken_away vif network 0 $force || return
    taken_away vbd block xvdb $force || return
    succeeds "it ends" pvhctl destroy busy
done
unlike "$(cat "$pvhd_log")" 'does not close' "no backend had to be waited for in vain"
ip link del xenbr0
