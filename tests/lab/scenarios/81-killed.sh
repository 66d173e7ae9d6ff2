# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# pvhd is killed (SIGKILL) just before a call to Xen, xenstored or the kernel, in the middle of its work, and started again.
# limit: 600
#
# 1. What it was doing is done, or it is as if it had never begun; nothing is left over.
# 2. A guest of another domain does not notice.
# 3. A restart that cannot be done is tried again, by the next pvhd as well.
#
# The fake Xen has every such moment (killed_test.cpp); these are 18 of them on a real one, 10 in the short suite.

points=/lab/die_at.points
of_these() { if [ "$LAB_FULL" = yes ]; then echo "$@"; else echo "$1 ${*: -1}"; fi; } # all, or the first and the last
ip link add xenbr0 type bridge && ip link set xenbr0 up
truncate -s 8M "$WORK/one.img" "$WORK/two.img"
start_killable() { LD_PRELOAD=/lab/die_at.so start_pvhd; }
stop_pvhd
succeeds "pvhd starts with its points of death" start_killable || return
like "$(wc -l <$points)" '^([4-9][0-9]|[1-9][0-9][0-9])$' "there are 40 of them at least"

initrd=$(answering | with_job)
bystander=$(linux_config bystander "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"')
succeeds "a guest runs beside it all" pvhctl create "$bystander" || return
within 60 "it listens" console_says bystander '^guest: listens' || return
bystander_id=$(domid_of bystander)
uptime_before=$(ask bystander 'cut -d. -f1 /proc/uptime')
started=$SECONDS
remember "$WORK/state"

victim=$(config victim "disk = ['$WORK/one.img,raw,xvda,rw']" "vif = ['bridge=xenbr0']" 'cmdline = "sleep"' 'on_reboot = "restart"')
status_of() { pvhctl --json list | jq -r ".domains[] | select(.name == \"victim\") | .$1"; }
devices_of() { pvhctl --json block-list victim | jq '.domains[0].devices | length'; }
runs() { [ "$(status_of state)" != "" ] && [ "$(status_of paused)" = false ] && [ "$(status_of shutdown)" = false ] && [ "$(status_of operation)" = "" ]; }

# die FUNCTION COUNT COMMAND...: pvhd is to be dead after the command.
die() {
    echo "$1 $2" >/run/die-at
    "${@:3}" >"$WORK/answer" 2>&1
    poll $((5 * patience)) eval '! pvhd_alive' && return
    rm -f /run/die-at
    pvhctl destroy victim >/dev/null 2>&1
    not_ok "$1 $2 is reached by ${*:3}"
}

# whole DISKS: the victim is there, managed, runs, and has its devices.
whole() { poll $((20 * patience)) runs && [ "$(status_of managed)" = true ] && [ "$(devices_of)" = "$1" ]; }

create_victim() { pvhctl create "$victim" >/dev/null; }

# after WHAT CHECK...: the next pvhd comes; the check holds, or the victim is gone. Then it is destroyed.
after() {
    local what=$1
    shift
    start_killable || { not_ok "$what: pvhd starts again"; return; }
    if "$@"; then ok "$what"; else
        not_ok "$what: ${*}" || diag "$(pvhctl --json list | jq -c '.domains[]')" "$(tail -n 15 "$pvhd_log")"
    fi
    pvhctl destroy victim >/dev/null 2>&1
}

nothing_left() { is "$(leaks "$WORK/state")" "" "$1: nothing is left behind"; } # a look costs some seconds: not after each death

whole_or_gone() { [ -z "$(status_of state)" ] || whole "$1"; }

for point in $(of_these xc_domain_create:1 writev:2 xc_domain_populate_physmap:1 writev:5 rename:2 xc_domain_unpause:1); do
    die "${point%:*}" "${point#*:}" pvhctl create "$victim" && after "create, killed before $point" whole_or_gone 1
done
nothing_left create

for point in $(of_these xc_domain_pause:1 writev:6 xc_domain_destroy:1 remove:1); do
    create_victim
    die "${point%:*}" "${point#*:}" pvhctl destroy victim && after "destroy, killed before $point" whole_or_gone 1
done
nothing_left destroy

for point in $(of_these rename:1 xc_domain_create:1 rename:2 xc_domain_unpause:1); do
    create_victim
    die "${point%:*}" "${point#*:}" pvhctl reboot --force victim && after "restart, killed before $point" whole 1
done
nothing_left restart

one_or_two() { whole 1 || whole 2; }
for point in $(of_these writev:2 writev:4); do
    create_victim
    die "${point%:*}" "${point#*:}" pvhctl block-attach victim "$WORK/two.img,raw,xvdb,w" && after "attach, killed before $point" one_or_two
done
nothing_left attach

# The tiny guest has no driver: nobody answers a detach, but by force.
none_or_one() { whole 0 || whole 1; }
for point in $(of_these writev:4 rename:1); do
    create_victim
    die "${point%:*}" "${point#*:}" pvhctl block-detach --force victim xvda && after "detach, killed before $point" none_or_one
done
nothing_left detach

# A restart that cannot be done now.
cp /guest/tiny "$WORK/kernel"
sed -i "s,^kernel.*,kernel = \"$WORK/kernel\"," "$victim"
create_victim
mv "$WORK/kernel" "$WORK/kernel.away"
pvhctl reboot --force victim
within 10 "a restart that fails is told of" eval '[ "$(status_of state)" = restarting ]'
# After 10 s it is tried again, and then after twice as long.
remarks='attempt (1 failed .*kernel.*after 10 s|2 failed .*kernel.*after 20 s|3 failed .*kernel.*after 40 s|[4-9] failed .*kernel.*after 60 s)'
has_remark() { grep -qE "$remarks" <<<"$(status_of remark)"; }
within 5 "with the reason and the time of the next attempt" has_remark
like "$(pvhctl list | grep victim)" '^victim +- ' "list shows it, without a number"
fails "others are told what is under way" 'restart of domain "victim".*attempt [1-9] failed' pvhctl pause victim
stop_pvhd -KILL
start_killable
mv "$WORK/kernel.away" "$WORK/kernel"
within 30 "the next pvhd does it" whole 1
pvhctl destroy victim
create_victim
rm "$WORK/kernel"
pvhctl reboot --force victim
within 10 "it fails again" eval '[ "$(status_of state)" = restarting ]'
succeeds "destroy calls a restart off" pvhctl destroy victim
is "$(leaks "$WORK/state")" "" "and nothing is left"

is "$(domid_of bystander)" "$bystander_id" "the guest beside it has its number"
uptime_after=$(ask bystander 'cut -d. -f1 /proc/uptime')
like "$((uptime_after - uptime_before >= (SECONDS - started) / 2))" 1 "and has run all the time ($uptime_before s, then $uptime_after s)"
pvhctl destroy bystander
stop_pvhd
start_pvhd
ip link del xenbr0
