# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What pvhctl plan tells is what create then does.
# limit: 60
#
# 1. plan touches nothing, and names the hypercalls and the nodes.
# 2. After create, xenstore holds the nodes of the plan, with their values and permissions.

file=$(config planned 'vcpus = 2' 'cpus = "0"' 'cpu_weight = 512' 'uuid = "8f5cd4c1-06b5-4f0f-9b0e-3d1d3f5f7a10"')
xenstore-ls -fp >"$WORK/nodes.before"
succeeds "plan" pvhctl plan -q "$file"
like "$(pvhctl plan -q "$file")" 'domctl scheduler_op: weight 512' "it names the hypercalls"
pvhctl --json plan -q "$file" >"$WORK/plan.json"
is "$(xenstore-ls -fp | diff "$WORK/nodes.before" - | grep -c '^[<>]')" 0 "it touched nothing"
is "$(pvhctl list | grep -c planned)" 0 "there is no such domain"

succeeds "create" pvhctl create "$file" -p
id=$(domid_of planned)
# The start time and the console's pty are of the moment; the frontend and backend of the console end in numbers of their own.
moment='start_time|/console/tty|^/local/domain/[0-9]+/console/(limit|type)'
planned() {
    jq -r --arg id "$id" '.nodes[] | "\(.path) = \"\(.value)\"   (\(.permissions))" | gsub("32767"; $id)' "$WORK/plan.json" | grep -vE "$moment" | sort
}
there() { xenstore-ls -fp | grep -E "^/(local/domain/$id|libxl/$id|vm/8f5cd4c1-[^ ]*|local/domain/0/backend/console/$id)[ /]" | grep -vE "$moment" | sort; }
like "$(planned | wc -l)" '^[4-9][0-9]$' "the plan has all nodes"
is "$(diff <(planned) <(there) | grep '^<')" "" "what was planned is there, with its permissions"
pvhctl destroy planned
