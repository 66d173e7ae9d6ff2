# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What happens to domains is told: by us and by xl, in order, without gaps, over kill -9.
# limit: 200
#
# 1. A follower hears of create, pause, end and restart as they happen, and of what xl does.
# 2. pvhd is killed and started anew: the follower goes on by itself, hears of what ended meanwhile, and has every number once.
# 3. events --since tells the same again; an old number of another log is refused.
# 4. pvhctl wait returns with the reason, or when its time is up.

begin=$(pvhctl events --json | tail -n1 | jq .seq)
begin=${begin:-0}
pvhctl events --follow --json --since "$begin" >"$WORK/followed" 2>"$WORK/followed.err" &
follower=$!

# heard TYPE NAME: the follower has heard of it.
heard() { jq -es --arg type "$1" --arg name "$2" 'any(.[]; .type == $type and .name == $name)' "$WORK/followed" >/dev/null; }

succeeds "create" pvhctl create "$(config told 'on_reboot = "restart"')" || return
within 5 "its creation is told" heard domain.created told
within 5 "and that it runs" heard domain.unpaused told
first=$(pvhctl domid told)
succeeds "pause" pvhctl pause told
within 5 "a pause is told" heard domain.paused told
pvhctl unpause told
succeeds "a forced reboot" pvhctl reboot --force told
within 10 "the restart is told" heard domain.restarting told
again() { [ "$(pvhctl domid told 2>/dev/null || echo "$first")" != "$first" ]; }
within 10 "it runs again" again
succeeds "xl makes one" xl create -q "$(config theirs)"
# Who looks while xl has not yet written its name hears of that afterwards.
heard_of_theirs() { jq -es --argjson id "$(domid_of theirs)" 'any(.[]; .type == "domain.created" and .domid == $id) and any(.[]; .domid == $id and .name == "theirs")' "$WORK/followed" >/dev/null; }
within 10 "what xl makes is told" heard_of_theirs
xl rename theirs others
within 10 "what xl renames is told" heard domain.renamed others

stop_pvhd -KILL
xl destroy others
start_pvhd
within 15 "the follower goes on after kill -9, and hears what ended meanwhile" heard domain.destroyed others
like "$(cat "$WORK/followed.err")" 'waiting for it to come back' "and says that it waited"
succeeds "destroy" pvhctl destroy told
ended() { [ "$(jq -r 'select(.type == "domain.destroyed" and .name == "told") | .seq' "$WORK/followed" | wc -l)" = 2 ]; }
within 5 "both lives have ended" ended
is "$(jq -s '[.[].seq] as $n | $n == [range($n[0]; $n[0] + ($n | length))]' "$WORK/followed")" true "every number came once"
is "$(jq -s '[.[].boot_id] | unique | length' "$WORK/followed")" 1 "of one log"
kill "$follower"

is "$(pvhctl events --json --since "$begin")" "$(cat "$WORK/followed")" "events --since tells the same"
is "$(pvhctl events --since "$begin" --type domain.destroyed | wc -l)" 3 "by type"
like "$(pvhctl events told)" 'domain.shutdown .*told\([0-9]+\)  reboot' "as text"
fails "a number of another log is refused" 'are gone' pvhctl events --since 1 --boot-id no-such-log

succeeds "one that powers off" pvhctl create "$(config brief 'kernel = "/guest/tiny-poweroff"' 'on_poweroff = "preserve"')"
is "$(pvhctl wait brief --for shutdown --timeout 60)" poweroff "wait tells why it ended"
fails "wait gives up" 'did not become gone in time' pvhctl wait brief --for gone --timeout 0.5
succeeds "destroy" pvhctl destroy brief
