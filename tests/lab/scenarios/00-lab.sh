# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The lab itself: what every other scenario takes for granted.
# needs: no-pvhd
# limit: 90
#
# 1. Xen can run PVH guests here: HVM with hardware assisted paging.
# 2. The xenstored that runs is the one that was asked for.
# 3. xl creates the tiny guest, which says hello; xl destroys it.
# 4. xl boots a stock Linux, which gets ready, reports, and powers off when asked.
# 5. The leak check finds a left xenstore node, a left domain and a left process, and is content when they are gone.

like "$(xl info)" '^virt_caps.*hvm hap' "Xen offers HVM and HAP"
kind=xenstored
[ "$LAB_XENSTORED" = ocaml ] && kind=oxenstored
is "$(tr '\0' ' ' <"/proc/$(cat /run/xenstored.pid)/cmdline" | sed 's/ .*//')" "$kind" "the $LAB_XENSTORED xenstored runs"

succeeds "xl creates the tiny guest" create_with xl "$(config tiny)"
within 10 "the tiny guest says hello" xen_log_says "$(domid_of tiny)" 'tiny: hello'
succeeds "xl destroys it" destroy_with xl tiny

for end in poweroff:0 reboot:1 crash:3; do
    create_with xl "$(config tiny "kernel = \"/guest/tiny-${end%:*}\"" 'on_poweroff = "preserve"' 'on_reboot = "preserve"' 'on_crash = "preserve"')"
    within 10 "tiny-${end%:*} asks for its shutdown" has_shut_down tiny "${end#*:}"
    destroy_with xl tiny
done

succeeds "xl creates a Linux guest" create_with xl "$(linux_config linux 'extra = "console=hvc0 pvh.do=report,idle"')"
within 30 "Linux reaches its init" ready linux
within 10 "Linux reports" console_says linux '^guest: report end'
like "$(console linux)" '^guest: hypervisor xen PVH' "Linux sees that it is a PVH guest"
like "$(console linux)" '^guest: cpus online 0 ' "Linux has its vCPU"
succeeds "Linux powers off when asked" timeout $((20 * patience)) xl shutdown -w linux
within 20 "the Linux guest is gone" gone linux

is "$(leaks "$WORK/before")" "" "nothing is left of these" # xl itself still destroys a domain that has ended, when its name has gone
remember "$WORK/now"
is "$(leaks "$WORK/now" 0)" "" "the leak check is content when nothing has changed"
xenstore-write /lab-leak 1
like "$(leaks "$WORK/now" 0)" '^left behind: node /lab-leak ' "the leak check finds a left node"
xenstore-rm /lab-leak
create_with xl "$(config left)"
found=$(leaks "$WORK/now" 0)
like "$found" '^left behind: domain left ' "the leak check finds a left domain"
like "$found" "^Xen's free memory: " "the leak check finds memory that Xen has not got back"
destroy_with xl left
xenstore-watch /lab-leak >/dev/null &
poll $((10 * patience)) grep -q '^xenstore-watch' /proc/$!/cmdline
like "$(leaks "$WORK/now" 0)" '^left behind: process xenstore-watch /lab-leak' "the leak check finds a left process"
kill $!
is "$(leaks "$WORK/now")" "" "the leak check is content when they are gone"
