# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Calls that are answered before they are done, and requests that are sent again.
# limit: 200
#
# 1. A build is cancelled in the middle, and nothing is left of it.
# 2. create --job returns with a job; job-wait returns when the domain is there; jobs lists it.
# 3. A job that fails fails job-wait with the error that create would have had.
# 4. create --request-id sent again makes no second domain, also when pvhd was killed before it could answer.

# A kernel that nobody has unpacked since pvhd started takes seconds here.
stop_pvhd
start_pvhd
remember "$WORK/state"
job=$(pvhctl create --job "$(linux_config slow)")
succeeds "cancel" pvhctl job-cancel "$job"
fails "it ends cancelled" 'the job was cancelled' pvhctl job-wait "$job" --timeout $((60 * patience))
is "$(pvhctl --json jobs | jq -r '.jobs[-1].state')" cancelled "and is listed so"
is "$(leaks "$WORK/state")" "" "nothing of it is left"
succeeds "its name is free" pvhctl create "$(config slow)"
pvhctl destroy slow

small=$(config small)
job=$(pvhctl create --job "$small") || not_ok "create --job" || return
succeeds "job-wait" pvhctl job-wait "$job" --timeout $((20 * patience))
succeeds "the domain is there" pvhctl domid small
like "$(pvhctl jobs)" "^$job done .* domain.create " "jobs lists it"
is "$(pvhctl --json jobs | jq -c '.jobs[-1] | [.done == .total, .result.name]')" '[true,"small"]' "with all its stages, and its result"
fails "job-wait tells how a job failed" 'a domain "small" exists' pvhctl job-wait "$(pvhctl create --job "$small")"
pvhctl destroy small

succeeds "a request with an id" pvhctl create --request-id one "$small"
first=$(pvhctl domid small)
succeeds "sent again" pvhctl create --request-id one "$small"
is "$(pvhctl domid small)" "$first" "is the same domain"
fails "another request of that id is refused" 'was that of another request' pvhctl create --request-id one "$(config other)"
stop_pvhd
start_pvhd
succeeds "sent again to the next pvhd" pvhctl create --request-id one "$small"
is "$(pvhctl domid small)" "$first" "it is still the same domain"
pvhctl destroy small

stop_pvhd
LD_PRELOAD=/lab/die_at.so start_pvhd
for point in "rename 2" "xc_domain_unpause 1" "xc_domain_create 1"; do
    echo "$point" >/run/die-at
    fails "killed before $point, nobody answers" 'connection to pvhd broke' pvhctl create --request-id "at $point" "$small"
    LD_PRELOAD=/lab/die_at.so start_pvhd
    succeeds "sent again" pvhctl create --request-id "at $point" "$small"
    is "$(pvhctl --json list | jq '[.domains[] | select(.name == "small" and .managed and (.paused | not))] | length')" 1 "there is one domain, and it runs"
    pvhctl destroy small
done
stop_pvhd
start_pvhd
