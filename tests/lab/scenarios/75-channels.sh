# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016
# Channels: consoles for programs, which pvhconsoled serves as pseudo-terminals and sockets, without a QEMU.
# needs: long
# limit: 240
#
# 1. A Linux guest finds them as /dev/hvc1 and /dev/hvc2, connected; pvhctl channel-list prints what xl channel-list does.
# 2. What either end sends arrives whole at the other, both ways, by pseudo-terminal and socket; what nobody took is kept.
# 3. pvhconsoled is killed and started again: the guest stays connected, and data flows.
# 4. The guest closes a channel and opens it anew; what it offers may be of no use, and dom0 is as it was.
# 5. A restart of the guest brings them back; at the end nothing of them is left.
# 6. What cannot be is refused before anything is built: no pvhconsoled, a path that somebody serves.

socket=$WORK/agent
size=200000
head -c $size /dev/urandom >"$WORK/data"
sum=$(sha256sum <"$WORK/data" | cut -d' ' -f1)

channels="channel = [ \"connection=pty,name=org.test.log\", \"connection=socket,path=$socket,name=org.test.agent\" ]"

# A guest that holds both open, raw, and does what it is told.
initrd=$({
    echo 'exec 3<>/dev/hvc1 4<>/dev/hvc2; stty raw -echo <&3; stty raw -echo <&4'
    echo "send() { cat /tmp/data >&\$1; }; get() { head -c $size <&\$1 >/tmp/got; }"
    echo 'sum() { sha256sum <"$1" | cut -d" " -f1; }'
    answering | grep -v '^sum'
} | with_job)

frontend() { echo "/local/domain/$(domid_of web)/device/console/$1"; }
backend() { echo "/local/domain/0/backend/console/$(domid_of web)/$1"; }
state() { xenstore-read "$(frontend "$1")/state" "$(backend "$1")/state" | tr '\n' ' '; }
is_connected() { [ "$(state 1)$(state 2)" = "4 4 4 4 " ]; }
tty() { xenstore-read "$(frontend 1)/tty"; }
has_bytes() { [ "$(stat -c %s "$1")" -ge "$2" ]; } # FILE BYTES
sum_of() { sha256sum <"$1" | cut -d' ' -f1; }

# exchange WORDS: a file goes to the guest by each channel and comes back by the same.
exchange() {
    cat "$(tty)" >"$WORK/from-pty" &
    local reader=$!
    cat "$WORK/data" >"$(tty)" &
    is "$(ask web 'get 3; sum /tmp/got')" "$sum" "$1: dom0 to guest by pseudo-terminal"
    ask web 'mv /tmp/got /tmp/data; send 3 & echo sent' >/dev/null
    within 60 "$1: all of it comes back" has_bytes "$WORK/from-pty" $size
    is "$(sum_of "$WORK/from-pty")" "$sum" "$1: guest to dom0 by pseudo-terminal"
    kill "$reader"
    socat -u "FILE:$WORK/data" "UNIX-CONNECT:$socket" &
    is "$(ask web 'get 4; sum /tmp/got')" "$sum" "$1: dom0 to guest by socket"
    ask web 'send 4 & echo sent' >/dev/null
    socat -u "UNIX-CONNECT:$socket" - >"$WORK/from-socket" &
    reader=$!
    within 60 "$1: all of it comes back" has_bytes "$WORK/from-socket" $size
    kill "$reader"
    is "$(sum_of "$WORK/from-socket")" "$sum" "$1: guest to dom0 by socket"
}

# ---- connected -----------------------------------------------------------------------------------------------------

create_with pvhctl "$(linux_config web "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job"' 'on_reboot = "restart"' "$channels")" || return
within 40 "the guest listens" console_says web '^guest: listens' || return
within 10 "both channels are connected" is_connected || { diag "$(xenstore-ls -fp | grep console)"; return; }
diag "$(xenstore-ls -fp | grep -E "/console/.*[12]( |/)")"
diag "$(xl channel-list web)"
is "$(pvhctl channel-list web)" "$(xl channel-list web)" "pvhctl channel-list prints what xl channel-list does"
like "$(xl channel-list web)" "^1 +0 +4 +[0-9]+ +[0-9]+ +socket" "xl channel-list shows the socket, connected"
like "$(xl channel-list web)" "^0 +0 +4 +[0-9]+ +[0-9]+ +pty +$(tty)" "and the pseudo-terminal with its path"
is "$(pvhctl --json channel-list web | jq -c '[.domains[0].devices[] | [.devid, .name, .connection, .state, .backend_state]]')" \
    '[[1,"org.test.log","pty",4,4],[2,"org.test.agent","socket",4,4]]' "--json has their names"
is "$(pvhctl --json channel-list web | jq -r '.domains[0].devices[1].path')" "$socket" "and the path of the socket"
is "$(stat -c %a "$socket")" 600 "the socket is root's alone"
is "$(ask web 'cat /sys/bus/xen/devices/console-1/devtype; ls /sys/bus/xen/devices | grep -c console')" "console 2" "the guest has two"

# ---- data ----------------------------------------------------------------------------------------------------------

exchange "at first"
ask web 'printf kept >&4; printf kept >&3' >/dev/null
sleep 1
is "$(timeout 5 socat -u "UNIX-CONNECT:$socket" - </dev/null | head -c 4)" kept "what came while nobody was there is kept"
is "$(head -c 4 "$(tty)")" kept "by the pseudo-terminal, too"
ask web 'printf shown >&4; printf shown >&3' >/dev/null
for name in org.test.agent org.test.log; do
    is "$(pvhctl console --channel $name --linger 2 web </dev/null)" shown "pvhctl console --channel $name shows it"
done
printf 'to the guest' | pvhctl console --channel org.test.log --linger 1 web
is "$(ask web 'head -c 12 <&3')" 'to the guest' "and sends what is typed"
fails "a channel that is not there" 'web has no channel org.none' pvhctl console --channel org.none web
socat -u UNIX-CONNECT:"$socket" - >"$WORK/first" &
first=$!
sleep 1
echo second | timeout 5 socat -u - "UNIX-CONNECT:$socket" &
second=$!
sleep 1
ask web 'printf first >&4' >/dev/null
within 10 "one client at a time has it" has_bytes "$WORK/first" 5
kill "$first"
is "$(ask web 'head -c 6 <&4')" second "what one in line has sent comes when it is its turn"
wait "$second"

# A client that does not read, a guest that floods.
socat -u UNIX-CONNECT:"$socket" "PIPE:$WORK/full" &
stuck=$!
sleep 1
kill -STOP "$stuck"
is "$(ask web 'dd if=/dev/zero bs=64k count=18 2>/dev/null >&4; echo done')" "done" "a client that does not read holds no guest"
kill -CONT "$stuck"
kill "$stuck"

# ---- pvhconsoled is killed -----------------------------------------------------------------------------------------

before=$(xenstore-read "$(frontend 1)/ring-ref" "$(frontend 1)/port" "$(frontend 2)/ring-ref" "$(frontend 2)/port")
tty_before=$(tty)
has_another_tty() { [ -n "$(tty)" ] && [ "$(tty)" != "$tty_before" ]; }
stop_pvhconsoled -KILL
succeeds "its socket is left behind" test -S "$socket"
start_pvhconsoled
within 10 "a new one takes the channels up" has_another_tty
is "$(xenstore-read "$(frontend 1)/ring-ref" "$(frontend 1)/port" "$(frontend 2)/ring-ref" "$(frontend 2)/port")" "$before" "the guest was connected all the while"
is "$(state 1)$(state 2)" "4 4 4 4 " "and is"
exchange "after a death of pvhconsoled"
stop_pvhconsoled
is "$(test -e "$socket" && echo there)" "" "one that ends in order takes its socket with it"
start_pvhconsoled
within 10 "and the next one makes it" test -S "$socket"

# ---- the guest changes its mind ------------------------------------------------------------------------------------

ask web 'exec 3>&- 4>&-; echo console-1 >/sys/bus/xen/drivers/xenconsole/unbind' >/dev/null
within 10 "the guest closes one" eval '[ "$(state 1)" = "6 6 " ]'
# hvc_xen begins anew without a state of its own, and closes at once if it still sees the backend closed: it is told by
# the way other frontends take.
xenstore-write "$(frontend 1)/state" 1
within 10 "the backend waits for another beginning" eval '[ "$(state 1)" = "1 2 " ]'
ask web 'echo console-1 >/sys/bus/xen/drivers/xenconsole/bind' >/dev/null
within 20 "and the guest opens it anew" is_connected
xenstore-write "$(frontend 1)/ring-ref" 99999 "$(frontend 1)/state" 6
within 10 "it is let go" eval '[ "$(xenstore-read "$(backend 1)/state")" = 6 ]'
xenstore-write "$(frontend 1)/state" 3
within 10 "a ring that is none is refused" eval '[ "$(xenstore-read "$(backend 1)/state")" = 5 ]'
like "$(xenstore-read "/local/domain/0/error$(backend 1 | sed 's,/local/domain/0,,')/error")" . "with the reason"
for i in $(seq 50); do xenstore-write "$(frontend 1)/state" $((i % 7)); done
is "$(ask web 'printf well >&4; echo still')" still "the other goes on"
is "$(timeout 5 socat -u "UNIX-CONNECT:$socket" - </dev/null | tail -c 4)" well "with its data"

# ---- restart, end --------------------------------------------------------------------------------------------------

old=$(domid_of web)
echo '0 reboot -f' >"$(xenstore-read "/local/domain/$old/console/tty")"
within 60 "the guest restarts" lives_anew web "$old"
within 60 "with its channels" is_connected
within 40 "and listens" eval '[ "$(console web | grep -c "^guest: listens")" = 2 ]'
exchange "after a restart"
succeeds "destroy" pvhctl destroy web
within 10 "the socket goes with it" eval "! test -e $socket"
is "$(xenstore-ls -f / | grep -c 'backend/console/\|error/backend/console')" 0 "and all nodes"

# ---- what cannot be ------------------------------------------------------------------------------------------------

socat UNIX-LISTEN:"$socket" - </dev/null >/dev/null &
owner=$!
sleep 1
fails "a path that somebody serves is refused, with his number" "channel org.test.agent.*$socket is already served by pid $owner" \
    pvhctl create "$(config taken "$channels")"
kill "$owner" 2>/dev/null
wait "$owner"
rm -f "$socket"
echo precious >"$socket"
fails "a file in its place, too" "$socket exists and is no socket" pvhctl create "$(config taken "$channels")"
is "$(cat "$socket")" precious "and stays"
rm "$socket"
stop_pvhconsoled
fails "without pvhconsoled there are none" 'channel org.test.log: channels are served by pvhconsoled, which does not run' \
    pvhctl create "$(config taken "$channels")"
start_pvhconsoled
diag "xl create of one: $(xl create -q "$(config xls "$channels")" 2>&1 | head -n3)"
xl destroy xls 2>/dev/null
true
