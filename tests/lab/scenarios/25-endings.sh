# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What pvhd does when guests end by themselves.
# needs: both-xenstoreds
# limit: 150
#
# 1. poweroff, reboot and crash are told apart.
# 2. destroy, preserve and restart are done as the config says; a restart keeps the UUID.
# 3. A guest that reboots at once for ever does not keep the host busy: restarts are braked.
# 4. on_crash = "preserve" leaves the crashed domain for a look.

keep=('on_poweroff = "preserve"' 'on_reboot = "preserve"' 'on_crash = "preserve"')
for end in poweroff:0 reboot:1 crash:3; do
    word=${end%:*}
    create_with pvhctl "$(config tiny "kernel = \"/guest/tiny-$word\"" "${keep[@]}")"
    within 10 "$word: the domain has stopped and is preserved" has_shut_down tiny "${end#*:}"
    stopped() { [ "$(pvhctl list --json | jq -r '.domains[] | select(.name == "tiny") | .shutdown_reason')" = "$word" ]; }
    within 5 "$word: pvhctl names the reason" stopped
    pvhctl destroy tiny
done

gone_for_both() { gone_for_pvhd "$1" && gone "$1"; } # its nodes go first, and only then it and its name for pvhd
succeeds "one that powers off" create_with pvhctl "$(config tiny 'kernel = "/guest/tiny-poweroff"')"
within 10 "poweroff destroys by default" gone_for_both tiny
succeeds "one that crashes" create_with pvhctl "$(config tiny 'kernel = "/guest/tiny-crash"')"
within 10 "crash destroys by default" gone_for_both tiny

uuid=6f3b2f8e-5d0c-4f0a-9a53-0c5f3b1f7a11
create_with pvhctl "$(config loop 'kernel = "/guest/tiny-reboot"' "uuid = \"$uuid\"")"
lives() { pvhctl events --json loop --type domain.created | wc -l; }
another() { [ "$(lives)" -ge 2 ]; }
within 10 "reboot restarts by default" another
is "$(pvhctl list --json | jq -r '.domains[] | select(.name == "loop") | .uuid')" "$uuid" "the UUID is kept"
sleep 13
like "$(grep -c 'loop' /var/log/pvhd.log)" '^[0-9]+$' "the log names the domain"
number=$(lives) # without a pause it has 12 at once, and is given up
[ "$number" -ge 2 ] && [ "$number" -le 9 ] && ok "restarts of a reboot loop are braked: $number lives" || not_ok "restarts of a reboot loop are braked: $number lives"
succeeds "a braked domain can be destroyed" pvhctl destroy loop
within 10 "and stays away" gone loop
