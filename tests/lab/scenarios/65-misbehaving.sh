# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# A guest that writes what it likes into its own nodes harms nobody else, and goes when it is told to.
# needs: long
# limit: 240
#
# 1. What is not its own it cannot write.
# 2. Pointed at another guest's backends, with other numbers and addresses, its devices are still its own. [XSA-175, XSA-178]
# 3. Whatever states its frontends go through, a detach succeeds or says why not, in time; by force it succeeds.
# 4. With all its quota in large values, deep trees and bytes that are no text, every answer is valid JSON, and comes at once.
# 5. Its end leaves nothing of it, and everything of everybody else.

ip link add xenbr0 type bridge && ip addr add 10.7.0.1/24 dev xenbr0 && ip link set xenbr0 up

image() { # NAME
    head -c $((1 << 20)) /dev/urandom >"$WORK/$1.img"
    echo "$WORK/$1.img"
}

sum() { sha256sum <"$1" | cut -d' ' -f1; }

guest() { # NAME LINE...
    linux_config "$1" "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' "${@:2}"
}

initrd=$(answering | with_job)
good_file=$(guest good "disk = [ '$(image good),raw,xvda,w' ]" "vif = [ 'mac=00:16:3e:00:00:31' ]")
disks=""
for letter in a b c d e f; do disks="$disks'$(image "$letter"),raw,xvd$letter,w', "; done
rogue_file=$(guest rogue "disk = [ $disks ]" "vif = [ 'mac=00:16:3e:00:00:32', 'mac=00:16:3e:00:00:33' ]")
succeeds "one that behaves is created" pvhctl create "$good_file" || return
succeeds "so is one that will not" pvhctl create "$rogue_file" || return
image g >/dev/null
within 60 "the one is up" console_says good '^guest: listens' || return
within 60 "the other, too" console_says rogue '^guest: listens' || return
good=$(domid_of good) id=$(domid_of rogue)
uuid=$(pvhctl --json list | jq -r '.domains[] | select(.name == "rogue").uuid')
rogue() { ask rogue "$@"; }
rogue 'ip link set eth0 up; ip link set eth1 up' >/dev/null
ask good 'ip link set eth0 up; ip addr add 10.7.0.2/24 dev eth0' >/dev/null

# All of xenstore but what is the rogue's.
others() { xenstore-ls -fp | grep -vE "$volatile_nodes|/$id(/| )|^/vm/$uuid" | sort; }
others_unchanged() { is "$(others | diff "$WORK/others" -)" "" "$1"; }
connected() { [ "$(xenstore-read "/local/domain/0/backend/$1/state" 2>/dev/null)" = 4 ]; } # KIND/DOMID/DEVID
for device in "vbd/$good/51712" "vif/$good/0" "vbd/$id/51712" "vif/$id/0" "vif/$id/1"; do within 20 "$device is connected" connected "$device"; done
others >"$WORK/others"
volatile_of_both='/data|/attr|/error|/control'
xenstore-ls -f | grep "/$id/" | grep -vE "$volatile_of_both" >"$WORK/own"

quick=1 # seconds of an idle machine
seconds_of() { # COMMAND...: hundredths, rounded up
    local start
    start=$(date +%s%N)
    "$@" >"$WORK/printed" 2>&1
    status=$?
    hundredths=$((($(date +%s%N) - start) / 10000000 + 1))
}
in_time() { # SECONDS OUTCOME COMMAND...: it succeeds, in so many
    local limit=$(($1 * patience * 100)) outcome=$2 status hundredths
    seconds_of "${@:3}"
    [ "$status" = 0 ] && [ "$hundredths" -le "$limit" ] && ok "$outcome" && return
    not_ok "$outcome" || diag "status $status after $((hundredths / 100)) s of $((limit / 100)): ${*:3}" "$(tail -n5 "$WORK/printed")"
}

# What pvhctl tells of the rogue, in text and in JSON.
answers() { # OUTCOME
    local status hundredths words worst=0 bad=""
    for words in list "list rogue" "block-list rogue" "network-list rogue" "vcpu-list rogue" info; do
        # shellcheck disable=SC2086
        seconds_of pvhctl $words
        [ "$status" = 0 ] || bad="$bad; $words: $(head -n1 "$WORK/printed")"
        [ "$hundredths" -le "$worst" ] || worst=$hundredths
        # shellcheck disable=SC2086
        seconds_of pvhctl --json $words
        [ "$status" = 0 ] && jq -e . <"$WORK/printed" >/dev/null 2>&1 || bad="$bad; --json $words: $(head -c200 "$WORK/printed")"
        is_clean <"$WORK/printed" || bad="$bad; --json $words holds bytes below space"
        [ "$hundredths" -le "$worst" ] || worst=$hundredths
    done
    [ "$worst" -le $((quick * patience * 100)) ] || bad="$bad; the slowest took $worst hundredths of a second"
    is "$bad" "" "$1"
    slowest=$worst
}
is_clean() { ! tr -d '\n' | grep -q '[[:cntrl:]]'; }

resident() { awk '/^VmRSS/ {print $2}' "/proc/$(pvhd_pid)/status"; } # KiB

answers "pvhctl tells of it before"
diag "the slowest answer took $slowest hundredths of a second"
resident_before=$(resident)

# 1. The nodes of others, its own backends, the toolstack's record.
foreign="/local/domain/0/backend/vbd/$id/51712/state /local/domain/0/backend/vif/$id/0/mac /local/domain/0/backend/vif/$good/0/state
    /local/domain/$good/device/vif/0/state /local/domain/$good/control/shutdown /libxl/$id/device/vbd/51712/backend /libxl/$id/type
    /vm/$uuid/name /local/domain/0/error/backend/vif/$id/0/error /tool/x name domid device/vbd/99/backend device/vif/7 memory/target
    console/tty console/ring-ref cpu/0/availability store/port"
# What is not there can be removed by anybody, as far as xenstored says.
is "$(rogue "for path in $(xargs <<<"$foreign"); do echo 0 | store write \$path; done" | tr ' ' '\n' | sort | uniq -c | xargs)" \
    "$(wc -w <<<"$foreign") EACCES" "what is not its own it cannot write"
unlike "$(rogue "for path in $(xargs <<<"$foreign"); do store rm \$path; done")" 'what|long' "it tries to remove it, too"
others_unchanged "nothing else in xenstore has changed"
is "$(xenstore-ls -f | grep "/$id/" | grep -vE "$volatile_of_both" | diff "$WORK/own" -)" "" "nor of its own what it may not write"

# 2. Its own nodes, with what is another's.
good_vif=/local/domain/0/backend/vif/$good/0 good_vbd=/local/domain/0/backend/vbd/$good/51712
writes() { # VALUE PATH...: as it is, without a newline
    is "$(rogue "for path in ${*:2}; do printf %s '$1' | store write \$path; done" | tr ' ' '\n' | sort -u | xargs)" ok "it writes $1"
}
writes "$good_vif" device/vif/0/backend device/vif/1/backend
writes "$good_vbd" device/vbd/51712/backend
writes "$good" device/vif/0/backend-id device/vif/1/backend-id device/vbd/51712/backend-id
writes 00:16:3e:00:00:31 device/vif/0/mac
writes 51728 device/vbd/51712/virtual-device
answers "and pvhctl answers"
is "$(pvhctl --json network-list rogue | jq -c '[.domains[0].devices[] | [.mac, .backend_domid, .backend_path]]')" \
    "[[\"00:16:3e:00:00:32\",0,\"/local/domain/0/backend/vif/$id/0\"],[\"00:16:3e:00:00:33\",0,\"/local/domain/0/backend/vif/$id/1\"]]" \
    "its interfaces are on record as they were made"
fails "by a MAC that another has it has none" 'has no interface' pvhctl network-detach rogue 00:16:3e:00:00:31
in_time 12 "an interface that points at another's is taken away by force" pvhctl network-detach --force rogue 0
is "$(ip -o link show "vif$id.0" 2>/dev/null)" "" "it is this one that goes"
like "$(ip -o link show "vif$good.0")" 'master xenbr0' "and the other stays"
others_unchanged "nothing else in xenstore has changed"

# 3. States. The kernel's own drivers in the guest do not know of it. One disk is of xl, whose script makes loop devices that stay.
state() { rogue "printf '%s' '$2' | store write device/vbd/$1/state"; } # DEVID STATE
backend_is() { [ "$(xenstore-read "/local/domain/0/backend/vbd/$id/$1/state" 2>/dev/null)" = "$2" ]; }
note=/var/lib/xen/userdata-d.$id.$uuid.libxl-json
echo '{}' >"$note" # which xl wants to be there
succeeds "xl attaches a disk" xl block-attach rogue "file:$WORK/g.img" xvdg w
rm "$note"
within 20 "it is connected" connected "vbd/$id/51808"
rogue 'for disk in 51728 51776; do echo vbd-$disk >/sys/bus/xen/drivers/vbd/unbind; done' >/dev/null
within 10 "a disk whose driver lets go is closed" backend_is 51728 6
state 51728 1 >/dev/null
within 10 "it can go back to the beginning" backend_is 51728 2
state 51776 5 >/dev/null
within 10 "one that says it closes has a backend that does" backend_is 51776 5
state 51744 banana >/dev/null
state 51808 banana >/dev/null
rogue 'store rm device/vbd/51760' >/dev/null
answers "pvhctl answers with all these"
in_time 12 "a disk in no state at all is detached" pvhctl block-detach rogue xvdc
in_time 12 "one without a frontend is detached" pvhctl block-detach rogue xvdd
start=$SECONDS
fails "one that began anew is not" 'disk xvdb of d[0-9]+: the guest did not answer in 10 s' pvhctl block-detach rogue xvdb
fails "nor one that closes for ever" 'disk xvde of d[0-9]+: the guest has begun to close it, and did not end in 10 s' pvhctl block-detach rogue xvde
for vdev in xvdb xvde; do in_time 12 "$vdev goes by force" pvhctl block-detach --force rogue "$vdev"; done
repeating=$(rogue 'store repeat device/vbd/51792/state 4 >/dev/null 2>&1 & echo $!')
# A backend that looks in the right moment sees what the guest's driver says between two of these.
pvhctl block-detach rogue xvdf >"$WORK/answer" 2>&1 ||
    like "$(cat "$WORK/answer")" 'disk xvdf of d[0-9]+: the guest (did not answer|has begun)' "nor one that says without a pause that it is connected"
[ $((SECONDS - start)) -le $((36 * patience)) ] && ok "all in time" || not_ok "all in time"
like "$(pvhctl --json block-list rogue | jq -c '[.domains[0].devices[].vdev]')" '^\["xvda",("xvdf",)?"xvdg"\]$' "so these are left"
[ ! -s "$WORK/answer" ] || in_time 12 "xvdf goes by force, while the guest writes on" pvhctl block-detach --force rogue xvdf
rogue "kill $repeating" >/dev/null
is "$(losetup -a | grep -c "$WORK/[b-f].img")" 0 "no loop device of theirs is left"
is "$(losetup -a | grep -c "$WORK/[ag].img")" 2 "but that of the disk that stays, and xl's, which nobody serves"
test ! -e "/sys/devices/vbd-$id-51808" && ok "nobody does" || not_ok "nobody does"
others_unchanged "nothing else in xenstore has changed"

# 4. Bytes, sizes, depths.
rogue "printf '4\000\377\376\033[2J' | store write device/vbd/51712/state" >/dev/null
rogue "printf '\377\376\000' | store write device/vif/1/mac; printf -- '-1' | store write device/vif/1/event-channel" >/dev/null
rogue "printf '99999999999999999999' | store write device/vif/1/tx-ring-ref; printf '1e3' | store write device/vbd/51712/ring-ref" >/dev/null
rogue "printf '\033[2J\377' | store write control/feature-poweroff; head -c 2000 /dev/urandom | store write control/shutdown" >/dev/null
is "$(rogue 'head -c 5000 /dev/zero | store write device/vif/1/handle')" "too long to be sent" "what is longer than a message is not sent"
is "$(rogue 'store deepen device/vbd/51712/d 300')" ok "it makes 300 nodes, each in the one before"
filled=$(rogue 'store fill device/vif/1/fill 2000')
like "$filled" '^[0-9]{2,} (EQUOTA|ENOSPC)$' "and large ones until it may have no more"
diag "these are: $filled"
like "$(rogue 'echo | store write data/more')" 'EQUOTA|ENOSPC|E2BIG' "its quota is used up"
answers "pvhctl answers"
diag "the slowest answer took $slowest hundredths of a second, among $(xenstore-ls -f "/local/domain/$id" | wc -l) nodes of its own"
is "$(pvhctl --json block-list rogue | jq -c '[.domains[0].devices[] | select(.vdev == "xvda") | [.state, .ring_ref]]')" '[[0,null]]' "what is no number is none"
is "$(pvhctl --json network-list rogue | jq -c '[.domains[0].devices[] | [.mac, .event_channel, .tx_ring_ref]]')" '[["00:16:3e:00:00:33",null,null]]' "nor an interface's"
fails "a shutdown that it does not listen for is an error" 'does not listen for poweroff' pvhctl shutdown rogue
in_time 12 "it gets another disk" pvhctl block-attach rogue "$WORK/b.img,raw,xvdb,w"
in_time 12 "and loses it" pvhctl block-detach --force rogue xvdb
for _ in $(seq 20); do pvhctl --json block-list rogue >/dev/null; done
grown=$(($(resident) - resident_before))
diag "pvhd has $(resident) KiB resident, $grown more than before"
[ "$grown" -lt 8192 ] && ok "pvhd has not grown by what the guest wrote" || not_ok "pvhd has not grown by what the guest wrote"
succeeds "pvhd is killed" stop_pvhd -KILL
succeeds "the next one starts among all this" start_pvhd
answers "and answers as well"

# 5. The end of it, its devices still pointing at the other's.
in_time 12 "it is destroyed" pvhctl destroy rogue
is "$(xenstore-ls -f | grep -E "/$id(/| )")" "" "nothing in xenstore has its number"
is "$(losetup -a | grep -c "$WORK/[a-g].img")" 0 "no loop device of its is left"
is "$(ip -o link show "vif$id.1" 2>/dev/null)" "" "nor an interface"
others_unchanged "nothing else in xenstore has changed"
is "$(ask good 'sum xvda')" "$(sum "$WORK/good.img")" "the one that behaves reads its disk"
like "$(ask good 'ping -c 1 -W 20 10.7.0.1')" ' 0% packet loss' "and reaches dom0"
ask good 'dd if=/dev/urandom of=/dev/xvda bs=64k count=1 conv=notrunc,fsync' >/dev/null
written=$(ask good 'sum xvda')
succeeds "it is destroyed in its turn" pvhctl destroy good
is "$(sum "$WORK/good.img")" "$written" "and its image has what it wrote"
ip link del xenbr0
