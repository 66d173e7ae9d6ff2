# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Consoles by pvhconsoled: what guests print is kept, and who reads, does not read or dies disturbs nobody.
# limit: 150
#
# 1. The first line of the kernel's log is kept; create -c shows it, and all that follows.
# 2. Several clients read what the guest prints, one types; --write takes over, and gives back at its end; xl console works beside them.
# 3. pvhd and pvhconsoled are killed while the guest prints: no line is lost, none comes twice, the guest goes on.
# 4. A stopped client harms nobody, and has all once it goes on; a guest that floods its console leaves dom0 its CPU.
# 5. After the domain's end what it printed is shown by name and by UUID.
# 6. A domain that was made without pvhconsoled has xenconsoled's console, and no history: pvhctl says so.

type_of() { xenstore-read "/local/domain/$(domid_of "$1")/console/type"; }

# attach FILE OPTION...: a client that only reads, in the background, into FILE; sets $client.
attach() {
    pvhctl console web --read-only "${@:2}" </dev/null >"$1" 2>"$1.err" &
    client=$!
}

file_says() { tr -d '\r' <"$1" | grep -qE -- "$2"; } # FILE REGEX

# type_line TEXT OPTION...: leaves what it saw in $WORK/typed, what pvhctl had to say in $WORK/typed.err.
type_line() {
    printf '%s\r' "$1" | timeout $((10 * patience)) pvhctl console web --linger 1 "${@:2}" >"$WORK/typed" 2>"$WORK/typed.err"
}

counted() { console web | sed -n "s/^$1 \([0-9][0-9]*\)$/\1/p"; } # WORD

cpu_ticks() { awk '{print $14 + $15}' "/proc/$(pvhconsoled_pid)/stat"; }

# ---- the first line ------------------------------------------------------------------------------------------------

create_with pvhctl "$(linux_config web 'extra = "console=hvc0"' 'vcpus = 1')" || return
is "$(type_of web)" pvhconsoled "pvhconsoled serves the console" || return
within 40 "the guest's shell is there" console_says web '^guest: a shell' || return
like "$(console web | head -n1)" '^\[ *0\.0+\] Linux version ' "the first line of the kernel's log is kept"

# ---- clients -------------------------------------------------------------------------------------------------------

mkfifo "$WORK/keys"
pvhctl console web <"$WORK/keys" >"$WORK/first" 2>&1 &
exec 5>"$WORK/keys"
attach "$WORK/second"
second=$client
xl console web </dev/null >"$WORK/xl" 2>/dev/null &
xl=$!
# What is said before somebody listens he does not hear: it is said until all have heard it.
all_told() { printf 'echo told-$((40 + 2))\r' >&5 && sleep 1 && for file in first second xl; do file_says "$WORK/$file" '^told-42' || return; done; }
poll $((10 * patience)) all_told
within 10 "the one who types sees the answer" file_says "$WORK/first" '^told-42'
within 10 "one who only reads, too" file_says "$WORK/second" '^told-42'
within 10 "xl console, too" file_says "$WORK/xl" '^told-42'
kill "$xl"
type_line 'echo in-$((6 * 7))-vain'
like "$(cat "$WORK/typed.err")" 'You only read: pid [0-9]+ uid 0 writes. --write takes over' "a third one is told who types"
type_line 'echo over-$((6 * 7))' --write
within 10 "--write takes over" console_says web '^over-42'
printf 'echo back-$((6 * 7))\r' >&5
within 10 "and gives back at its end" console_says web '^back-42'
unlike "$(console web)" '^in-42-vain' "what the third one typed went nowhere"
type_to_xl() { printf 'echo xl-$((6 * 7))\r' >&6 && sleep 1 && console_says web '^xl-42'; } # what comes before its console is there is lost
{ poll $((10 * patience)) type_to_xl; printf '\035'; } 6>&1 |
    timeout $((20 * patience)) script -qefc 'xl console web' /dev/null >/dev/null 2>&1
within 10 "xl console types, too" console_says web '^xl-42'
exec 5>&-
kill "$second"

# ---- killed ones ---------------------------------------------------------------------------------------------------

lines=1500
type_line "i=0; while [ \$i -lt $lines ]; do i=\$((i + 1)); echo count \$i; done; echo count-\$((6 * 7))"
within 20 "the guest prints" console_says web '^count 10$'
stop_pvhd -KILL
stop_pvhconsoled -KILL
sleep 1
start_pvhconsoled
sleep 1
stop_pvhconsoled -KILL
start_pvhconsoled
within 40 "the guest goes on without pvhd, and over two deaths of pvhconsoled" console_says web '^count-42'
is "$(counted count | wc -l)" "$lines" "no line is lost"
is "$(counted count)" "$(seq "$lines")" "and none comes twice"
start_pvhd
succeeds "pvhconsoled ends on SIGTERM" stop_pvhconsoled -TERM
start_pvhconsoled
type_line 'echo again-$((6 * 7))'
within 10 "a new one serves clients" console_says web '^again-42'

# ---- those who do not read, and floods -----------------------------------------------------------------------------

attach "$WORK/stopped" --replay --follow
stopped=$client
poll $((10 * patience)) test -s "$WORK/stopped" # it is attached
kill -STOP "$stopped"
attach "$WORK/other"
type_line "i=0; while [ \$i -lt 2000 ]; do i=\$((i + 1)); echo flood \$i; done; echo flood-\$((6 * 7))"
ticks=$(cpu_ticks) begin=$(date +%s%N)
succeeds "dom0 answers while a guest floods its console" timeout $((5 * patience)) pvhctl list
within 60 "the guest is not held by a stopped client" file_says "$WORK/other" '^flood-42'
took=$((($(date +%s%N) - begin) / 10000000)) ticks=$(($(cpu_ticks) - ticks)) # both in 10 ms
diag "pvhconsoled took $((100 * ticks / took))% of dom0's CPU for the flood"
ok_share=$((100 * ticks < 60 * took))
is "$ok_share" 1 "pvhconsoled leaves dom0 its CPU"
kill -CONT "$stopped"
within 10 "the stopped one has all of it, once it goes on" file_says "$WORK/stopped" '^flood-42'

# ---- after the end -------------------------------------------------------------------------------------------------

uuid=$(xenstore-read "/local/domain/$(domid_of web)/vm" | sed 's,/vm/,,')
is_quiet() { pvhctl console --replay web >"$WORK/living" && sleep 1 && pvhctl console --replay web | cmp -s - "$WORK/living"; }
within 10 "the guest prints nothing more" is_quiet
succeeds "destroy" pvhctl destroy web
wait "$client"
is "$?" 0 "clients end with the domain"
pvhctl console --replay web >"$WORK/ended"
succeeds "what it printed is shown by name" cmp "$WORK/living" "$WORK/ended"
pvhctl console --replay "$uuid" >"$WORK/ended"
succeeds "and by UUID" cmp "$WORK/living" "$WORK/ended"
fails "there is nothing to attach to" '"web" has ended.*' pvhctl console web

timeout $((60 * patience)) pvhctl create -q -c "$(linux_config short 'extra = "console=hvc0 pvh.do=poweroff"' 'vcpus = 1')" </dev/null >"$WORK/short" 2>&1
like "$(head -n1 "$WORK/short")" '^\[ *0\.0+\] Linux version ' "create -c shows the first line"
within 10 "and leaves when the domain ends" gone short
pvhctl console --replay short >"$WORK/kept"
succeeds "it has shown all that was kept" cmp "$WORK/short" "$WORK/kept"
like "$(ls "$console_histories" | wc -l)" '^([0-9]|[1-3][0-9])$' "histories are bounded"

# ---- without pvhconsoled -------------------------------------------------------------------------------------------

stop_pvhconsoled
fails "without pvhconsoled a replay says so" 'pvhconsoled' pvhctl console --replay short
create_with pvhctl "$(config bare)"
is "$(type_of bare)" xenconsoled "a domain made without it has xenconsoled's console"
start_pvhconsoled
fails "and no history" 'pvhconsoled has no console of name "bare"' pvhctl console --replay bare
succeeds "its console opens all the same" timeout $((10 * patience)) pvhctl console bare --linger 0.1 </dev/null
destroy_with pvhctl bare
