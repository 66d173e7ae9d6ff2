# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Several things at once.
# needs: long
# limit: 200
#
# 1. While a slow create runs, a quick one and queries get through.
# 2. A client killed in mid-create takes nothing with it: the domain exists, whole.
# 3. Two creates of one name: one domain.
# 4. Twenty creates at once, and as many destroys.

cp /guest/vmlinuz-xz "$WORK/cold" # a file of its own: not yet in the cache
create_with pvhctl "$(linux_config slow "kernel = \"$WORK/cold\"")" &
slow=$!
sleep 1
succeeds "a quick create gets through" create_with pvhctl "$(config quick)"
succeeds "a query gets through" pvhctl list
if kill -0 "$slow" 2>/dev/null; then ok "the slow create is still at it"; else skip "the slow create is still at it" "it was too quick on this machine"; fi
wait "$slow"
is "$?" 0 "the slow create succeeds"
pvhctl destroy quick
pvhctl destroy slow

cp /guest/vmlinuz-xz "$WORK/cold2"
create_with pvhctl "$(linux_config orphan "kernel = \"$WORK/cold2\"")" &
client=$!
sleep 1.5
kill -9 "$client" 2>/dev/null
pkill -9 -x pvhctl
within 30 "the domain of a killed client gets ready" ready orphan
pvhctl destroy orphan

for i in 1 2 3 4; do create_with pvhctl "$(config twin)" >"$WORK/twin.$i" 2>&1 & done
wait
is "$(pvhctl list | awk '$1 == "twin"' | wc -l)" 1 "four creates of one name make one domain"
pvhctl destroy twin

clients=()
for i in $(seq 20); do
    create_with pvhctl "$(config "many-$i")" 2>"$WORK/many.$i" &
    clients+=($!)
done
failed=0
for client in "${clients[@]}"; do wait "$client" || failed=$((failed + 1)); done
is "$failed" 0 "twenty creates at once succeed"
is "$(xl list | grep -c '^many-')" 20 "xl sees twenty domains"
for i in $(seq 20); do pvhctl destroy "many-$i" & done
wait
is "$(xl list | grep -c '^many-')" 0 "twenty destroys at once succeed"
