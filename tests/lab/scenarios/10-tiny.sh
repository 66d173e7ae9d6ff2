# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The smallest guest through pvhd, from create to destroy.
# needs: both-xenstoreds
# limit: 120
#
# 1. pvhctl creates it, it runs; list, domid, domname agree with xl.
# 2. pause and unpause do, -p leaves it paused.
# 3. destroy ends it; a second destroy says that there is none.
# 4. xl destroys a domain of ours, and pvhd takes note.
# 5. pvhd lists, and destroys, a domain of xl's.

succeeds "pvhctl creates the tiny guest" create_with pvhctl "$(config tiny)" || return
id=$(domid_of tiny)
within 10 "it says hello" xen_log_says "$id" 'tiny: hello'
is "$(pvhctl list | awk '$1 == "tiny" {print $2, $3, $4}')" "$(xl list | awk '$1 == "tiny" {print $2, $3, $4}')" "list shows id, memory and vCPUs as xl does"
is "$(pvhctl list | head -n1)" "$(xl list | head -n1)" "list's header is xl's"
is "$(pvhctl domid tiny)" "$id" "domid"
is "$(pvhctl domname "$id")" tiny "domname"
is "$(pvhctl list --json | jq -r '.domains[] | select(.name == "tiny") | .managed')" true "list --json says that it is ours"

succeeds "pause" pvhctl pause tiny
like "$(xl list tiny)" ' -[b-]p--- ' "xl sees it paused"
succeeds "unpause" pvhctl unpause tiny
idles() { xl list "$1" | grep -q -e ' -b---- '; }
within 5 "xl sees it idle again" idles tiny
succeeds "destroy" pvhctl destroy tiny
fails "a second destroy finds none" 'tiny' pvhctl destroy tiny
others() { pvhctl --json list | jq -r --argjson dying "$1" '.domains[] | select(.domid != 0 and .dying == $dying) | .domid'; }
is "$(others false)" "" "none but dom0 lives"
alone() { [ -z "$(others true)" ]; } # Xen has it until xenstored, too, has let go of its pages
within 5 "list is empty but for dom0" alone

succeeds "create -p" pvhctl create -p "$(config held)"
like "$(pvhctl list held)" ' -[b-]p--- ' "it stays paused"
unlike "$(xen_log "$(domid_of held)")" 'tiny: hello' "it has not run"
succeeds "destroy by domid" pvhctl destroy "$(domid_of held)"

create_with pvhctl "$(config ours)"
succeeds "xl destroys a domain of ours" xl destroy ours
no_longer_listed() { ! pvhctl list "$1"; }
within 5 "pvhd has taken note" no_longer_listed ours
succeeds "its name is free again" create_with pvhctl "$(config ours)"
pvhctl destroy ours

create_with xl "$(config theirs)"
listed() { pvhctl list "$1"; }
within 5 "pvhd lists a domain of xl's" listed theirs
is "$(pvhctl list --json | jq -r '.domains[] | select(.name == "theirs") | .managed')" false "and says that it is not ours"
fails "its name is taken" 'theirs.*' create_with pvhctl "$(config theirs)"
succeeds "pvhctl destroys it when told to" pvhctl destroy theirs
