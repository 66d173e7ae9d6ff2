# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Pacemaker's agent for Xen, as Debian has it, with pvhctl in xl's place.
# needs: long
# limit: 200
#
# 1. ocf-tester finds no fault with the agent: with xl, and with pvhctl called as xl. It says the same words of both.
# 2. A domain that the agent started, and that crashes or is destroyed, is seen by its monitor.
#
# xmllint, which ocf-tester has look at the agent's own description, is a stand-in that finds nothing wrong.

agent=/usr/lib/ocf/resource.d/heartbeat/Xen
real=$(command -v xl)
mkdir "$WORK/ours" "$WORK/theirs" "$WORK/stubs"
ln -s "$(command -v pvhctl)" "$WORK/ours/xl"
ln -s "$real" "$WORK/theirs/xl"
printf '#!/bin/sh\ncat >/dev/null\n' >"$WORK/stubs/xmllint"
chmod 755 "$WORK/stubs/xmllint"
mkdir -p /usr/share/resource-agents /run/resource-agents
file=$(config clustered)
with() { PATH=$WORK/$1:$WORK/stubs:$PATH OCF_ROOT=/usr/lib/ocf HA_LOGFACILITY=none HA_LOGFILE=$WORK/$1.log "${@:2}"; } # ours|theirs COMMAND...
tested() { with "$1" ocf-tester -n clustered -o "xmfile=$file" -o shutdown_timeout=5 "$agent" >"$WORK/$1.out" 2>&1; }

succeeds "ocf-tester, with xl" tested theirs
succeeds "ocf-tester, with pvhctl" tested ours
like "$(cat "$WORK/ours.out")" 'passed all tests' "the agent passes all tests"
is "$(cat "$WORK/ours.out")" "$(cat "$WORK/theirs.out")" "in the words that it has with xl"
for who in theirs ours; do diag "$who: $(tail -n 5 "$WORK/$who.out" | tr '\n' ';')"; done

action() { with ours env OCF_RESOURCE_INSTANCE=clustered OCF_RESOURCE_TYPE=Xen OCF_RESKEY_xmfile="$file" OCF_RESKEY_CRM_meta_timeout=20000 \
    OCF_RESKEY_CRM_meta_interval=10000 __OCF_ACTION="$1" "$agent" "$1" >>"$WORK/action.log" 2>&1; }
status_of() { "$@"; echo $?; }
is "$(status_of action start)" 0 "the agent starts a domain"
is "$(pvhctl --json list clustered | jq '.domains[0].managed')" true "which is pvhd's"
is "$(status_of action monitor)" 0 "its monitor sees it"
pvhctl destroy clustered
is "$(status_of action monitor)" 7 "and sees that it is gone"
is "$(status_of action stop)" 0 "to stop it once more is no error"
