# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Bad company: clients that mean no good, xl that works on the same domains at the same time, a full disk, a clock that jumps.
# needs: long
# limit: 300
#
# 1. A thousand connections of nobody's, half open or that never read, a flood of requests, a frame without an end: root is answered
#    meanwhile, pvhd has not grown when they are gone.
# 2. xl destroys, renames and pauses what we create, two destroy the same, a destroy in the middle of a create, a reboot in the
#    middle of a shutdown: each call is answered, nothing is left.
# 3. A full disk: what cannot be written down is refused, and nothing of it is left.
# 4. The clock goes a day ahead and back: waits last as long as they were to.

remember "$WORK/state"
stop_pvhd
printf 'reader_users = [ "nobody" ]\n' >"$WORK/settings"
LAB_PVHD_ARGS="--log-level info --settings $WORK/settings" start_pvhd || { not_ok "pvhd starts with readers"; return; }
chmod 666 /run/pvhd/pvhd.sock
resident() { awk '$1 == "VmRSS:" {print $2}' "/proc/$(pvhd_pid)/status"; } # KiB
small=$(config small)
succeeds "a domain is created" pvhctl create "$small"
pvhctl destroy small
before=$(resident)

# ---- clients

# company KIND COUNT: pvhd has it while `answered` is asked.
company() {
    clients /run/pvhd/pvhd.sock "$1" "$2" >"$WORK/$1" &
    guest_of_honour=$!
    within 40 "$1: they have come" test -s "$WORK/$1"
    connections=$(pvhctl metrics | sed -n "s/^pvhd_connections //p")
    diag "$1: $(cat "$WORK/$1"), at once $connections"
    succeeds "$1: root is answered" pvhctl list
    succeeds "$1: and can create" pvhctl create "$small"
    succeeds "$1: and destroy" pvhctl destroy small
    diag "$1: pvhd has $(($(resident) - before)) KiB more"
    kill "$guest_of_honour"
    wait "$guest_of_honour" 2>/dev/null
}
company half 1000
# On a slow machine some are closed for being half open for long, and others take their place.
is "$((connections > 100 && connections <= 130))" 1 "half of all connections, and no more, are one user's: $connections"
company mute 1000
within 20 "all are gone" eval '[ "$(pvhctl metrics | sed -n "s/^pvhd_connections //p")" -le 2 ]'
is "$(clients /run/pvhd/pvhd.sock flood 20000)" "answered 20000" "a flood is answered to its end"
taken=$(clients /run/pvhd/pvhd.sock frame 1024 | cut -d' ' -f2)
like "$((taken < 16 << 20))" 1 "of a frame of a GiB it takes $((taken >> 10)) KiB"
like "$(($(resident) - before < 65536))" 1 "pvhd has grown by $(($(resident) - before)) KiB, less than 64 MiB"
like "$(grep -c 'turning a client away' "$pvhd_log")" '^([1-9]|[1-9][0-9]|[1-9][0-9][0-9])$' "the log has some of those turned away, not all"
stop_pvhd
start_pvhd

# ---- xl at the same time

victim=$(config victim 'cmdline = "sleep"')
# However it ends, it ends with one line, and pvhd goes on.
tries=0 odd=""
try() {
    local status=0
    timeout $((40 * patience)) "$@" >"$WORK/said" 2>&1 || status=$?
    tries=$((tries + 1))
    [ "$status" -lt 124 ] || odd="$odd; $* ended with $status"
}
clean() { # xl does not know of names that we have reserved: there may be two of it
    local id
    try pvhctl destroy victim
    for id in $(xl list | awk '$1 == "victim" {print $2}'); do xl destroy "$id" >/dev/null 2>&1; done
    within 10 "$1: the name is free" gone_for_pvhd victim
}
seen() { poll $((10 * patience)) domid_of victim >/dev/null; }
for round in 1 2 3; do
    pvhctl create "$victim" >/dev/null 2>&1 & creator=$!
    seen && try xl destroy victim
    wait "$creator"
    clean "xl destroys during a create ($round)"
done
pvhctl create "$victim" >/dev/null 2>&1 & creator=$!
seen && try xl pause victim
wait "$creator"
clean "xl pauses during a create"
succeeds "create" pvhctl create "$victim"
pvhctl destroy victim >"$WORK/first" 2>&1 & first=$!
try pvhctl destroy victim
wait "$first"
clean "two destroy it"
pvhctl create "$victim" >/dev/null 2>&1 & creator=$!
try pvhctl destroy victim
wait "$creator"
clean "a destroy in the middle of a create"
succeeds "create" pvhctl create "$victim"
xl rename victim other
pvhctl destroy other >/dev/null 2>&1 & first=$!
try xl rename other victim
wait "$first"
clean "xl renames what we destroy"
for round in 1 2 3; do # numbers are not used again soon, names are
    xl create -q "$victim" >/dev/null 2>&1 & creator=$!
    try pvhctl create "$victim"
    wait "$creator"
    clean "xl and we create it ($round)"
done
linux=$(linux_config victim 'on_reboot = "restart"')
succeeds "a Linux guest is created" pvhctl create "$linux"
within 60 "it is ready" ready victim
pvhctl shutdown victim >/dev/null 2>&1 & first=$!
try pvhctl reboot victim
wait "$first"
sleep 3
clean "a reboot in the middle of a shutdown"
is "$odd" "" "each of $tries calls was answered in time"

# ---- a full disk

stop_pvhd
mount -t tmpfs -o size=64k none /var/lib/pvhd
start_pvhd
dd if=/dev/zero of=/var/lib/pvhd/full bs=1k 2>/dev/null
fails "a create that cannot be written down is refused" 'No space left' pvhctl create "$small"
is "$(domid_of small)" "" "and leaves no domain"
rm /var/lib/pvhd/full
succeeds "with room again it works" pvhctl create "$small"
dd if=/dev/zero of=/var/lib/pvhd/full bs=1k 2>/dev/null
succeeds "destroy needs no room" pvhctl destroy small
is "$(find /var/lib/pvhd -name '*.json' | wc -l)" 0 "and its file is gone"
stop_pvhd
umount /var/lib/pvhd
start_pvhd

# ---- the clock

succeeds "create" pvhctl create "$(config sleeper 'cmdline = "sleep"')"
begin=$(cut -d. -f1 /proc/uptime)
pvhctl wait sleeper --for gone --timeout 6 >"$WORK/waited" 2>&1 & waiter=$!
sleep 1
date -s "@$(($(date +%s) + 86400))" >/dev/null
sleep 1
succeeds "a day later pvhctl is answered" pvhctl list
date -s "@$(($(date +%s) - 86400))" >/dev/null
wait "$waiter"
lasted=$(($(cut -d. -f1 /proc/uptime) - begin))
like "$((lasted >= 5 && lasted <= 6 + 10 * patience))" 1 "a wait of 6 s took $lasted s"
pvhctl destroy sleeper
is "$(leaks "$WORK/state")" "" "nothing is left behind"
